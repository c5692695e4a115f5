"""Skill `comparing`: the largest or smallest of two to five numbers up to four digits, and whether a relation holds.

Canonical: "max:345,354" and "min:345,354" with the numbers as asked; "greater:45,54", "less:45,54", "equal:45,54" ask
whether the first number is greater than, less than or equal to the second; their answers are Yes and No in the language
of the question (de Ja and Nein, zh 是 and 不). Beyond: five and six digits, or six and seven numbers.
Some pairs are decimals, "max:9.11,9.9".

The thought writes the numbers with leading zeros and lets the best so far meet the next, digit by digit; the word or
sign that was asked for stands beside each verdict:

    345 354 012
    345 354: 3=3 4<5 max 354
    354 012: 3>0 max 354
    354

    345 354: 3=3 4<5
    < asked >
    No
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.comparing_wording import ASKED, MANY, MORE, MOST, RELATION, SIGNS, TWO, VERDICT, YES_AND_NO
from yunqi.data.problems.phrasing import answer_sentence, careless, number
from yunqi.data.problems.problem import Language, Problem

SKILL = "comparing"
DIGITS = (1, 2, 3, 4)
DIGIT_WEIGHTS = (1, 5, 5, 4)
DIGITS_BEYOND = (5, 6)
COUNTS = (2, 3, 4, 5)
COUNT_WEIGHTS = (8, 4, 3, 2)
COUNTS_BEYOND = (6, 7)
RELATION_SHARE = 0.28
NEAR_SHARE = 0.55
DECIMAL_SHARE = 0.05


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    if random.random() < RELATION_SHARE:
        return _relation(random, beyond, language)
    # A German decimal has a comma, which a list of numbers has too.
    decimal = language != "de" and not beyond and random.random() < DECIMAL_SHARE
    numbers = _decimals(random) if decimal else _numbers(random, beyond)
    kind = random.choice(("max", "min"))
    answer = (max if kind == "max" else min)(numbers, key=float)
    return Problem(
        skill=SKILL,
        difficulty=len(numbers),
        question=_question(random, kind, numbers, language),
        canonical=f"{kind}:{','.join(numbers)}",
        answer=answer,
        thought="\n".join((*_meetings(kind, numbers), answer)),
        reply=answer_sentence(answer, language),
        beyond=beyond,
        language=language,
    )


def _relation(random: Random, beyond: bool, language: Language) -> Problem:
    a = _number(random, beyond)
    b = a if random.random() < 0.06 else _other(random, a, beyond)
    first, second = _padded([a, b])
    kind = random.choices(tuple(SIGNS), (5, 4, 1))[0]
    sign = _sign(first, second)
    answer = YES_AND_NO[language][0 if sign == SIGNS[kind] else 1]
    statement = f"{a} {VERDICT[language][sign]} {b}"
    return Problem(
        skill=SKILL,
        difficulty=2,
        question=_asked(random, kind, a, b, language),
        canonical=f"{kind}:{a},{b}",
        answer=answer,
        thought=f"{first} {second}: {_digits(first, second)}\n{sign} asked {SIGNS[kind]}\n{answer}",
        reply=f"{answer}，{statement.replace(' ', '')}。" if language == "zh" else f"{answer}, {statement}.",
        beyond=beyond,
        language=language,
    )


def _numbers(random: Random, beyond: bool) -> list[str]:
    many = beyond and random.random() < 0.5
    count = random.choice(COUNTS_BEYOND) if many else random.choices(COUNTS, COUNT_WEIGHTS)[0]
    numbers = [_number(random, beyond and not many)]
    while len(numbers) < count:
        other = _other(random, random.choice(numbers), beyond and not many)
        if other not in numbers:
            numbers.append(other)
    random.shuffle(numbers)
    return numbers


def _decimals(random: Random) -> list[str]:
    """Two decimals that differ behind the point, such as 9.11 and 9.9."""
    whole = random.randrange(20)
    while True:
        numbers = [f"{whole}.{random.randrange(1, 10)}{random.choice(('', '', random.randrange(1, 10)))}" for _ in "12"]
        if numbers[0] != numbers[1]:
            return numbers


def _number(random: Random, beyond: bool) -> str:
    digits = random.choice(DIGITS_BEYOND) if beyond else random.choices(DIGITS, DIGIT_WEIGHTS)[0]
    return str(random.randrange(0 if digits == 1 else 10 ** (digits - 1), 10**digits))


def _other(random: Random, near: str, beyond: bool) -> str:
    """Another number, often one with the same leading digits or the same digits in another order."""
    while len(near) > 1 and random.random() < NEAR_SHARE:
        kept = random.randrange(1, len(near))
        text = near[:kept] + "".join(random.choices("0123456789", k=len(near) - kept))
        if random.random() < 0.35:
            text = "".join(random.sample(near, len(near)))
        if text[0] != "0" and text != near:
            return text
    other = _number(random, beyond)
    return other if other != near else str(int(near) + 1 if int(near) % 10 < 9 else int(near) - 1)


def _asked(random: Random, kind: str, a: str, b: str, language: Language) -> str:
    frame, asked = random.choice(RELATION[language]), random.choice(ASKED[language, kind])
    if asked.startswith("比"):
        frame, asked = frame.replace("{asked}{b}", "比{b}{asked}"), asked[-1]
    return careless(
        random, frame.format(a=_told(random, a, language), b=_told(random, b, language), asked=asked, sign=SIGNS[kind])
    )


def _question(random: Random, kind: str, numbers: list[str], language: Language) -> str:
    *rest, last = told = [_told(random, value, language) for value in numbers]
    comma = "、" if language == "zh" else ", "
    either, both = {"en": (" or ", " and "), "de": (" oder ", " und "), "zh": ("还是", "和")}[language]
    frames = TWO if len(numbers) == 2 and random.random() < 0.85 else MANY
    question = random.choice(frames[language]).format(
        more=random.choice(MORE[language, kind]),
        most=random.choice(MOST[language, kind]),
        either=comma.join(rest) + either + last,
        both=comma.join(rest) + both + last,
        list=(" " if language != "zh" and random.random() < 0.15 else comma).join(told),
    )
    return careless(random, question[0].upper() + question[1:])


def _told(random: Random, value: str, language: Language) -> str:
    return value if "." in value else number(random, int(value), language)


def _meetings(kind: str, numbers: list[str]) -> list[str]:
    """The numbers with leading zeros, then the best so far against each that follows."""
    best, *others = padded = _padded(numbers)
    lines = [" ".join(padded)]
    for other in others:
        duel = f"{best} {other}"
        digits = _digits(best, other)
        best = max(best, other) if kind == "max" else min(best, other)
        lines.append(f"{duel}: {digits} {kind} {best}")
    return lines


def _padded(numbers: list[str]) -> list[str]:
    """The numbers in one width: zeros before them, and behind where there is a point."""
    places = max(len(value.partition(".")[2]) for value in numbers)
    shown = [f"{float(value):.{places}f}" for value in numbers]
    return [value.zfill(max(map(len, shown))) for value in shown]


def _digits(first: str, second: str) -> str:
    """Digit against digit, up to the first two that differ."""
    steps = []
    for upper, lower in zip(first, second, strict=True):
        if upper != ".":
            steps.append(f"{upper}{_sign(upper, lower)}{lower}")
        if upper != lower:
            break
    return " ".join(steps)


def _sign(a: str, b: str) -> str:
    """How two texts of digits in one width stand to each other."""
    return "=" if a == b else "<" if a < b else ">"
