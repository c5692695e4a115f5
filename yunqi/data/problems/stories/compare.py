"""Plot `compare`: people who have more, fewer or several times as many as another, and how many together."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from yunqi.data.problems.stories.story import THINGS, Person, Story, people, small
from yunqi.data.problems.working import Working

MORE = ("{b} has {n} more {things} than {a}.", "{b} has {n} more than {a}.", "{b} has {n} {things} more than {a}.")
FEWER = ("{b} has {n} fewer {things} than {a}.", "{b} has {n} fewer than {a}.", "{b} has {n} less than {a}.")
TIMES = ("{b} has {n} times as many {things} as {a}.", "{b} has {n} times as many as {a}.")
TWICE = ("{b} has twice as many {things} as {a}.", "{b} has twice as many as {a}.", "{b} has double what {a} has.")
ALL = (
    "How many {things} are there in all?",
    "How many do all of them have together?",
    "How many {things} do they have together?",
    "How many {things} do they have in total?",
    "How many {things} do they have altogether?",
    "What is their total?",
)
LAST = ("How many {things} does {b} have?", "How many does {b} have?", "So how many {things} does {b} have?")


def tell(random: Random, steps: int, wide: bool) -> Story:
    """With `links` people after the first: links steps for the last one, twice as many for all together."""
    together = steps % 2 == 0 and random.random() < 0.6
    links = steps // 2 if together else steps
    group = people(random, links + 1)
    thing = random.choice(THINGS)
    values, codes, working = [random.randrange(100, 400) if wide else random.randrange(3, 40)], [], Working()
    sentences = [f"{group[0].name} has {values[0]} {thing[1]}."]
    for before, after in pairwise(group):
        value, code, sentence = _link(random, values[-1], before, after, thing, working, wide)
        values.append(value)
        codes.append(code)
        sentences.append(sentence)
    in_range = min(values) >= 0 and max(values[:-1]) < (1000 if wide else 100) and values[-1] < (1000 if wide else 200)
    total = values[-1]
    if together and in_range:
        total = values[0]
        for value in values[1:]:
            in_range = in_range and total < (1000 if wide else 100) and value < (1000 if wide else 100)
            total = working.add(total, value)
    return Story(
        canonical=f"compare:{values[0]},{','.join(codes)},{'all' if together else 'last'}",
        sentences=tuple(sentences),
        question=random.choice(ALL if together else LAST).format(things=thing[1], b=group[-1].name),
        working=working,
        answer=total,
        reply=f"Together they have {total}." if together else f"So {group[-1].name} has {total}.",
        steps=steps,
        in_range=in_range and values[0] != 1,
    )


def _link(
    random: Random, value: int, before: Person, after: Person, thing: tuple[str, str], working: Working, wide: bool
) -> tuple[int, str, str]:
    fixed = {"a": before.name, "b": after.name, "things": thing[1]}
    kind = random.random()
    if kind < 0.3 and 0 < value < 50:
        factor = random.choice((2, 2, 3, 4, 5))
        templates = TWICE if factor == 2 and random.random() < 0.8 else TIMES
        return working.multiply(value, factor), f"*{factor}", random.choice(templates).format(n=factor, **fixed)
    number = random.randrange(100, 300) if wide and random.random() < 0.4 else small(random)
    if kind < 0.65 or number > value:
        return working.add(value, number), f"+{number}", random.choice(MORE).format(n=number, **fixed)
    return working.subtract(value, number), f"-{number}", random.choice(FEWER).format(n=number, **fixed)
