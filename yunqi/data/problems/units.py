"""Skill `units`: lengths, weights, volumes and times from one unit to another, whole, with decimals and in two parts.

Beyond are amounts of more digits. Thoughts name the factor first (1 km=1000 m), then work with it; a factor that is a
power of ten moves the point of a number written with as many decimals as the factor has zeros (2.5=2.500).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.unit_wording import ask, say
from yunqi.data.problems.working import Working

SKILL = "units"
# The big unit, the small one, how many of it there are in the big one, and how often it is asked.
DECIMAL = (
    ("km", "m", 1000),
    ("m", "cm", 100),
    ("cm", "mm", 10),
    ("m", "mm", 1000),
    ("kg", "g", 1000),
    ("l", "ml", 1000),
)
COUNTED = (
    ("h", "min", 60),
    ("h", "min", 60),
    ("min", "s", 60),
    ("d", "h", 24),
    ("w", "d", 7),
    ("year", "month", 12),
    ("dozen", "piece", 12),
)
ENGLISH = (("ft", "in", 12), ("lb", "oz", 16), ("yd", "ft", 3))
PAIRED = (
    ("h", "min", 60),
    ("h", "min", 60),
    ("min", "s", 60),
    ("m", "cm", 100),
    ("km", "m", 1000),
    ("kg", "g", 1000),
    ("w", "d", 7),
    ("d", "h", 24),
)
ENGLISH_PAIRED = (("ft", "in", 12), ("lb", "oz", 16))
# How many big ones: each factor keeps its products within reach of one line or of a short multiplication.
COUNTS = {3: 30, 7: 13, 12: 13, 16: 10, 24: 10, 60: 13}

Relation = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is asked (amounts as typed with a decimal point), how it is worked out, and the answer."""

    source: str
    target: str
    working: Working
    answer: str
    digits: int


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    conversion = _conversion(random, beyond, language)
    numbers = [word.replace(".", ",") if language == "de" else word for word in conversion.answer.split()]
    answer = " ".join(numbers)
    text = ask(random, conversion.source, conversion.target, language)
    said = answer if len(numbers) > 1 else say(answer, conversion.target, language)
    thought = conversion.working.text
    return Problem(
        skill=SKILL,
        difficulty=conversion.digits,
        question=careless(random, text[0].upper() + text[1:]),
        canonical=f"{conversion.source}>{conversion.target}",
        answer=answer,
        thought=thought,
        reply=answer_sentence(said, language),
        beyond=beyond,
        language=language,
    )


def _conversion(random: Random, beyond: bool, language: Language) -> Conversion:
    kind = random.random()
    english = language == "en" and random.random() < 0.25
    if kind < 0.4 and not english:
        relation = random.choice(DECIMAL)
        return _to_small(random, relation, beyond) if random.random() < 0.5 else _to_big(random, relation, beyond)
    if kind < 0.7:
        relation = random.choice(ENGLISH if english else COUNTED)
        return _counted(random, relation, beyond)
    relation = random.choice(ENGLISH_PAIRED if english else PAIRED)
    return _joined(random, relation, beyond) if random.random() < 0.5 else _parted(random, relation, beyond)


def _to_small(random: Random, relation: Relation, beyond: bool) -> Conversion:
    """3 km or 2.5 km in m."""
    big, small, factor = relation
    zeros = len(str(factor)) - 1
    whole = _amount(random, beyond)
    text = str(whole)
    working = _start(relation)
    if random.random() < 0.4:
        decimals = random.randrange(1, min(zeros, 3) + 1)
        whole = random.randrange(100, 1000) if beyond else random.randrange(0, 20)
        part = str(random.randrange(1, 10**decimals)).zfill(decimals).rstrip("0")
        text = f"{whole}.{part}"
        padded = f"{whole}.{part:0<{zeros}}"
        if padded != text:
            working.lines.append(f"{text}={padded}")
        result = str(int(padded.replace(".", "")))
        working.lines.append(f"{padded}x{factor}={result}")
    else:
        result = str(whole * factor)
        working.lines.append(f"{whole}x{factor}={result}")
    return Conversion(f"{text} {big}", small, working, result, len(text.replace(".", "")))


