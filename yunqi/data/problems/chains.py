"""Skill `chains`: two to four operations in a row (beyond: five or six).

Written with symbols or as "12 plus 7 minus 5", products come before sums and differences, as in any textbook, unless
parentheses say otherwise. Told as instructions ("start with 12, add 7, multiply by 3") every operation applies to the
result so far. No result on the way is below zero. The canonical form is the expression with the fewest parentheses.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless, gap, number, symbol, wrap
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "chains"
OPERATIONS = (2, 3, 4)
OPERATIONS_BEYOND = (5, 6)
WIDE_SHARE = 0.15
PRODUCT_SHARE = 0.4
TOLD_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Chain:
    """The first number and the operations on it; `told` chains work strictly from left to right."""

    first: int
    steps: tuple[tuple[str, int], ...]
    told: bool


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    count = random.choice(OPERATIONS_BEYOND if beyond else OPERATIONS)
    chain = _draw(random, count)
    working = Working()
    result = str(_work(chain, working))
    return Problem(
        skill=SKILL,
        difficulty=count,
        question=_question(random, chain),
        canonical=_expression(chain, " ").replace(" ", ""),
        answer=result,
        thought=working.text,
        reply=answer_sentence(result),
        beyond=beyond,
    )


def _draw(random: Random, count: int) -> Chain:
    """Draw chains until one keeps its results between 0 and its limit."""
    wide = count <= 3 and random.random() < WIDE_SHARE
    products = random.random() < PRODUCT_SHARE
    told = random.random() < TOLD_SHARE
    while True:
        chain = _draw_told(random, count, products, wide) if told else _draw_written(random, count, products, wide)
        results = _results(chain)
        if min(results) >= 0 and max(results[:-1]) < (1000 if wide else 100) and results[-1] < (1000 if wide else 200):
            return chain


def _operand(random: Random, wide: bool) -> int:
    if wide and random.random() < 0.6:
        return random.randrange(100, 700)
    return random.randrange(1, 10) if random.random() < 0.4 else random.randrange(10, 60)


def _draw_told(random: Random, count: int, products: bool, wide: bool) -> Chain:
    steps = []
    for _ in range(count):
        if products and random.random() < 0.35:
            steps.append(("*", random.randrange(2, 6)))
        else:
            steps.append((random.choice("+-"), _operand(random, wide)))
    return Chain(_operand(random, wide), tuple(steps), told=True)


def _draw_written(random: Random, count: int, products: bool, wide: bool) -> Chain:
    """A written chain: every product has two small factors, so no run of more than one `*`."""
    values, operators = [_operand(random, wide)], []
    for _ in range(count):
        if products and random.random() < 0.4 and (not operators or operators[-1] != "*"):
            values[-1] = random.randrange(2, 13)
            operators.append("*")
            values.append(random.randrange(2, 10))
        else:
            operators.append(random.choice("+-"))
            values.append(_operand(random, wide))
    return Chain(values[0], tuple(zip(operators, values[1:], strict=True)), told=False)


def _results(chain: Chain) -> list[int]:
    working: list[int] = []
    _work(chain, Working(), working)
    return working


def _work(chain: Chain, working: Working, results: list[int] | None = None) -> int:
    """Work the chain out: products first where it is written, then from left to right."""
    results = [] if results is None else results
    terms, steps = chain.first, list(chain.steps)
    if not chain.told:
        terms, steps = _work_products(chain, working, results)
    for operator, value in steps:
        operation = {"+": working.add, "-": working.subtract, "*": working.multiply}[operator]
        if operator == "*" and min(terms, value) > 9:
            results.append(-1)
            return -1
        terms = operation(terms, value)
        results.append(terms)
    return terms


def _work_products(chain: Chain, working: Working, results: list[int]) -> tuple[int, list[tuple[str, int]]]:
    first, steps = chain.first, []
    for operator, value in chain.steps:
        if operator != "*":
            steps.append((operator, value))
            continue
        left = steps[-1][1] if steps else first
        product = working.multiply(left, value)
        results.append(product)
        if steps:
            steps[-1] = (steps[-1][0], product)
        else:
            first = product
    return first, steps


def _expression(chain: Chain, space: str, random: Random | None = None) -> str:
    """The chain in symbols, with parentheses where a told chain multiplies a sum; `*` unless `random` spells it."""
    signs = {sign: symbol(random, sign) if random else sign for sign in "+-*"}
    text, is_sum = _typed(random, chain.first), False
    for operator, value in chain.steps:
        if chain.told and operator == "*" and is_sum:
            text = f"({text})"
        text += f"{space}{signs[operator]}{space}{_typed(random, value)}"
        is_sum = operator != "*"
    return text


def _typed(random: Random | None, value: int) -> str:
    return number(random, value) if random else str(value)


def _question(random: Random, chain: Chain) -> str:
    told_apart = not chain.told or all(operator != "*" for operator, _ in chain.steps)
    if chain.told and random.random() < 0.75:
        return careless(random, _instructions(random, chain))
    if told_apart and random.random() < 0.25:
        words = {"+": "plus", "-": "minus", "*": "times"}
        return wrap(random, " ".join([str(chain.first), *(f"{words[o]} {v}" for o, v in chain.steps)]))
    return wrap(random, _expression(chain, gap(random), random))


INSTRUCTIONS = {
    "+": ("add {v}", "add {v}", "plus {v}", "increase it by {v}"),
    "-": ("subtract {v}", "subtract {v}", "take away {v}", "minus {v}"),
    "*": ("multiply by {v}", "multiply it by {v}", "times {v}"),
}
OPENINGS = ("Start with {v}", "Take {v}", "Begin with {v}", "I start with {v}", "I have the number {v}")
ENDINGS = ("What do you get?", "What is the result?", "What is it now?", "Where do you end?", "What comes out?")


def _instructions(random: Random, chain: Chain) -> str:
    parts = [random.choice(OPENINGS).format(v=chain.first)]
    for operator, value in chain.steps:
        if operator == "*" and value == 2 and random.random() < 0.5:
            parts.append("double it")
        else:
            parts.append(random.choice(INSTRUCTIONS[operator]).format(v=value))
    if random.random() < 0.4:
        text = ". ".join(part[0].upper() + part[1:] for part in parts)
    elif random.random() < 0.5:
        text = ", then ".join(parts)
    else:
        text = ", ".join(parts[:-1]) + " and " + parts[-1]
    return f"{text}. {random.choice(ENDINGS)}"
