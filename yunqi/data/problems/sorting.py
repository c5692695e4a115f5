"""Skill `sorting`: three to six numbers with up to three digits, ascending or descending (beyond: seven and eight).

Canonical: "asc:5,2,9" or "desc:5,2,9" with the numbers as asked; the answer is "2, 5, 9".

The thought writes the numbers with leading zeros and takes the best of what is left, line by line; "min" or "max" keeps
the direction in sight:

    05 12 09 min 05
    12 09 min 09
    12
    5, 9, 12
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless, listed
from yunqi.data.problems.problem import Language, Problem

SKILL = "sorting"
COUNTS = (3, 4, 5, 6)
COUNT_WEIGHTS = (4, 4, 3, 2)
COUNTS_BEYOND = (7, 8)
DIGITS = (1, 2, 3)
DIGIT_WEIGHTS = (2, 4, 3)
MIXED_SHARE = 0.35
REPEAT_SHARE = 0.05

DIRECTIONS = {
    ("en", "asc"): listed(
        "from small to large | from smallest to largest | in ascending order | from low to high | ascending | "
        "from lowest to highest | in increasing order | from the smallest to the largest | smallest first | "
        "starting with the smallest | from least to greatest | from small to big | small to large | up"
    ),
    ("en", "desc"): listed(
        "from large to small | from largest to smallest | in descending order | from high to low | descending | "
        "from highest to lowest | in decreasing order | from the largest to the smallest | largest first | "
        "starting with the largest | from greatest to least | from big to small | large to small | down"
    ),
    ("de", "asc"): listed(
        "von klein nach groß | aufsteigend | der Größe nach aufsteigend | von der kleinsten zur größten | "
        "in aufsteigender Reihenfolge | mit der kleinsten zuerst"
    ),
    ("de", "desc"): listed(
        "von groß nach klein | absteigend | der Größe nach absteigend | von der größten zur kleinsten | "
        "in absteigender Reihenfolge | mit der größten zuerst"
    ),
    ("zh", "asc"): listed("从小到大 | 从小到大 | 按从小到大的顺序 | 按升序"),
    ("zh", "desc"): listed("从大到小 | 从大到小 | 按从大到小的顺序 | 按降序"),
}
FRAMES = {
    "en": listed(
        "Sort {l} {d}. | Sort {l} {d} | Sort the numbers {l} {d}. | Sort these numbers {d}: {l} | Sort {d}: {l} | "
        "Order {l} {d}. | Order these numbers {d}: {l}. | Arrange {l} {d}. | Arrange these {d}: {l} | "
        "Put {l} in order {d}. | Put these numbers in order {d}: {l} | Write {l} {d}. | "
        "Can you sort {l} {d}? | Please sort {l} {d}. | Please arrange the numbers {l} {d}. | "
        "List {l} {d}. | Numbers: {l}. Sort them {d}. | I have {l}. Sort them {d}. | "
        "Here are some numbers: {l}. Put them in order {d}. | {l}: sort {d} | {l} sorted {d}? | "
        "How do you sort {l} {d}? | What is {l} sorted {d}? | Rank {l} {d}. | "
        "Give me {l} {d}. | Bring {l} in order {d}. | Sort the list {l} {d}. | Sort [{l}] {d}."
    ),
    "de": listed(
        "Sortiere {l} {d}. | Sortiere die Zahlen {l} {d}. | Sortiere {d}: {l} | Ordne {l} {d}. | "
        "Ordne die Zahlen {l} {d}. | Ordne diese Zahlen {d}: {l} | Bitte sortiere {l} {d}. | "
        "Kannst du {l} {d} sortieren? | Schreibe {l} {d}. | Zahlen: {l}. Sortiere sie {d}. | "
        "Ich habe {l}. Ordne sie {d}. | Wie sortiert man {l} {d}?"
    ),
    "zh": listed(
        "把{l}{d}排列。 | 请把{l}{d}排列。 | 将{l}{d}排序。 | {d}排列：{l} | {d}排列这些数：{l} | "
        "把这些数{d}排序：{l} | "
        "请将{l}{d}排列。 | {l}，请{d}排序。 | {l}{d}怎么排？ | 给{l}排序，{d}。"
    ),
}
ASCENDING_FRAMES = {
    "en": listed("Sort {l}. | Sort {l} | Sort: {l} | Put {l} in order. | Order the numbers {l}. | Sort these: {l}"),
    "de": listed("Sortiere {l}. | Sortiere: {l} | Ordne {l}."),
    "zh": listed("给{l}排序。 | 排序：{l}"),
}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    numbers = _numbers(random, beyond)
    kind = random.choice(("asc", "desc"))
    answer = ", ".join(str(value) for value in sorted(numbers, reverse=kind == "desc"))
    return Problem(
        skill=SKILL,
        difficulty=len(numbers),
        question=_question(random, kind, numbers, language),
        canonical=f"{kind}:{','.join(map(str, numbers))}",
        answer=answer,
        thought="\n".join((*_selections(kind, numbers), answer)),
        reply=answer_sentence(answer, language),
        beyond=beyond,
        language=language,
    )


def _numbers(random: Random, beyond: bool) -> list[int]:
    count = random.choice(COUNTS_BEYOND) if beyond else random.choices(COUNTS, COUNT_WEIGHTS)[0]
    digits = random.choices(DIGITS, DIGIT_WEIGHTS)[0]
    mixed = random.random() < MIXED_SHARE
    numbers: list[int] = []
    while len(numbers) < count:
        length = random.choice(DIGITS) if mixed else digits
        value = random.randrange(0 if length == 1 else 10 ** (length - 1), 10**length)
        if value not in numbers or random.random() < REPEAT_SHARE:
            numbers.append(value)
    return numbers


def _question(random: Random, kind: str, numbers: list[int], language: Language) -> str:
    told = [str(value) for value in numbers]
    if kind == "asc" and random.random() < 0.15:
        frame, direction = random.choice(ASCENDING_FRAMES[language]), ""
    else:
        frame, direction = random.choice(FRAMES[language]), random.choice(DIRECTIONS[language, kind])
    return careless(random, frame.format(l=_listing(random, told, language), d=direction))


def _listing(random: Random, told: list[str], language: Language) -> str:
    form = random.random()
    if form < 0.4:
        return ("、" if language == "zh" and form < 0.25 else ", ").join(told)
    if form < 0.55:
        return " ".join(told)
    if form < 0.62:
        return ",".join(told)
    *rest, last = told
    comma, joint = {"en": (", ", " and "), "de": (", ", " und "), "zh": ("、", "和")}[language]
    return comma.join(rest) + joint + last


def _selections(kind: str, numbers: list[int]) -> list[str]:
    """What is left and the best of it, until one is left."""
    width = len(str(max(numbers)))
    left = [f"{value:0{width}}" for value in numbers]
    word, best_of = ("min", min) if kind == "asc" else ("max", max)
    lines = []
    while len(left) > 1:
        best = best_of(left)
        lines.append(f"{' '.join(left)} {word} {best}")
        left.remove(best)
    return [*lines, left[0]]