def _to_big(random: Random, relation: Relation, beyond: bool) -> Conversion:
    """3000 m or 2500 m in km."""
    big, small, factor = relation
    zeros = len(str(factor)) - 1
    amount = _amount(random, beyond) * factor
    if random.random() < 0.6:
        parts = random.randrange(1, 100 if zeros > 1 else 10)
        amount = (random.randrange(100, 1000) if beyond else random.randrange(0, 10)) * factor
        amount += parts * 10 ** max(zeros - 2, 0) if random.random() < 0.7 else random.randrange(1, factor)
    working = _start(relation)
    digits = str(amount).zfill(zeros + 1)
    padded = f"{digits[:-zeros]}.{digits[-zeros:]}"
    result = padded.rstrip("0").rstrip(".")
    working.lines.append(f"{amount}/{factor}={padded}")
    if result != padded:
        working.lines.append(f"{padded}={result}")
    return Conversion(f"{amount} {small}", big, working, result, len(str(amount)))


def _counted(random: Random, relation: Relation, beyond: bool) -> Conversion:
    """3 h in min, or 180 min in h."""
    big, small, factor = relation
    count = _count(random, factor, beyond)
    working = _start(relation)
    if random.random() < 0.6:
        product = _times(working, count, factor)
        return Conversion(f"{count} {big}", small, working, str(product), len(str(count)))
    whole = count * factor
    if factor in (3, 7):
        working.divide(whole, factor)
    elif factor == 60:
        working.lines.append(f"{whole}/60={whole // 10}/6")
        working.divide(whole // 10, 6)
    else:
        _find(working, count, factor)
        working.lines.append(f"{whole}/{factor}={count}")
    return Conversion(f"{whole} {small}", big, working, str(count), len(str(whole)))


def _joined(random: Random, relation: Relation, beyond: bool) -> Conversion:
    """2 h 15 min in min."""
    big, small, factor = relation
    count, rest = _count(random, factor, beyond), _rest(random, factor)
    working = _start(relation)
    total = working.add(_times(working, count, factor), rest)
    return Conversion(f"{count} {big} {rest} {small}", small, working, str(total), len(str(total)))


def _parted(random: Random, relation: Relation, beyond: bool) -> Conversion:
    """135 min in h and min."""
    big, small, factor = relation
    count, rest = _count(random, factor, beyond), _rest(random, factor)
    total = count * factor + rest
    working = _start(relation)
    _find(working, count, factor)
    working.subtract(total, count * factor)
    answer = f"{count} {big} {rest} {small}"
    working.lines.append(f"{total} {small}={answer}")
    return Conversion(f"{total} {small}", f"{big} {small}", working, answer, len(str(total)))


def _start(relation: Relation) -> Working:
    return Working([f"1 {relation[0]}={relation[2]} {relation[1]}"])


def _times(working: Working, count: int, factor: int) -> int:
    """A power of ten appends its zeros; sixty is six times ten."""
    if factor in (10, 100, 1000) or (factor == 60 and count < 10):
        working.lines.append(f"{count}x{factor}={count * factor}")
        return count * factor
    if factor == 60:
        working.multiply(count, 6)
        working.lines.append(f"{count * 6}x10={count * 60}")
        return count * 60
    return working.multiply(count, factor)


def _find(working: Working, count: int, factor: int) -> None:
    """How many times the factor fits, looked up from the product."""
    working.lines.append(f"{count}x{factor}={count * factor}")


def _amount(random: Random, beyond: bool) -> int:
    if beyond:
        return random.randrange(1000, 10_000)
    return random.randrange(1, 13) if random.random() < 0.6 else random.randrange(13, 400)


def _count(random: Random, factor: int, beyond: bool) -> int:
    limit = COUNTS.get(factor, 10)
    return random.randrange(limit, 2 * limit) if beyond else random.randrange(1 if factor >= 60 else 2, limit)


def _rest(random: Random, factor: int) -> int:
    if factor in (100, 1000) and random.random() < 0.5:
        return random.randrange(1, 20) * factor // 20
    return random.randrange(5, 60, 5) if factor == 60 and random.random() < 0.4 else random.randrange(1, factor)
