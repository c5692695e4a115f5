"""Skill `countdown`: an expression that uses three numbers (beyond: four) once each and reaches a target up to 200.

Canonical: "3,7,25>46" with the numbers ascending; any such expression is right. Answer and reply are "3 x 7 + 25 = 46".

The thought searches from the goal. For each number, in the order given, it works out what the other two can give, by
sum, difference, product and exact quotient; then, one by one, what they would have to give for that number to reach the
target, until one of these is among those:

    3 7 25>46
    7+25=32 25-7=18 7x25=175
    46+3=49 no 46-3=43 no
    3+25=28 25-3=22 3x25=75
    46+7=53 no 46-7=39 no
    3+7=10 7-3=4 3x7=21
    46+25=71 no 46-25=21 yes
    3x7=21
    21+25=46
    3 x 7 + 25 = 46

Products are listed where one factor has a single digit and the other is at most 25, quotients where they are exact, and
zero is left out. A puzzle that this search does not solve is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from yunqi.data.problems.phrasing import careless, listed
from yunqi.data.problems.problem import Language, Problem

SKILL = "countdown"
LARGEST = 25
LARGEST_TARGET = 200
SIGNS = "+-x/"

FRAMES = {
    "en": listed(
        "Use {l} to make {t}. | Use {l} to get {t}. | Use {l} to reach {t}. | Make {t} from {l}. | "
        "Make {t} with {l}. | "
        "Make {t} out of {l}. | Using {l}, make {t}. | Using the numbers {l}, get {t}. | Combine {l} to get {t}. | "
        "Combine {l} to make {t}. | How can I make {t} from {l}? | How do I get {t} from {l}? | "
        "How can you get {t} with {l}? | Reach {t} with {l}. | Reach {t} using {l}. | Can you make {t} from {l}? | "
        "Can you reach {t} using {l}? | Countdown: {l}. Target {t}. | Countdown: {l}, target {t} | "
        "Numbers: {l}. Target: {t}. | Numbers {l}, target {t}. | The numbers are {l}. Make {t}. | "
        "I have {l}. How do I make {t}? | I have the numbers {l}. Make {t}. | With {l}, make {t}. | "
        "Get {t} from {l}. | Get {t} using {l} once each. | Use each of {l} once to make {t}. | "
        "Use {l} once each and make {t}. | Write {t} with {l}. | Find a way to make {t} from {l}. | "
        "Build {t} from the numbers {l}. | Which sum of {l} makes {t}? | Play countdown: {l} to {t}. | "
        "Make {t} using {l} and + - x /. | Find an expression for {t} with {l}. | Given {l}, reach {t}. | "
        "Use the numbers {l} and the operations + - x / to make {t}. | Target {t}, numbers {l}."
    ),
    "de": listed(
        "Bilde {t} aus {l}. | Mache {t} aus {l}. | Wie komme ich mit {l} auf {t}? | Erreiche {t} mit {l}. | "
        "Benutze {l} und erreiche {t}. | Zahlen: {l}. Ziel: {t}. | Wie kann man aus {l} die Zahl {t} machen? | "
        "Rechne mit {l}, bis {t} herauskommt."
    ),
    "zh": listed(
        "用{l}算出{t}。 | 用{l}得到{t}。 | 怎样用{l}算出{t}？ | 用数字{l}凑成{t}。 | 数字：{l}，目标：{t}。 | "
        "请用{l}算出{t}。 | {l}怎么算出{t}？ | 每个数用一次，用{l}得到{t}。"
    ),
}


@dataclass(frozen=True, slots=True)
class Term:
    """An expression: its text, its value, and the sign that joins it at the top ("" for a number)."""

    text: str
    value: int
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A way to the target: the lines of the search that led there, and the expression."""

    lines: tuple[str, ...]
    term: Term
    tries: int


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    while True:
        numbers = _numbers(random, 4 if beyond else 3)
        target = _reachable(random, numbers)
        found = _search(tuple(map(_number, numbers)), target)
        if found:
            break
    answer = f"{found.term.text} = {target}"
    heading = f"{' '.join(map(str, numbers))}>{target}"
    return Problem(
        skill=SKILL,
        difficulty=len(numbers) if beyond else found.tries,
        question=_question(random, numbers, target, language),
        canonical=f"{','.join(map(str, sorted(numbers)))}>{target}",
        answer=answer,
        thought="\n".join((heading, *found.lines, answer)),
        reply=answer,
        beyond=beyond,
        language=language,
    )


def _numbers(random: Random, count: int) -> list[int]:
    """Mostly one number with two digits at the most, so that products stay facts."""
    if random.random() < 0.25:
        return [random.randrange(1, LARGEST + 1) for _ in range(count)]
    numbers = [random.randrange(1, 11) for _ in range(count - 1)] + [random.randrange(2, LARGEST + 1)]
    random.shuffle(numbers)
    return numbers


