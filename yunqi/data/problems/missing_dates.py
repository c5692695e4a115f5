"""Dates that no calendar has, such as 31 April or 40 May: asked about as the others are, and answered so.

29 February is left out: leap years have it. Canonical as of the other dates; the answer is empty, since the reply is
prose. The thought compares with the days of the month:

    April 30
    31>30 impossible
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.data.problems.dates_telling import DAYS_IN, Drawn, answer_date, asked_date, length, told
from yunqi.data.problems.dates_wording import DAYS, MONTHS
from yunqi.data.problems.problem import Language

SHORT_MONTHS = (1, 1, 1, 3, 5, 8, 10)
LONG_SHARE = 0.2  # days that no month has
DAYS_AWAY = 31
BETWEEN_SHARE = 0.3
REPLIES: Mapping[Language, str] = {"en": "There is no {x}.", "de": "Es gibt keinen {x}.", "zh": "没有{x}。"}


def missing(random: Random, language: Language) -> tuple[Drawn, str]:
    """An exercise about a date that does not exist, and its reply."""
    month, day = _day(random)
    values = {"x": asked_date(random, month, day, language)}
    date = f"{day} {MONTHS['en'][month]}"
    if random.random() < BETWEEN_SHARE:
        frame, canonical, values = _between(random, date, values["x"], language)
        difficulty = 1
    else:
        sign, days = random.choice("+-"), random.randrange(1, DAYS_AWAY + 1)
        frame, canonical, difficulty = f"date{sign}", f"date:{date}{sign}{days}", len(str(days))
        values["n"] = told(random, DAYS[language], days, language)
    lines = (length(month, language), f"{day}>{DAYS_IN[month]} impossible")
    drawn = Drawn(frame=frame, values=values, canonical=canonical, difficulty=difficulty, lines=lines, answer="")
    return drawn, REPLIES[language].format(x=answer_date(month, day, language))


def _day(random: Random) -> tuple[int, int]:
    if random.random() < LONG_SHARE:
        return random.randrange(12), random.randrange(32, 41)
    month = random.choice(SHORT_MONTHS)
    return month, random.randrange(max(30, DAYS_IN[month] + 1), 32)


def _between(random: Random, date: str, said: str, language: Language) -> tuple[str, str, dict[str, str]]:
    """From a date that exists to the one that does not, or the other way round."""
    month = random.randrange(12)
    day = random.randrange(1, DAYS_IN[month] + 1)
    other, other_said = f"{day} {MONTHS['en'][month]}", asked_date(random, month, day, language)
    if random.random() < 0.5:
        return "between", f"between:{date},{other}", {"x": said, "y": other_said}
    return "between", f"between:{other},{date}", {"x": other_said, "y": said}
