"""Weekdays and dates, counted on a real calendar of a year that is not a leap year."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers.numbers import last_number
from yunqi.eval.verifiers.wording import words

_YEAR = 2023
_FIRST_MONDAY = date(2023, 1, 2)
_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": words("monday tuesday wednesday thursday friday saturday sunday"),
    "de": words("montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag"),
    "zh": tuple(f"(?:星期|周|礼拜)[{day}]" for day in words("一 二 三 四 五 六 日天")),
}
_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": words("january february march april may june july august september october november december"),
    "de": words("januar|jänner februar märz april mai juni juli august september oktober november dezember"),
    "zh": tuple(f"(?<![0-9]){month} ?月" for month in range(1, 13)),
}

_DATE = re.compile(r"(\d+) ([A-Z][a-z]+)")
_DENIED = re.compile(
    r"\bno(?:t|ne)?\b|n[’']t\b|never|cannot|invalid|impossible|\bkein|\bnicht\b|unmöglich|ungültig|没|不|无",
    re.IGNORECASE,
)


def dates(problem: Problem, text: str) -> bool:
    """`weekday:Monday+10`, `date:25 March-7`, `month:August-5`, `between:3 March,17 March`.

    Where the calendar has no such date, the answer has to say so of that date; a date that it has is not denied.
    """
    kind, _, body = problem.canonical.partition(":")
    if missing := next(filter(None, map(_missing, _DATE.findall(body))), None):
        return _last_date(text, problem.language) == missing and _DENIED.search(text) is not None
    if kind == "between":
        start, end = (_read_date(part) for part in body.split(","))
        return (end - start).days % 365 in last_number(text, problem.language)
    start, days = _split_offset(body)
    if kind == "weekday":
        day = _FIRST_MONDAY + timedelta(days=_WEEKDAYS["en"].index(start.lower()) + days)
        return _last_weekday(text, problem.language) == day.weekday()
    if kind == "month":
        month = (_MONTHS["en"].index(start.lower()) + days) % 12
        return _last_month(text, problem.language) == month
    if kind == "date":
        day = _read_date(start) + timedelta(days=days)
        return _last_date(text, problem.language) == (day.day, day.month) and not _DENIED.search(text)
    raise ValueError(f"the date problem {kind!r} is not known")


def _split_offset(body: str) -> tuple[str, int]:
    start, sign, days = re.fullmatch(r"(.+?)([+-])(\d+)", body).groups()  # pyright: ignore[reportOptionalMemberAccess]
    return start, int(sign + days)


def _read_date(text: str) -> date:
    day, month = text.split()
    return date(_YEAR, _MONTHS["en"].index(month.lower()) + 1, int(day))


def _missing(written: tuple[str, str]) -> tuple[int, int] | None:
    """Day and month, if no month of that name has such a day."""
    day, month = int(written[0]), _MONTHS["en"].index(written[1].lower()) + 1
    return None if day <= monthrange(_YEAR, month)[1] else (day, month)


def _last_weekday(text: str, language: Language) -> int | None:
    return _last_named(_WEEKDAYS[language], text, language)


def _last_month(text: str, language: Language) -> int | None:
    return _last_named(_MONTHS[language], text, language)


def _last_date(text: str, language: Language) -> tuple[int, int] | None:
    """The last date as day and month, in the ways a language writes it."""
    day = r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?(?!\d)"
    shapes = {
        "en": (rf"{day} (?:of )?MONTH\b", rf"\bMONTH (?:the )?{day}"),
        "de": (rf"{day} MONTH\b",),
        "zh": (r"MONTH ?(\d{1,2}) ?[日号]",),
    }[language]
    found = []
    for month, name in enumerate(_MONTHS[language], start=1):
        for shape in shapes:
            for match in re.finditer(shape.replace("MONTH", f"(?:{name})"), text.lower()):
                found.append((match.end(), int(match[1]), month))
    return max(found)[1:] if found else None


def _last_named(names: tuple[str, ...], text: str, language: Language) -> int | None:
    shape = "(?:{})" if language == "zh" else r"(?<![^\W\d_])(?:{})(?![^\W\d_])"
    found = [
        (match.end(), place)
        for place, name in enumerate(names)
        for match in re.finditer(shape.format(name), text.lower())
    ]
    return max(found)[1] if found else None
