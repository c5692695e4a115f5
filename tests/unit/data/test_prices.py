"""Prices: the bill, the change and the price of one, in cents on the way and in money at the end."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems import prices
from yunqi.data.problems.problem import Language
from yunqi.eval.verifiers.table import verify

MONEY = re.compile(r"^(\d+)[.,](\d\d)=(\d+)c$|^(\d+)c=(\d+)[.,](\d\d)$")
LANGUAGES = st.sampled_from(("en", "de", "zh"))
SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, language=LANGUAGES, beyond=st.booleans())
def test_the_reply_is_right_and_holds_the_answer(seed: int, language: Language, beyond: bool) -> None:
    problem = prices.generate(Random(seed), beyond=beyond, language=language)
    assert problem == prices.generate(Random(seed), beyond=beyond, language=language)
    assert problem.answer in problem.reply
    assert verify(problem, problem.reply)
    assert not verify(problem, problem.reply.replace(problem.answer, prices.money(7, "$", "en")))


@given(seed=SEEDS, language=LANGUAGES)
def test_a_thought_turns_money_into_cents_and_back(seed: int, language: Language) -> None:
    problem = prices.generate(Random(seed), language=language)
    lines = problem.thought.split("\n")
    for line in (line for line in lines if "c" in line):
        found = MONEY.match(line)
        assert found, line
        whole, part, cents = (found[1], found[2], found[3]) if found[1] else (found[5], found[6], found[4])
        assert int(whole) * 100 + int(part) == int(cents), line
    assert lines[0].endswith("c")
    assert lines[-1].split("=")[1] in problem.answer


@given(seed=SEEDS, language=LANGUAGES, beyond=st.booleans())
def test_the_question_names_every_count_and_price(seed: int, language: Language, beyond: bool) -> None:
    problem = prices.generate(Random(seed), beyond=beyond, language=language)
    kind, *details = problem.canonical.partition(";")[0].split(":")
    counts, amounts = [], []
    if kind == "each":
        whole, share = details[0].split("/")
        counts, amounts = [share], [whole]
    else:
        rows = [row.split("*") for row in details[-1].split(",")]
        counts = [count for count, _ in rows if count != "1"]
        amounts = [price for _, price in rows] + details[:-1]
    told = [Fraction(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", problem.question)]
    for count in counts:
        assert Fraction(count) in told, problem
    for amount in amounts:
        # A price below a full one may be told in cents.
        assert Fraction(amount) / 100 in told or (int(amount) < 100 and Fraction(amount) in told), problem


@given(seed=SEEDS)
def test_the_price_of_one_is_exact(seed: int) -> None:
    problem = prices.generate(Random(seed))
    if problem.canonical.startswith("each:"):
        whole, share = re.findall(r"\d+", problem.canonical)
        assert int(whole) % int(share) == 0


@given(seed=SEEDS)
def test_problems_beyond_are_longer_than_any_in_training(seed: int) -> None:
    beyond = prices.generate(Random(seed), beyond=True).canonical
    usual = prices.generate(Random(seed)).canonical
    assert beyond.count("*") > 3 or int(re.findall(r"\d+", beyond)[0]) // int(re.findall(r"\d+", beyond)[1]) >= 10_000
    assert usual.count("*") <= 3


@pytest.mark.parametrize(
    ("cents", "currency", "language", "text"),
    [(375, "$", "en", "$3.75"), (80, "£", "en", "£0.80"), (350, "€", "de", "3,50 €"), (500, "元", "zh", "5.00元")],
)
def test_money_is_written_as_its_language_does(cents: int, currency: str, language: Language, text: str) -> None:
    assert prices.money(cents, currency, language) == text


def test_there_are_many_different_problems() -> None:
    assert len({prices.generate(Random(seed)).canonical for seed in range(600)}) > 500
