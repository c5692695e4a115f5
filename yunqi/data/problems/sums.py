"""Skill `sums`: a + b and a - b with up to four digits each (beyond: five and six).

A fifth of the differences is negative. In English some numbers are written as words; their thought writes them as
digits first. A tenth has a number below zero in the question, of three digits at most (`signed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.data.problems import signed
from yunqi.data.problems.number_words import SPELLED_LIMIT, spelled
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

SKILL = "sums"
DIGITS = (1, 2, 3, 4)
DIGIT_WEIGHTS = (4, 8, 7, 7)
DIGITS_BEYOND = (5, 6)
SMALL_SHARE = 0.2
NEGATIVE_SHARE = 0.2
CLOSE_SHARE = 0.06
SPELLED_SHARE = 0.15
SIGNED_SHARE = 0.1

SENTENCES: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "+": listed(
            "Add {a} and {b}. | Add {b} to {a}. | Add {a} to {b}. | Add up {a} and {b}. | Can you add {a} and {b}?"
            "| What is the sum of {a} and {b}? | Sum of {a} and {b}? | the sum of {a} and {b}"
            "| Find the sum of {a} and {b}."
            "| What do you get if you add {a} and {b}? | What do I get when I add {b} to {a}? | Sum up {a} and {b}."
            "| I add {b} to {a}. What do I get? | What is {a} increased by {b}? | Find the total of {a} and {b}."
            "| How much are {a} and {b} together? | What do {a} and {b} make? | What do {a} and {b} add up to?"
            "| Which number is {b} more than {a}? | What is {b} more than {a}? | What number is {b} greater than {a}?"
            "| If I have {a} and get {b} more, how many do I have? | Put {a} and {b} together. | {a} and {b} more is?"
            "| What is the total of {a} and {b}? | Please add these: {a} and {b}"
            "| I have {a} and {b}. What is the sum?"
        ),
        "-": listed(
            "Subtract {b} from {a}. | What is the difference between {a} and {b}? | Take {b} away from {a}."
            "| Difference between {a} and {b}? | Take {b} from {a}. | What is left if you take {b} from {a}?"
            "| What do you get if you subtract {b} from {a}? | I take {b} from {a}. What is left?"
            "| Deduct {b} from {a}."
            "| What is {a} decreased by {b}? | What is {a} reduced by {b}? | What is {b} less than {a}?"
            "| Which number is {b} less than {a}? | How much more is {a} than {b}? | How much bigger is {a} than {b}?"
            "| How much is missing from {b} to {a}? | How far is it from {b} to {a}?"
            "| What do I add to {b} to get {a}?"
            "| If I have {a} and lose {b}, how many are left? | From {a} subtract {b}."
            "| How much less is {b} than {a}?"
            "| Can you subtract {b} from {a}? | Find the difference of {a} and {b}."
            "| Remove {b} from {a}. What remains?"
        ),
    },
    "de": {
        "+": listed(
            "Addiere {a} und {b}. | Was ist die Summe von {a} und {b}? | Summe von {a} und {b}?"
            "| Zähle {b} zu {a} dazu."
            "| Zähle {a} und {b} zusammen. | Wie viel sind {a} und {b} zusammen? | Was ergeben {a} und {b} zusammen?"
            "| Welche Zahl ist um {b} größer als {a}? | Wie lautet die Summe aus {a} und {b}? | Addiere {b} zu {a}."
        ),
        "-": listed(
            "Subtrahiere {b} von {a}. | Ziehe {b} von {a} ab. | Was ist die Differenz von {a} und {b}?"
            "| Wie groß ist der Unterschied zwischen {a} und {b}? | Was bleibt, wenn ich {b} von {a} abziehe?"
            "| Welche Zahl ist um {b} kleiner als {a}? | Wie viel fehlt von {b} bis {a}? | Nimm {b} von {a} weg."
        ),
    },
    "zh": {
        "+": listed(
            "{a}和{b}的和是多少？ | {a}与{b}的和是多少？ | 求{a}与{b}的和。 | {a}和{b}一共是多少？"
            "| {a}和{b}加起来是多少？"
            "| 把{a}和{b}相加。 | 比{a}多{b}的数是多少？ | {a}增加{b}是多少？"
        ),
        "-": listed(
            "{a}与{b}的差是多少？ | {a}和{b}的差是多少？ | 求{a}与{b}的差。 | 从{a}中减去{b}，得多少？"
            "| 比{a}少{b}的数是多少？"
            "| {a}比{b}多多少？ | {a}减少{b}是多少？ | {b}比{a}少多少？"
        ),
    },
}
# The sentences that order their numbers; the others ask for a distance, which has no sign.
DIRECTED = (
    "ubtra",
    "from {a}",
    "decreased",
    "reduced",
    "less than {a}",
    "von {a} ab",
    "kleiner",
    "从",
    "比{a}少",
    "减少",
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    if not beyond and random.random() < SIGNED_SHARE:
        return _signed(random, language)
    adding = random.random() < 0.5
    a, b = _operands(random, adding, beyond)
    in_english_words = language == "en" and max(a, b) < SPELLED_LIMIT and random.random() < SPELLED_SHARE
    working, sign = Working(), "+" if adding else "-"
    if in_english_words:
        working.head(f"{a}{sign}{b}")
    result = str(working.add(a, b) if adding else working.subtract(a, b))
    return Problem(
        skill=SKILL,
        difficulty=max(len(str(a)), len(str(b))),
        question=_question(random, a, sign, b, in_english_words, language),
        canonical=f"{max(a, b)}+{min(a, b)}" if adding else f"{a}-{b}",
        answer=result,
        thought=working.text,
        reply=answer_sentence(result, language),
        beyond=beyond,
        language=language,
    )


def _signed(random: Random, language: Language) -> Problem:
    a, sign, b = signed.terms(random)
    longer = max(len(str(abs(a))), len(str(abs(b))))
    canonical = f"{a}{sign}{b}"
    return signed.problem(random, SKILL, a, sign, b, canonical=canonical, difficulty=longer, language=language)


def _operands(random: Random, adding: bool, beyond: bool) -> tuple[int, int]:
    small = not beyond and random.random() < SMALL_SHARE
    a, b = _operand(random, beyond, small), _operand(random, beyond, small)
    if adding:
        return a, b
    if not beyond and random.random() < CLOSE_SHARE:
        b = max(0, a - random.randrange(20))
    a, b = max(a, b), min(a, b)
    return (b, a) if random.random() < NEGATIVE_SHARE else (a, b)


def _operand(random: Random, beyond: bool, small: bool) -> int:
    if small:
        digits = random.choice((1, 1, 2))
    else:
        digits = random.choice(DIGITS_BEYOND) if beyond else random.choices(DIGITS, DIGIT_WEIGHTS)[0]
    return random.randrange(0 if digits == 1 else 10 ** (digits - 1), 10**digits)


def _question(random: Random, a: int, sign: str, b: int, in_english_words: bool, language: Language) -> str:
    left, right = number(random, a, language), number(random, b, language)
    if in_english_words:
        left = spelled(random, a)
        right = spelled(random, b) if random.random() < 0.85 else right
    form = random.random()
    if form < 0.55 and not in_english_words:
        return wrap(random, in_symbols(random, left, sign, right), language)
    if form < 0.75:
        return wrap(random, in_words(random, left, sign, right, language), language)
    return asked(random, pick(random, _sentences(language, sign, a < b), a=left, b=right), language)


def _sentences(language: Language, sign: str, negative: bool) -> tuple[str, ...]:
    sentences = SENTENCES[language][sign]
    if sign == "-" and negative:
        return tuple(s for s in sentences if any(part in s for part in DIRECTED) and "left" not in s and "far" not in s)
    return sentences
