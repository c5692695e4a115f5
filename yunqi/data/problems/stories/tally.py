"""Plot `tally`: a few counts added up, or what is missing from a goal; with one step also equal groups."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.stories.story import HOLDERS, THINGS, Story, people, small
from yunqi.data.problems.working import Working

DAYS = listed("On Monday | On Tuesday | On Wednesday | On Thursday | On Friday | On Saturday | On Sunday")
MEALS = listed("In the morning | At noon | In the afternoon | In the evening | At night")
DEEDS = (
    ("walks {n} km", "km", "walk"),
    ("runs {n} km", "km", "run"),
    ("reads {n} pages", "pages", "read"),
    ("sells {n} cups", "cups", "sell"),
    ("drives {n} km", "km", "drive"),
    ("works {n} minutes", "minutes", "work"),
    ("plays for {n} minutes", "minutes", "play"),
    ("solves {n} tasks", "tasks", "solve"),
    ("bakes {n} cakes", "cakes", "bake"),
    ("saves {n} dollars", "dollars", "save"),
    ("plants {n} trees", "trees", "plant"),
    ("learns {n} words", "words", "learn"),
    ("earns {n} points", "points", "earn"),
    ("picks {n} apples", "apples", "pick"),
)
ALL = listed(
    "How many {u} does {p} {v} in total? | How many {u} is that in all? | How many {u} does {p} {v} altogether?"
    "| What is the total number of {u}? | How many {u} together?"
)
GOAL = listed(
    "{p} wants to {v} {g} {u}. | The goal of {p} is {g} {u}. | {p} has to {v} {g} {u}. "
    "| {p} plans to {v} {g} {u} this week."
)
MISSING = listed(
    "How many {u} are still missing? | How many more {u} does {p} have to {v}? | How many {u} are left to {v}?"
)
GROUPS = listed(
    "{n} {ts} go into {hs} of {k}. How many {hs} are needed? "
    "| A {h} holds {k} {ts}. How many {hs} are needed for {n} {ts}?"
    "| {n} {ts} are shared equally by {k} children. How many does each child get? "
    "| {p} has {n} {ts} and puts {k} in each {h}."
    " How many {hs} are full? | {p} divides {n} {ts} among {k} friends. How many does each friend get?"
    "| There are {n} {ts} in {k} equal {hs}. How many {ts} are in each {h}? "
    "| {k} {hs} hold {n} {ts}, all the same number."
    " How many are in one {h}? "
    "| {p} gives {n} {ts} to {k} people, the same number to each. How many {ts} does each person get?"
    "| If {k} friends split {n} {ts} equally, how many does each one get?"
)


def tell(random: Random, steps: int, wide: bool) -> Story:
    """The goal takes one step for each count; the sum one less."""
    if steps == 1 and random.random() < 0.5:
        return _groups(random)
    return _tally(random, steps, wide, goal=random.random() < 0.4)


def _tally(random: Random, steps: int, wide: bool, *, goal: bool) -> Story:
    hero = people(random, 1)[0]
    deed, unit, verb = random.choice(DEEDS)
    words = {"p": hero.name, "u": unit, "v": verb}
    numbers = [random.randrange(100, 300) if wide else small(random) for _ in range(steps if goal else steps + 1)]
    times = DAYS if len(numbers) > len(MEALS) or random.random() < 0.7 else MEALS
    sentences = [
        f"{time} {hero.name if index == 0 else hero.they} {deed.format(n=number)}."
        for index, (time, number) in enumerate(zip(times, numbers, strict=False))
    ]
    working, total = Working(), numbers[0]
    for number in numbers[1:]:
        total = working.add(total, number)
    in_range = total < (1000 if wide else 200) and len(numbers) <= len(DAYS)
    question = random.choice(ALL)
    canonical = "flow:" + ",".join([str(numbers[0]), *(f"+{number}" for number in numbers[1:])])
    if goal:
        target = total + small(random)
        canonical = "goal:" + ",".join(map(str, [target, *numbers]))
        sentences.insert(0, random.choice(GOAL).format(g=target, **words))
        question, total = random.choice(MISSING), working.subtract(target, total)
    return Story(
        canonical=canonical,
        sentences=tuple(sentences),
        question=question.format(**words),
        working=working,
        answer=total,
        reply=f"{total} {unit} are left." if goal else f"That is {total} {unit} in all.",
        steps=steps,
        in_range=in_range,
    )


def _groups(random: Random) -> Story:
    count, each = random.randrange(2, 10), random.randrange(2, 13)
    thing, holder = random.choice(THINGS), random.choice(HOLDERS)
    working = Working()
    working.divide(count * each, count)
    text = random.choice(GROUPS).format(
        n=count * each, k=count, ts=thing[1], h=holder[0], hs=holder[1], p=people(random, 1)[0].name
    )
    first, _, question = text.rpartition(". ")
    return Story(
        canonical=f"flow:{count * each},/{count}",
        sentences=(f"{first}.",) if first else (),
        question=question,
        working=working,
        answer=each,
        reply=f"The answer is {each}.",
        steps=1,
    )
