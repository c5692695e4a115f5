"""Skill `products`: up to three digits times one and two times two (beyond: three times two, four times one)."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.data.problems import signed
from yunqi.data.problems.number_words import spelled
from yunqi.data.problems.phrasing import (
    answer_sentence,
    asked,
    in_symbols,
    in_words,
    listed,
    number,
    pick,
    wrap,
)
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "products"
LENGTHS = ((1, 1), (2, 1), (2, 2), (3, 1))
LENGTH_WEIGHTS = (14, 36, 32, 18)
LENGTHS_BEYOND = ((3, 2), (4, 1))
ROUND_SHARE = 0.05
SQUARE_SHARE = 0.04
SPELLED_SHARE = 0.12
SIGNED_SHARE = 0.04

SENTENCES: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "Multiply {a} by {b}. | Multiply {a} and {b}. | Multiply {a} with {b}. | What is the product of {a} and {b}?"
        "| Product of {a} and {b}? | Find the product of {a} and {b}. | the product of {a} and {b}"
        "| What do you get if you multiply {a} by {b}? | How much is {a} taken {b} times?"
        "| Can you multiply {a} by {b}?"
        "| What do I get when I multiply {a} by {b}? | {a} groups of {b} make how many?"
        "| Compute the product of {a} and {b}."
        "| How many are {a} rows of {b}? | I multiply {a} by {b}. What comes out? | Take {a} and multiply it by {b}."
        "| How much are {a} lots of {b}? | If I have {a} bags with {b} each, how many is that?"
        "| {b} multiplied with {a}?"
    ),
    "de": listed(
        "Multipliziere {a} mit {b}. | Was ist das Produkt von {a} und {b}? | Produkt von {a} und {b}?"
        "| Nimm {a} mal {b}."
        "| Wie lautet das Produkt aus {a} und {b}? | Was kommt heraus, wenn ich {a} mit {b} multipliziere?"
        "| Kannst du {a} mit {b} multiplizieren? | Berechne das Produkt von {a} und {b}."
    ),
    "zh": listed(
        "{a}和{b}的积是多少？ | {a}与{b}的积是多少？ | 求{a}与{b}的积。 | {a}的{b}倍是多少？ | {b}个{a}是多少？"
        "| 把{a}和{b}相乘。"
        "| {a}和{b}的乘积是多少？ | {a}和{b}相乘得多少？"
    ),
}
# Factors with a name of their own.
NAMED: Mapping[Language, Mapping[int, tuple[str, ...]]] = {
    "en": {
        2: listed("double {n} | twice {n} | the double of {n} | two times {n}"),
        3: listed("three times {n} | the triple of {n} | triple {n}"),
        4: listed("four times {n}"),
    },
    "de": {2: listed("das Doppelte von {n} | zweimal {n}"), 3: listed("das Dreifache von {n} | dreimal {n}")},
    "zh": {2: listed("{n}的两倍 | {n}的二倍"), 3: listed("{n}的三倍")},
}
NAMED_SHARE = 0.35
SQUARES: Mapping[Language, tuple[str, ...]] = {
    "en": listed("{n} squared | the square of {n} | {n} times itself | {n}^2"),
    "de": listed("{n} zum Quadrat | das Quadrat von {n} | {n} hoch 2"),
    "zh": listed("{n}的平方"),
}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    a, b = _factors(random, beyond)
    if not beyond and a and b and random.random() < SIGNED_SHARE:
        return _signed(random, a, b, language)
    working = Working()
    question, in_other_words = _question(random, a, b, language)
    if in_other_words:
        working.head(f"{a}x{b}")
    result = str(working.multiply(a, b))
    return Problem(
        skill=SKILL,
        difficulty=len(str(max(a, b))) + len(str(min(a, b))) - 1,
        question=question,
        canonical=f"{max(a, b)}*{min(a, b)}",
        answer=result,
        thought=working.text,
        reply=answer_sentence(result, language),
        beyond=beyond,
        language=language,
    )


def _signed(random: Random, a: int, b: int, language: Language) -> Problem:
    a, b = signed.factors(random, a, b)
    digits = len(str(abs(a))) + len(str(abs(b))) - 1
    canonical = f"{max(a, b)}*{min(a, b)}"
    return signed.problem(random, SKILL, a, "*", b, canonical=canonical, difficulty=digits, language=language)


def _factors(random: Random, beyond: bool) -> tuple[int, int]:
    lengths = random.choice(LENGTHS_BEYOND) if beyond else random.choices(LENGTHS, LENGTH_WEIGHTS)[0]
    a, b = (_factor(random, digits) for digits in lengths)
    if lengths[0] == lengths[1] and random.random() < SQUARE_SHARE:
        b = a
    return (b, a) if random.random() < 0.4 else (a, b)


def _factor(random: Random, digits: int) -> int:
    if digits == 1:
        return random.randrange(0, 10) if random.random() < 0.1 else random.randrange(2, 10)
    if random.random() < ROUND_SHARE:
        return random.randrange(1, 10) * 10 ** (digits - 1)
    return random.randrange(10 ** (digits - 1), 10**digits)


def _question(random: Random, a: int, b: int, language: Language) -> tuple[str, bool]:
    """The question and whether it says something else than the two numbers in digits."""
    left, right = number(random, a, language), number(random, b, language)
    named = NAMED[language].get(a)
    if named and random.random() < NAMED_SHARE:
        return wrap(random, pick(random, named, n=right), language), True
    if a == b and random.random() < 0.6:
        return wrap(random, pick(random, SQUARES[language], n=a), language), True
    in_english_words = language == "en" and max(a, b) < 100 and random.random() < SPELLED_SHARE
    if in_english_words:
        left, right = spelled(random, a), spelled(random, b) if random.random() < 0.85 else right
    form = random.random()
    if form < 0.55 and not in_english_words:
        return wrap(random, in_symbols(random, left, "*", right), language), False
    if form < 0.77:
        return wrap(random, in_words(random, left, "*", right, language), language), in_english_words
    return asked(random, pick(random, SENTENCES[language], a=left, b=right), language), in_english_words
