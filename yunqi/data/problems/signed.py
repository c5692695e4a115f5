"""Numbers below zero in the question: how they are typed, and how a thought gets rid of their signs.

A thought first writes what is asked with one sign in front at most, then works that out as ever:

    -5+8=8-5        -12-7=-(12+7)        -4x6=-(4x6)
    8-5=3           12+7=12+7=19         4x6=24
                    -> -19               -> -24
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from random import Random

from yunqi.data.problems.phrasing import answer_sentence, asked, gap, in_words, listed, pick, symbol, wrap
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

DIGIT_WEIGHTS = (5, 5, 3)
SECOND_SHARE = 0.2  # sums whose second number is the negative one
BOTH_SHARE = 0.15  # products and quotients of two negative numbers
BRACKETS_SHARE, INSIDE_BRACKETS_SHARE = 0.12, 0.5
SIGN_WORDS: Mapping[Language, tuple[str, ...]] = {
    "en": listed("minus | minus | minus | negative | negative"),
    "de": ("minus",),
    "zh": ("负",),
}
SENTENCES: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "+": listed(
            "Add {a} and {b}. | Add {b} to {a}. | What is the sum of {a} and {b}? | What do {a} and {b} make?"
            "| What do you get if you add {a} and {b}? | Can you add {a} and {b}? | Find the sum of {a} and {b}."
        ),
        "-": listed(
            "Subtract {b} from {a}. | Take {b} from {a}. | Can you subtract {b} from {a}? | From {a} subtract {b}."
            "| What do you get if you subtract {b} from {a}?"
        ),
        "*": listed(
            "Multiply {a} by {b}. | What is the product of {a} and {b}? | Can you multiply {a} by {b}?"
            "| What do you get if you multiply {a} by {b}?"
        ),
        "/": listed("Divide {a} by {b}. | Can you divide {a} by {b}? | What do you get if you divide {a} by {b}?"),
    },
    "de": {
        "+": listed("Addiere {a} und {b}. | Was ist die Summe von {a} und {b}? | Addiere {b} zu {a}."),
        "-": listed("Subtrahiere {b} von {a}. | Ziehe {b} von {a} ab. | Was bleibt, wenn ich {b} von {a} abziehe?"),
        "*": listed("Multipliziere {a} mit {b}. | Was ist das Produkt von {a} und {b}?"),
        "/": listed("Teile {a} durch {b}. | Dividiere {a} durch {b}."),
    },
    "zh": {
        "+": listed("{a}和{b}的和是多少？ | {a}和{b}加起来是多少？ | 把{a}和{b}相加。"),
        "-": listed("从{a}中减去{b}，得多少？ | {a}减去{b}得多少？"),
        "*": listed("{a}和{b}的积是多少？ | 把{a}和{b}相乘。"),
        "/": listed("{a}除以{b}的商是多少？ | 求{a}除以{b}的商。"),
    },
}


def terms(random: Random) -> tuple[int, str, int]:
    """Two terms, one of them below zero, and what stands between them."""
    a, b, sign = _size(random), _size(random), random.choice("+-")
    return (a, sign, -b) if random.random() < SECOND_SHARE else (-a, sign, b)


def factors(random: Random, a: int, b: int) -> tuple[int, int]:
    """The two with a minus before one of them or, less often, both."""
    if random.random() < BOTH_SHARE:
        return -a, -b
    return (-a, b) if random.random() < 0.7 else (a, -b)


def problem(
    random: Random, skill: str, a: int, sign: str, b: int, *, canonical: str, difficulty: int, language: Language
) -> Problem:
    """The exercise a, `+`, `-`, `*` or `/`, b, told and worked out."""
    working = Working()
    result = str(WORK[sign](working, a, b))
    return Problem(
        skill=skill,
        difficulty=difficulty,
        question=question(random, a, sign, b, language),
        canonical=canonical,
        answer=result,
        thought=working.text,
        reply=answer_sentence(result, language),
        language=language,
    )


def work_sum(working: Working, a: int, b: int, *, sign: str) -> int:
    """a + b or a - b, where just one of them is below zero."""
    first, second = abs(a), abs(b)
    adds = (sign == "+") == (b > 0)
    asked_for = f"{a}{sign}{b}"
    if a > 0:
        working.head(f"{asked_for}={first}{'+' if adds else '-'}{second}")
        return working.add(first, second) if adds else working.subtract(first, second)
    if adds:
        working.head(f"{asked_for}={second}-{first}")
        return working.subtract(second, first)
    working.head(f"{asked_for}=-({first}+{second})")
    return _negated(working, working.add(first, second))


def work_product(working: Working, a: int, b: int) -> int:
    minus = _without_signs(working, a, "x", b)
    result = working.multiply(abs(a), abs(b))
    return _negated(working, result) if minus else result


def work_quotient(working: Working, a: int, b: int) -> int:
    """a / b, where nothing is left."""
    minus = _without_signs(working, a, "/", b)
    result, _ = working.divide(abs(a), abs(b))
    return _negated(working, result) if minus else result


# How each is worked out; a sum or difference has just one number below zero, and of a quotient nothing is left.
WORK: Mapping[str, Callable[[Working, int, int], int]] = {
    "+": partial(work_sum, sign="+"),
    "-": partial(work_sum, sign="-"),
    "*": work_product,
    "/": work_quotient,
}


def question(random: Random, a: int, sign: str, b: int, language: Language) -> str:
    """In symbols, in words, or as a sentence."""
    form = random.random()
    if form < 0.6:
        return wrap(random, _in_symbols(random, a, sign, b), language)
    left, right = _written(random, a, language), _written(random, b, language)
    if form < 0.85:
        return wrap(random, in_words(random, left, sign, right, language), language)
    return asked(random, pick(random, SENTENCES[language][sign], a=left, b=right), language)


def _without_signs(working: Working, a: int, sign: str, b: int) -> bool:
    """Write the two without their signs; returns whether the result is below zero."""
    minus, plain = (a < 0) != (b < 0), f"{abs(a)}{sign}{abs(b)}"
    working.head(f"{a}{sign}{b}={f'-({plain})' if minus else plain}")
    return minus


def _negated(working: Working, result: int) -> int:
    working.lines.append(f"-> {-result}")
    return -result


def _in_symbols(random: Random, a: int, sign: str, b: int) -> str:
    space, operator = gap(random), symbol(random, sign)
    minus = operator if sign == "-" else symbol(random, "-")
    share = 1.0 if operator == "x" and not space else INSIDE_BRACKETS_SHARE  # 9x-74 would read as algebra
    return f"{_signed(random, a, minus, BRACKETS_SHARE)}{space}{operator}{space}{_signed(random, b, minus, share)}"


def _signed(random: Random, value: int, minus: str, brackets: float) -> str:
    """A number with its sign, in brackets where people set them."""
    if value >= 0:
        return str(value)
    text = f"{minus}{-value}"
    return f"({text})" if random.random() < brackets else text


def _written(random: Random, value: int, language: Language) -> str:
    """The sign as a word or as a sign."""
    if value >= 0:
        return str(value)
    sign = random.choice((*SIGN_WORDS[language], "-"))
    return f"{sign}{'' if sign in ('-', '负') else ' '}{-value}"


def _size(random: Random) -> int:
    digits = random.choices((1, 2, 3), DIGIT_WEIGHTS)[0]
    return random.randrange(10 ** (digits - 1), 10**digits)
