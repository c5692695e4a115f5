"""Dates: checked against the calendar of the standard library, in a year that is no leap year and borders on none."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.dates import generate
from yunqi.data.problems.dates_wording import MONTHS, WEEKDAYS
from yunqi.data.problems.missing_dates import REPLIES
from yunqi.data.problems.problem import LANGUAGES, Language

YEAR = 2022
EQUATION = re.compile(r"(\d+)([+-])(\d+)=(\d+)")
ANSWER_DATES = {"en": "{day} {month}", "de": "{day}. {month}", "zh": "{month}{day}日"}


def calendar_answer(canonical: str, language: Language) -> str:
    kind, _, body = canonical.partition(":")
    if kind == "between":
        first, second = map(read, body.split(","))
        return str((second - first).days % 365)
    start, sign, count = re.split(r"([+-])", body)
    steps = int(sign + count)
    if kind == "weekday":
        return WEEKDAYS[language][(WEEKDAYS["en"].index(start) + steps) % 7]
    if kind == "month":
        return MONTHS[language][(MONTHS["en"].index(start) + steps) % 12]
    then = read(start) + timedelta(days=steps)
    return told(then.day, then.month, language)


def told(day: int, month: int, language: Language) -> str:
    return ANSWER_DATES[language].format(day=day, month=MONTHS[language][month - 1])


def missing(canonical: str) -> tuple[int, int] | None:
    """Day and month of a date that does not exist."""
    for day, name in re.findall(r"(\d+) ([A-Z][a-z]+)", canonical):
        month = MONTHS["en"].index(name) + 1
        if int(day) > monthrange(YEAR, month)[1]:
            return int(day), month
    return None


def read(text: str) -> date:
    day, month = text.split(" ")
    return date(YEAR, MONTHS["en"].index(month) + 1, int(day))


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_calendar_gives_the_same_answer(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert problem == generate(Random(seed), beyond=beyond, language=language)
    if no_such := missing(problem.canonical):
        assert not beyond
        assert problem.answer == ""
        assert problem.reply == REPLIES[language].format(x=told(*no_such, language))
        return
    assert problem.answer == calendar_answer(problem.canonical, language)
    assert problem.answer in problem.reply
    assert problem.thought.endswith(problem.answer)


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_every_equation_is_true(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    for left, sign, right, result in EQUATION.findall(problem.thought):
        assert int(left) + int(sign + right) == int(result), problem.thought


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32))
def test_the_question_names_its_weekday_or_month(language: Language, seed: int) -> None:
    problem = generate(Random(seed), language=language)
    for names in (WEEKDAYS, MONTHS):
        for english, name in zip(names["en"], names[language], strict=True):
            if re.search(rf"\b{english}\b", problem.canonical):
                assert name.lower() in problem.question.lower()


@given(seed=st.integers(0, 2**32))
def test_beyond_reaches_further(seed: int) -> None:
    for beyond in (False, True):
        kind, _, body = generate(Random(seed), beyond=beyond).canonical.partition(":")
        if kind != "between":
            limit = {"weekday": 60, "date": 31, "month": 11}[kind]
            assert (int(re.split(r"[+-]", body)[1]) > limit) == beyond


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_few_dates_do_not_exist_in_any_year(language: Language) -> None:
    random = Random(5)
    named = [p for p in (generate(random, language=language) for _ in range(6000)) if p.canonical[0] in "db"]
    absent = [p for p in named if missing(p.canonical)]
    assert 0.02 < len(absent) / len(named) < 0.04
    assert {p.canonical.partition(":")[0] for p in absent} == {"date", "between"}
    for problem in absent:
        day, month = missing(problem.canonical) or (0, 0)
        assert day > monthrange(2024, month)[1]
        assert problem.thought == f"{MONTHS[language][month - 1]} {monthrange(YEAR, month)[1]}\n" + (
            f"{day}>{monthrange(YEAR, month)[1]} impossible"
        )


def test_all_kinds_are_asked_and_weeks_have_names() -> None:
    problems = [generate(Random(seed)) for seed in range(1500)]
    assert {problem.canonical.partition(":")[0] for problem in problems} == {"weekday", "date", "between", "month"}
    assert any("two weeks" in problem.question and problem.canonical.endswith("14") for problem in problems)
