"""Skill `chains`: two to five operations (beyond: six or seven), also with parentheses.

Written with symbols or as "12 plus 7 minus 5", products come before sums and differences, as in any textbook, unless
parentheses say otherwise. Told as instructions ("start with 12, add 7, multiply by 3") every operation applies to the
result so far. No result on the way is below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from yunqi.data.problems.chain_wording import Step, added_up, told
from yunqi.data.problems.number_words import spelled
from yunqi.data.problems.paper import Expression, Token, canonical, work_out, written
from yunqi.data.problems.phrasing import answer_sentence, between_words, gap, number, symbol, word, wrap
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "chains"
OPERATIONS = (2, 3, 4, 5)
OPERATION_WEIGHTS = (8, 7, 5, 4)
OPERATIONS_BEYOND = (6, 7)
TOLD_SHARE = 0.33
INSTRUCTION_SHARE = 0.8
GROUPED_SHARE = 0.25
PRODUCT_SHARE = 0.45
WIDE_SHARE = 0.15
LIMIT, LIMIT_GROUPED, LIMIT_WIDE = 200, 400, 1000


@dataclass(frozen=True, slots=True)
class Chain:
    """An expression, and where it is told, its first number and the operations on it."""

    expression: Expression
    told: tuple[int, tuple[Step, ...]] | None = None

    @property
    def numbers(self) -> list[int]:
        return [token for token in self.expression if isinstance(token, int)]


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    count = random.choice(OPERATIONS_BEYOND) if beyond else random.choices(OPERATIONS, OPERATION_WEIGHTS)[0]
    chain = _draw(random, count)
    working = Working()
    if chain.told and random.random() < INSTRUCTION_SHARE:
        question = told(random, *chain.told, language)
        result = str(work_out(chain.expression, working)[-1])
    else:
        question, spelled_out = _question(random, chain, language)
        if spelled_out:
            working.head(written(chain.expression))
        result = str(work_out(chain.expression, working, copying=True)[-1])
    return Problem(
        skill=SKILL,
        difficulty=count,
        question=question,
        canonical=canonical(chain.expression),
        answer=result,
        thought=working.text,
        reply=answer_sentence(result, language),
        beyond=beyond,
        language=language,
    )


def _draw(random: Random, count: int) -> Chain:
    """Draw chains until one keeps its results between 0 and its limit."""
    wide = count <= 3 and random.random() < WIDE_SHARE
    limit = LIMIT_WIDE if wide else LIMIT
    products = random.random() < PRODUCT_SHARE
    kind = random.random()
    while True:
        if kind < TOLD_SHARE:
            chain = _draw_told(random, count, products, wide)
        elif kind < TOLD_SHARE + GROUPED_SHARE:
            chain, limit = Chain(_grouped(random, count)), LIMIT_GROUPED
        else:
            chain = Chain(_flat(random, count, products, wide))
        if _in_range(chain.expression, limit):
            return chain


def _in_range(expression: Expression, limit: int) -> bool:
    results = work_out(expression, Working())
    return min(results) >= 0 and max(results) < limit


def _operand(random: Random, wide: bool) -> int:
    if wide and random.random() < 0.6:
        return random.randrange(100, 700)
    return random.randrange(1, 10) if random.random() < 0.4 else random.randrange(10, 70)


def _draw_told(random: Random, count: int, products: bool, wide: bool) -> Chain:
    first = _operand(random, wide)
    expression: Expression = (first,)
    steps: list[Step] = []
    for _ in range(count):
        if products and random.random() < 0.35:
            steps.append(("*", random.randrange(2, 6)))
        else:
            steps.append((random.choice("+-"), _operand(random, wide)))
        if steps[-1][0] == "*" and steps[:-1] and steps[-2][0] != "*":
            expression = ("(", *expression, ")")
        expression = (*expression, *steps[-1])
    return Chain(expression, (first, tuple(steps)))


def _flat(random: Random, count: int, products: bool, wide: bool) -> Expression:
    """No parentheses; every product has two factors, so no run of more than one `*`."""
    tokens: list[Token] = [_operand(random, wide)]
    for _ in range(count):
        if products and random.random() < 0.4 and tokens[-2:-1] != ["*"]:
            tokens[-1] = random.randrange(2, 13)
            tokens += ["*", random.randrange(2, 10)]
        else:
            tokens += [random.choice("+-"), _operand(random, wide)]
    return tuple(tokens)


def _grouped(random: Random, count: int) -> Expression:
    """One or two pairs of parentheses among numbers, each next to a sign for which it matters."""
    groups = 2 if count >= 3 and random.random() < 0.25 else 1
    is_group = [True] * groups + [False] * (count + 1 - 2 * groups)
    random.shuffle(is_group)
    tokens: list[Token] = list(_unit(random, is_group[0]))
    last = "+"
    for before, group in pairwise(is_group):
        sign = random.choice("*-" if group else "*+-" if before else "+-")
        if sign == "*" and last == "*":
            sign = "+"
        if sign == "*" and not before:
            tokens[-1] = random.randrange(2, 10)
        tokens += [sign, random.randrange(2, 10)] if sign == "*" and not group else [sign, *_unit(random, group)]
        last = sign
    return tuple(tokens)


def _unit(random: Random, group: bool) -> Expression:
    if not group:
        return (_operand(random, False),)
    return ("(", random.randrange(1, 50), random.choice("+-"), random.randrange(1, 20), ")")


def _question(random: Random, chain: Chain, language: Language) -> tuple[str, bool]:
    """The question, and whether its numbers are words."""
    numbers = [number(random, value, language) for value in chain.numbers]
    signs = {token for token in chain.expression if isinstance(token, str)}
    if signs == {"+"} and random.random() < 0.5:
        return added_up(random, numbers, language), False
    if "(" not in signs and random.random() < 0.3:
        spelled_out = language == "en" and max(chain.numbers) < 100 and random.random() < 0.25
        if spelled_out:
            numbers = [spelled(random, value) for value in chain.numbers]
        return wrap(random, _in_words(random, chain.expression, numbers, language), language), spelled_out
    return wrap(random, _in_symbols(random, chain.expression, numbers), language), False


def _in_symbols(random: Random, expression: Expression, numbers: list[str]) -> str:
    space, spelling, left = gap(random), {sign: symbol(random, sign) for sign in "+-*"}, iter(numbers)
    return "".join(
        next(left) if isinstance(token, int) else f"{space}{spelling[token]}{space}" if token in spelling else token
        for token in expression
    )


def _in_words(random: Random, expression: Expression, numbers: list[str], language: Language) -> str:
    space, left = between_words(random, language), iter(numbers)
    parts = [
        next(left) if isinstance(token, int) else word(random, token, language, plain=True) for token in expression
    ]
    return space.join(parts)
