"""Plot `places`: buses, rows of chairs, boxes in a store, pages of a book: one count that changes."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.stories.story import HOLDERS, THINGS, Person, Story, people, small
from yunqi.data.problems.working import Working

SCENES = {
    "bus": (
        ("A bus starts with {n} people.", "There are {n} people on a bus.", "A train leaves with {n} people."),
        ("{n} people get on.", "At the next stop {n} more get on.", "Then {n} people board."),
        ("{n} people get off.", "At the next stop {n} get off.", "Then {n} people leave."),
        ("How many people are on board now?", "How many people are there now?", "How many people remain?"),
        "There are {n} people.",
    ),
    "book": (
        ("A book has {n} pages.", "{p} has a book of {n} pages.", "{p} wants to read {n} pages."),
        (),
        ("{p} reads {n} pages on Monday.", "{p} reads {n} pages.", "The next day {p} reads {n} pages."),
        ("How many pages are left?", "How many pages are still to read?", "How many pages remain?"),
        "{n} pages are left.",
    ),
    "farm": (
        ("A farm has {n} animals.", "There are {n} birds on a lake.", "A pond holds {n} fish."),
        ("{n} more arrive.", "Then {n} more come.", "In spring {n} are born."),
        ("{n} go away.", "Then {n} leave.", "{n} of them are sold."),
        ("How many are there now?", "How many are left?", "How many are there in the end?"),
        "There are {n} now.",
    ),
    "class": (
        ("There are {n} students in a class.", "A school club has {n} members.", "{n} children are in the room."),
        ("{n} new ones come.", "{n} more join.", "Then {n} more walk in.", "{n} arrive late."),
        ("{n} leave.", "{n} go home.", "{n} of them are ill.", "Then {n} leave the room."),
        ("How many are there now?", "How many are left?", "How many stay?", "How many remain?"),
        "There are {n} now.",
    ),
    "cars": (
        ("There are {n} cars in a parking lot.", "{n} cars are parked.", "A garage has {n} cars."),
        ("{n} more cars come.", "{n} cars drive in.", "Then {n} more arrive."),
        ("{n} cars leave.", "{n} drive away.", "Then {n} cars go."),
        ("How many cars are there now?", "How many cars are left?", "How many are parked now?"),
        "There are {n} cars.",
    ),
    "tank": (
        ("A tank holds {n} liters of water.", "There are {n} liters in a tank.", "A barrel has {n} liters."),
        ("{n} liters are added.", "{p} fills in {n} liters.", "It rains and {n} liters come in."),
        ("{n} liters leak out.", "{p} takes {n} liters.", "{p} uses {n} liters."),
        ("How many liters are left?", "How many liters are there now?", "How much water is left?"),
        "{n} liters are left.",
    ),
    "money": (
        ("{p} has {n} dollars.", "{p} has {n} dollars in the bank.", "There are {n} euros in a box."),
        ("{p} earns {n} more.", "{p} gets {n} for helping.", "{p} finds {n}.", "{p} puts in {n} more."),
        ("{p} spends {n} on lunch.", "{p} pays {n} for a book.", "{p} spends {n}.", "{p} gives away {n}."),
        ("How much is left?", "How much money is there now?", "How much money does {p} have now?"),
        "{n} are left.",
    ),
    "time": (
        ("{p} has {n} minutes.", "A film is {n} minutes long.", "The lesson takes {n} minutes."),
        (),
        ("{n} minutes pass.", "{p} needs {n} minutes for a break.", "After that, {n} minutes pass."),
        ("How many minutes are left?", "How many minutes remain?", "How much time is left?"),
        "{n} minutes are left.",
    ),
    "road": (
        ("A trip is {n} km long.", "{p} wants to go {n} km.", "The way to the city is {n} km."),
        (),
        ("{p} drives {n} km.", "Then {p} drives {n} km more.", "{p} walks {n} km.", "After a break {p} goes {n} km."),
        ("How many km are left?", "How far is it still?", "How many km remain?"),
        "{n} km are left.",
    ),
}


def tell(random: Random, steps: int, wide: bool) -> Story:
    if random.random() < 0.4:
        return _rows(random, steps)
    return _scene(random, steps, wide)


def _scene(random: Random, steps: int, wide: bool) -> Story:
    starts, gains, losses, questions, reply = SCENES[random.choice(list(SCENES))]
    hero = people(random, 1)[0].name
    total = random.randrange(100, 700) if wide else random.randrange(20, 100)
    working, codes, in_range = Working(), [str(total)], True
    sentences = [random.choice(starts).format(n=total, p=hero)]
    for _ in range(steps):
        number = random.randrange(100, 250) if wide and random.random() < 0.4 else small(random)
        gaining = bool(gains) and random.random() < 0.5
        in_range = in_range and (gaining or number <= total) and total < (1000 if wide else 100)
        if not in_range:
            break
        sentences.append(random.choice(gains if gaining else losses).format(n=number, p=hero))
        codes.append(f"{'+' if gaining else '-'}{number}")
        total = working.add(total, number) if gaining else working.subtract(total, number)
    return Story(
        canonical="flow:" + ",".join(codes),
        sentences=tuple(sentences),
        question=random.choice(questions).format(p=hero),
        working=working,
        answer=total,
        reply=reply.format(n=total),
        steps=steps,
        in_range=in_range,
    )


def _rows(random: Random, steps: int) -> Story:
    """Holders with equal contents, then some break, are added, or are shared."""
    hero = people(random, 1)[0]
    thing, holder = random.choice(THINGS), random.choice(HOLDERS)
    count, each = random.randrange(2, 10), random.randrange(2, 13)
    working, codes = Working(), [f"{count}*{each}"]
    start = random.choice(
        (
            "There are {k} {hs} with {m} {ts} each.",
            "{p} has {k} {hs} with {m} {ts} in each.",
            "{p} packs {k} {hs} with {m} {ts} each.",
            "A shop has {k} {hs} of {m} {ts}.",
            "In each of {k} {hs} there are {m} {ts}.",
        )
    )
    sentences = [start.format(k=count, m=each, hs=holder[1], ts=thing[1], p=hero.name)]
    total, in_range = working.multiply(count, each), True
    for index in range(steps - 1):
        divisors = [k for k in range(2, 10) if total and total % k == 0 and total <= 10 * k]
        if index == steps - 2 and divisors and random.random() < 0.25:
            k = random.choice(divisors)
            sentences.append(f"All {thing[1]} are shared equally by {k} children.")
            codes.append(f"/{k}")
            total = working.divide(total, k)[0]
            return _rows_story(
                sentences, f"How many {thing[1]} does each child get?", total, codes, working, steps, hero
            )
        number, gaining = small(random), random.random() < 0.4
        in_range = in_range and (gaining or number <= total) and total < 100
        if not in_range:
            break
        texts = ADDED if gaining else REMOVED
        sentences.append(random.choice(texts).format(n=number, ts=thing[1], p=hero.name))
        codes.append(f"{'+' if gaining else '-'}{number}")
        total = working.add(total, number) if gaining else working.subtract(total, number)
    question = random.choice(
        ("How many {ts} are there now?", "How many {ts} are left?", "How many {ts} are there in the end?")
    )
    story = _rows_story(sentences, question.format(ts=thing[1]), total, codes, working, steps, None)
    return story if in_range else _rows(random, steps)


ADDED = ("{p} adds {n} more.", "{n} more {ts} arrive.", "Someone brings {n} more {ts}.", "Then {n} {ts} are added.")
REMOVED = (
    "{n} {ts} are broken and thrown away.",
    "{p} takes {n} of them.",
    "{n} of them are sold.",
    "{n} {ts} get lost.",
)


def _rows_story(
    sentences: list[str],
    question: str,
    total: int,
    codes: list[str],
    working: Working,
    steps: int,
    sharer: Person | None,
) -> Story:
    return Story(
        canonical="rows:" + ",".join(codes),
        sentences=tuple(sentences),
        question=question,
        working=working,
        answer=total,
        reply=f"Each child gets {total}." if sharer else f"There are {total}.",
        steps=steps,
    )