def _reachable(random: Random, numbers: list[int]) -> int:
    """What some expression of the numbers gives; zero where it leaves the range."""
    value, *others = random.sample(numbers, len(numbers))
    for other in others:
        results = list(_results(value, other).values())
        value = random.choice(results) if results else 0
    return value if value <= LARGEST_TARGET else 0


def _results(a: int, b: int) -> dict[str, int]:
    """What two numbers give, by sign: the larger comes first in difference and quotient."""
    small, large = min(a, b), max(a, b)
    if small == 0:
        return {}
    results = {"+": a + b, "-": large - small}
    if 1 < small < 10 and large <= LARGEST:
        results["x"] = a * b
    if large % small == 0:
        results["/"] = large // small
    return {sign: value for sign, value in results.items() if value}


def _search(terms: tuple[Term, ...], target: int) -> Found | None:
    if target < 1:
        return None
    return _search_three(terms, target) if len(terms) == 3 else _search_four(terms, target)


def _search_three(terms: tuple[Term, ...], target: int) -> Found | None:
    lines: list[str] = []
    for tries, (last, a, b) in enumerate(_each_last(terms), 1):
        wanted, given = _results(target, last.value), _results(a.value, b.value)
        lines.append(_listed(a.value, b.value, given))
        match = next((value for value in wanted.values() if value in given.values()), None)
        lines.append(" ".join(_verdicts(target, last.value, wanted, match)))
        if match is None:
            continue
        inner = _joined(a, b, match)
        outer = _joined(inner, last, target)
        steps = (_step(a, b, inner), _step(inner, last, outer))
        return Found((*lines, *steps), outer, tries)
    return None


def _search_four(terms: tuple[Term, ...], target: int) -> Found | None:
    """The first number to put last and value for the other three that works."""
    for last, *others in _each_last(terms):
        for sign, value in _results(target, last.value).items():
            found = _search_three(tuple(others), value)
            if found:
                outer = _joined(found.term, last, target)
                goal = f"{_equation(target, sign, last.value, value)} next"
                lines = (goal, *found.lines, _step(found.term, last, outer))
                return Found(lines, outer, found.tries)
    return None


def _each_last(terms: tuple[Term, ...]) -> list[tuple[Term, ...]]:
    return [(last, *terms[:index], *terms[index + 1 :]) for index, last in enumerate(terms)]


def _number(value: int) -> Term:
    return Term(str(value), value)


def _joined(a: Term, b: Term, value: int) -> Term:
    """The two joined by the first sign that gives the value."""
    for sign in SIGNS:
        for left, right in ((a, b), (b, a)):
            if _exactly(left.value, sign, right.value) == value:
                return Term(f"{_side(left, sign)} {sign} {_side(right, sign, right=True)}", value, sign)
    raise AssertionError((a, b, value))


def _exactly(a: int, sign: str, b: int) -> int | None:
    if sign == "/":
        return a // b if a % b == 0 else None
    return {"+": a + b, "-": a - b, "x": a * b}[sign]


def _side(term: Term, sign: str, *, right: bool = False) -> str:
    """A term as operand: in parentheses where it would otherwise be read otherwise."""
    weaker = term.sign in ("+", "-") and (sign in ("x", "/") or (sign == "-" and right))
    return f"({term.text})" if weaker or (term.sign and sign == "/" and right) else term.text


def _step(a: Term, b: Term, joined: Term) -> str:
    """The line that computes a join, with the values of its operands in the order of the expression."""
    for left, right in ((a.value, b.value), (b.value, a.value)):
        if _exactly(left, joined.sign, right) == joined.value:
            return f"{left}{joined.sign}{right}={joined.value}"
    raise AssertionError((a, b, joined))


def _listed(a: int, b: int, results: dict[str, int]) -> str:
    return " ".join(_equation(a, sign, b, value) for sign, value in results.items())


def _equation(a: int, sign: str, b: int, value: int) -> str:
    """The larger comes first in difference and quotient."""
    left, right = (max(a, b), min(a, b)) if sign in ("-", "/") else (a, b)
    return f"{left}{sign}{right}={value}"


def _verdicts(target: int, last: int, wanted: dict[str, int], match: int | None) -> Iterator[str]:
    """What would have to be given, and whether it is, up to the first that is."""
    for sign, value in wanted.items():
        yield f"{_equation(target, sign, last, value)} {'yes' if value == match else 'no'}"
        if value == match:
            return


def _question(random: Random, numbers: list[int], target: int, language: Language) -> str:
    *rest, last = map(str, numbers)
    comma, joint = {"en": (", ", " and "), "de": (", ", " und "), "zh": ("、", "和")}[language]
    told = comma.join((*rest, last)) if random.random() < 0.3 else comma.join(rest) + joint + last
    if random.random() < 0.1:
        told = " ".join((*rest, last))
    return careless(random, random.choice(FRAMES[language]).format(l=told, t=target))
