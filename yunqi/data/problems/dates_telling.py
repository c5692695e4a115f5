"""What every kind of date problem shares: an exercise before its wording, and how dates and spans are told."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from yunqi.data.problems.dates_wording import ANSWER_DATE, DATE_FORMS, MONTHS
from yunqi.data.problems.problem import Language

DAYS_IN = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
WORD_SHARE = 0.12
COUNTED_WORDS = {
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "zh": ("一", "两", "三", "四", "五", "六", "七", "八", "九", "十"),
}
SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One exercise before its wording: its row of frames, what they name, and the solved steps."""

    frame: str
    values: dict[str, str]
    canonical: str
    difficulty: int
    lines: tuple[str, ...]
    answer: str


def length(month: int, language: Language) -> str:
    return f"{MONTHS[language][month]} {DAYS_IN[month]}"


def answer_date(month: int, day: int, language: Language) -> str:
    return ANSWER_DATE[language].format(d=day, m=MONTHS[language][month])


def asked_date(random: Random, month: int, day: int, language: Language) -> str:
    last = day % 10 if day not in (11, 12, 13) else 0
    ordinal = f"{day}{SUFFIXES.get(last, 'th')}"
    return random.choice(DATE_FORMS[language]).format(d=day, m=MONTHS[language][month], o=ordinal)


def told(random: Random, forms: tuple[str, str], count: int, language: Language) -> str:
    """A number of days or months, now and then a short one as a word."""
    words = COUNTED_WORDS.get(language, ())
    if 1 <= count <= len(words) and random.random() < WORD_SHARE:
        return (forms[0] if count == 1 else forms[1]).replace("1" if count == 1 else "{n}", words[count - 1])
    return forms[0] if count == 1 else forms[1].format(n=count)
