"""Skill `quotients`: up to four digits divided by one, with and without remainder (beyond: five digits).

The answer is "12 remainder 1", or "12" where nothing is left. A few divide by zero, which is refused, and a few have
numbers below zero, where nothing is left.
"""

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

SKILL = "quotients"
# Digits of the dividend; 0 stands for the tables, up to ten times the divisor.
DIGITS = (0, 2, 3, 4)
DIGIT_WEIGHTS = (30, 25, 30, 15)
DIGITS_BEYOND = 5
EXACT_SHARE = 0.5
SPELLED_SHARE = 0.1
NOTHING_SHARE = 0.015  # zero divided by something
SIGNED_SHARE = 0.04
BY_ZERO_SHARE = 0.03
REMAINDERS: Mapping[Language, str] = {"en": "{q} remainder {r}", "de": "{q} Rest {r}", "zh": "{q}余{r}"}

SENTENCES: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "Divide {a} by {b}. | What is the quotient of {a} and {b}? | How often does {b} go into {a}?"
        "| Split {a} into {b}."
        "| How many times does {b} go into {a}? | Share {a} equally among {b}. How much does each get?"
        "| Can you divide {a} by {b}? | What do you get if you divide {a} by {b}? | {a} split into {b} equal parts?"
        "| How many times does {b} fit into {a}? | Divide {a} into {b} equal groups. How many in each?"
        "| What do I get when I divide {a} by {b}? | Quotient of {a} and {b}?"
        "| If {b} people share {a}, what does each get?"
        "| How many {b}s are in {a}? | I divide {a} by {b}. What comes out? | Find the quotient of {a} and {b}."
    ),
    "de": listed(
        "Teile {a} durch {b}. | Dividiere {a} durch {b}. | Wie oft passt {b} in {a}? | Wie oft geht {b} in {a}?"
        "| Was kommt heraus, wenn ich {a} durch {b} teile? | Kannst du {a} durch {b} teilen?"
        "| Wie lautet {a} durch {b}?"
        "| Verteile {a} gleichmäßig auf {b}. Wie viel bekommt jeder?"
    ),
    "zh": listed(
        "{a}里面有几个{b}？ | 把{a}平均分成{b}份，每份是多少？ | {a}除以{b}的商是多少？ | 求{a}除以{b}的商。"
        "| 用{b}去除{a}，得多少？"
        "| {a}平均分给{b}个人，每人得多少？ | 把{a}分成{b}等份。"
    ),
}
# Divisors with a name of their own; only where nothing is left.
NAMED: Mapping[Language, Mapping[int, tuple[str, ...]]] = {
    "en": {
        2: listed("half of {n} | half of {n} | one half of {n} | {n} halved"),
        3: listed("a third of {n} | one third of {n}"),
        4: listed("a quarter of {n} | one quarter of {n} | a fourth of {n}"),
        5: listed("a fifth of {n} | one fifth of {n}"),
    },
    "de": {2: listed("die Hälfte von {n}"), 3: listed("ein Drittel von {n}"), 4: listed("ein Viertel von {n}")},
    "zh": {2: listed("{n}的一半"), 3: listed("{n}的三分之一"), 4: listed("{n}的四分之一")},
}
NAMED_SHARE = 0.3
# The sentences that still say something of a division by zero.
DIVIDING = ("ivid", "uotient", "{a} durch {b}", "lautet", "除")
ZERO: Mapping[Language, tuple[str, ...]] = {"en": ("0", "zero", "zero"), "de": ("0", "null"), "zh": ("0", "零")}
REFUSALS: Mapping[Language, str] = {
    "en": "You cannot divide by zero.",
    "de": "Durch null kann man nicht teilen.",
    "zh": "不能除以零。",
}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    special = 1.0 if beyond else random.random()
    if special < BY_ZERO_SHARE:
        return _by_zero(random, language)
    a, b = _draw(random, beyond)
    if special > 1 - SIGNED_SHARE and a >= b and not beyond:
        return _signed(random, a - a % b, b, language)
    working = Working()
    question, in_other_words = _question(random, a, b, language)
    if in_other_words:
        working.head(f"{a}/{b}")
    quotient, rest = working.divide(a, b)
    answer = REMAINDERS[language].format(q=quotient, r=rest) if rest else str(quotient)
    return Problem(
        skill=SKILL,
        difficulty=len(str(a)),
        question=question,
        canonical=f"{a}/{b}",
        answer=answer,
        thought=working.text,
        reply=answer_sentence(answer, language),
        beyond=beyond,
        language=language,
    )


def _by_zero(random: Random, language: Language) -> Problem:
    a, zero = _draw(random, beyond=False)[0], random.choice(ZERO[language])
    left, form = number(random, a, language), random.random()
    if form < 0.5:
        question = wrap(random, in_symbols(random, left, "/", "0"), language)
    elif form < 0.77:
        question = wrap(random, in_words(random, left, "/", zero, language), language)
    else:
        sentences = tuple(s for s in SENTENCES[language] if any(part in s for part in DIVIDING))
        question = asked(random, pick(random, sentences, a=left, b=zero), language)
    return Problem(
        skill=SKILL,
        difficulty=len(str(a)),
        question=question,
        canonical=f"{a}/0",
        answer="",
        thought=f"{a}/0 impossible",
        reply=REFUSALS[language],
        language=language,
    )


def _signed(random: Random, a: int, b: int, language: Language) -> Problem:
    a, b = signed.factors(random, a, b)
    digits = len(str(abs(a)))
    return signed.problem(random, SKILL, a, "/", b, canonical=f"{a}/{b}", difficulty=digits, language=language)


def _draw(random: Random, beyond: bool) -> tuple[int, int]:
    b = random.randrange(2, 10)
    digits = DIGITS_BEYOND if beyond else random.choices(DIGITS, DIGIT_WEIGHTS)[0]
    if not beyond and random.random() < NOTHING_SHARE:
        return 0, b
    a = random.randrange(10 ** (digits - 1), 10**digits) if digits else random.randrange(1, 10 * b + 1)
    if random.random() < EXACT_SHARE and a - a % b >= 10 ** max(0, digits - 1):
        a -= a % b
    return a, b


def _question(random: Random, a: int, b: int, language: Language) -> tuple[str, bool]:
    """The question and whether it says something else than the two numbers in digits."""
    left, right = number(random, a, language), str(b)
    named = NAMED[language].get(b) if a % b == 0 else None
    if named and random.random() < NAMED_SHARE:
        return wrap(random, pick(random, named, n=left), language), True
    in_english_words = language == "en" and a < 100 and random.random() < SPELLED_SHARE
    if in_english_words:
        left, right = spelled(random, a), spelled(random, b)
    form = random.random()
    if form < 0.55 and not in_english_words:
        return wrap(random, in_symbols(random, left, "/", right), language), False
    if form < 0.77:
        return wrap(random, in_words(random, left, "/", right, language), language), in_english_words
    return asked(random, pick(random, SENTENCES[language], a=left, b=right), language), in_english_words
