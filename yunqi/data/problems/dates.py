"""Skill `dates`: weekdays and dates some days away, the days between two dates, and the order of months. No leap years.

Canonical, in English whatever the language: "weekday:Monday+10", "weekday:Tuesday-5", "date:25 March+10",
"date:3 May-7", "between:3 March,17 March" and "month:June+1". Weekdays reach up to 60 days, dates up to 31 and spans up
to two months; beyond: up to 99 days, 32 to 55 days, spans of three and four months, months by more than a year.
Answers are in the language: "Thursday", "4 April", "Donnerstag", "4. April", "星期四", "4月4日".
Some ask about a date that does not exist (`missing_dates`).

Weeks are taken off in threes, then whole; weekdays and months go by their numbers:

    53-21=32          March 31
    32-21=11          25+10=35
    11-7=4            35-31=4
    Monday 1          4 April
    1+4=5
    5 Friday
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems import missing_dates
from yunqi.data.problems.dates_telling import DAYS_IN, Drawn, answer_date, asked_date, length, told
from yunqi.data.problems.dates_wording import DAYS, FRAMES, MONTHS, MONTHS_TOLD, WEEKDAYS
from yunqi.data.problems.phrasing import answer_sentence, careless
from yunqi.data.problems.problem import Language, Problem

SKILL = "dates"
KINDS = {"weekday": 10, "date": 9, "between": 6, "month": 3}
WEEKDAY_DAYS = (60, 99)
DATE_DAYS = (31, 55)
BETWEEN_MONTHS = (2, 4)
MONTHS_AWAY = (11, 23)
NAMED_DAYS = (1, 1, 2, 7, 14)
NAMED_SHARE = 0.8
MISSING_SHARE = 0.03


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    kind = random.choices(tuple(KINDS), tuple(KINDS.values()))[0]
    reply = None
    if kind in ("date", "between") and not beyond and random.random() < MISSING_SHARE:
        drawn, reply = missing_dates.missing(random, language)
    else:
        draw = {"weekday": _weekday, "date": _date, "between": _between, "month": _month}[kind]
        drawn = draw(random, beyond, language)
    question = random.choice(FRAMES[language, drawn.frame]).format(**drawn.values)
    return Problem(
        skill=SKILL,
        difficulty=drawn.difficulty,
        question=careless(random, question[0].upper() + question[1:]),
        canonical=drawn.canonical,
        answer=drawn.answer,
        thought="\n".join(drawn.lines),
        reply=reply or answer_sentence(drawn.answer, language),
        beyond=beyond,
        language=language,
    )


def _weekday(random: Random, beyond: bool, language: Language) -> Drawn:
    start = random.randrange(7)
    days = random.randrange(WEEKDAY_DAYS[0] + 1, WEEKDAY_DAYS[1] + 1) if beyond else _days(random)
    sign = random.choice("++-")
    lines, rest = _without_weeks(days)
    names = WEEKDAYS[language]
    answer = names[(start + (days if sign == "+" else -days)) % 7]
    lines += [f"{names[start]} {start + 1}", *_around(start + 1, sign, rest, 7)]
    lines.append(f"{names.index(answer) + 1} {answer}")
    return Drawn(
        frame=f"weekday{sign}{days}" if days in NAMED_DAYS and random.random() < NAMED_SHARE else f"weekday{sign}",
        values={"w": names[start], "n": told(random, DAYS[language], days, language)},
        canonical=f"weekday:{WEEKDAYS['en'][start]}{sign}{days}",
        difficulty=len(str(days)),
        lines=tuple(lines),
        answer=answer,
    )


def _days(random: Random) -> int:
    """Mostly up to a month, often a span that has a name."""
    form = random.random()
    if form < 0.16:
        return random.choice(NAMED_DAYS)
    return random.randrange(2, 31 if form < 0.6 else WEEKDAY_DAYS[0] + 1)


def _without_weeks(days: int) -> tuple[list[str], int]:
    """The steps that take off three weeks as often as possible, then the other whole ones."""
    lines = []
    while days >= 7:
        off = min(21, days // 7 * 7)
        lines.append(f"{days}-{off}={days - off}")
        days -= off
    return lines, days


def _around(start: int, sign: str, steps: int, size: int) -> list[str]:
    """Steps on a round of `size` places numbered from one; back beyond the first place goes a round up before."""
    if sign == "+":
        total = start + steps
        lines = [f"{start}+{steps}={total}"]
        return [*lines, f"{total}-{size}={total - size}"] if total > size else lines
    if steps < start:
        return [f"{start}-{steps}={start - steps}"]
    return [f"{start}+{size}={start + size}", f"{start + size}-{steps}={start + size - steps}"]


def _date(random: Random, beyond: bool, language: Language) -> Drawn:
    month, day = _any_date(random)
    days = random.randrange(DATE_DAYS[0] + 1, DATE_DAYS[1] + 1) if beyond else random.randrange(1, DATE_DAYS[0] + 1)
    sign = random.choice("++-")
    solve = _forward if sign == "+" else _backward
    lines, answer = solve(month, day, days, language)
    return Drawn(
        frame=f"date{sign}",
        values={"x": asked_date(random, month, day, language), "n": told(random, DAYS[language], days, language)},
        canonical=f"date:{day} {MONTHS['en'][month]}{sign}{days}",
        difficulty=len(str(days)),
        lines=(*lines, answer),
        answer=answer,
    )


def _forward(month: int, day: int, days: int, language: Language) -> tuple[list[str], str]:
    lines = [length(month, language), f"{day}+{days}={day + days}"]
    day += days
    while day > DAYS_IN[month]:
        lines.append(f"{day}-{DAYS_IN[month]}={day - DAYS_IN[month]}")
        day -= DAYS_IN[month]
        month = (month + 1) % 12
        if day > 28:
            lines.append(length(month, language))
    return lines, answer_date(month, day, language)


def _backward(month: int, day: int, days: int, language: Language) -> tuple[list[str], str]:
    lines = []
    while day <= days:
        month = (month - 1) % 12
        lines += [length(month, language), f"{day}+{DAYS_IN[month]}={day + DAYS_IN[month]}"]
        day += DAYS_IN[month]
    lines.append(f"{day}-{days}={day - days}")
    return lines, answer_date(month, day - days, language)


def _between(random: Random, beyond: bool, language: Language) -> Drawn:
    (month, day), (_, later) = _any_date(random), _any_date(random)
    months = random.randrange(BETWEEN_MONTHS[0] + 1, BETWEEN_MONTHS[1] + 1) if beyond else random.choice((0, 1, 1, 2))
    end = (month + months) % 12
    later = min(later, DAYS_IN[end])
    if months == 0 and later <= day:
        day, later = (later, day) if later < day else (1, 1 + random.randrange(1, 28))
    lines, answer = _span(month, day, months, later, language)
    return Drawn(
        frame="between",
        values={name: asked_date(random, *date, language) for name, date in (("x", (month, day)), ("y", (end, later)))},
        canonical=f"between:{day} {MONTHS['en'][month]},{later} {MONTHS['en'][end]}",
        difficulty=months + 1,
        lines=tuple(lines),
        answer=str(answer),
    )


def _span(month: int, day: int, months: int, later: int, language: Language) -> tuple[list[str], int]:
    """What is left of the first month, the whole months between, and the days of the last."""
    if months == 0:
        return [f"{later}-{day}={later - day}"], later - day
    total = DAYS_IN[month] - day
    lines = [length(month, language), f"{DAYS_IN[month]}-{day}={total}"]
    for between in range(month + 1, month + months):
        whole = DAYS_IN[between % 12]
        lines += [length(between % 12, language), f"{total}+{whole}={total + whole}"]
        total += whole
    return [*lines, f"{total}+{later}={total + later}"], total + later


def _month(random: Random, beyond: bool, language: Language) -> Drawn:
    start, names = random.randrange(12), MONTHS[language]
    months = random.randrange(MONTHS_AWAY[0] + 2, MONTHS_AWAY[1] + 1) if beyond else random.randrange(1, 12)
    sign = random.choice("++-")
    end = (start + (months if sign == "+" else -months)) % 12
    whole = [f"{months}-12={months - 12}"] if months > 12 else []
    around = _around(start + 1, sign, months % 12, 12)
    return Drawn(
        frame=f"month{sign}{'1' if months == 1 else ''}",
        values={"m": names[start], "n": told(random, MONTHS_TOLD[language], months, language)},
        canonical=f"month:{MONTHS['en'][start]}{sign}{months}",
        difficulty=len(str(months)),
        lines=(f"{names[start]} {start + 1}", *whole, *around, f"{end + 1} {names[end]}"),
        answer=names[end],
    )


def _any_date(random: Random) -> tuple[int, int]:
    month = random.randrange(12)
    return month, random.randrange(1, DAYS_IN[month] + 1)
