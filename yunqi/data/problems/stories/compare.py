"""Plot `compare`: people who have more, fewer or several times as many as another, and how many together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language
from yunqi.data.problems.stories.story import THINGS, Story, people, small
from yunqi.data.problems.stories.teller import CHINESE_NAMES, CHINESE_THINGS, GERMAN_THINGS
from yunqi.data.problems.working import Working

# What is said of `b` and `a`: more, fewer, several times as many, twice as many; asked: of all and of the last.
SCENES: Mapping[Language, tuple[tuple[tuple[str, ...], ...], ...]] = {
    "en": (
        (
            listed("{a} has {n} {things}. | {a} has {n} {things}. | {a} owns {n} {things}. | {a} got {n} {things}."),
            listed(
                "{b} has {n} more {things} than {a}. | {b} has {n} more than {a}. | {b} has {n} {things} more than {a}."
                "| {b} has as many as {a} and {n} more. | {a} has {n} fewer than {b}."
                "| {a} has {n} fewer {things} than {b}. | {a} has {n} less than {b}."
            ),
            listed(
                "{b} has {n} fewer {things} than {a}. | {b} has {n} fewer than {a}. | {b} has {n} less than {a}."
                "| {a} has {n} more than {b}. | {a} has {n} more {things} than {b}."
            ),
            listed("{b} has {n} times as many {things} as {a}. | {b} has {n} times as many as {a}."),
            listed(
                "{b} has twice as many {things} as {a}. | {b} has twice as many as {a}. | {b} has double what {a} has."
            ),
            listed(
                "How many {things} do they have together? | How many {things} do they have in total?"
                "| How many {things} do they have altogether? | What is their total? | How many do they all have?"
                "| How many {things} are there in all? | How many do all of them have together?"
            ),
            listed(
                "How many {things} does {b} have? | How many does {b} have? | So how many {things} does {b} have?"
                "| How many has {b} got?"
            ),
            ("Together they have {n}.", "So {b} has {n}."),
        ),
        (
            listed("{a} is {n} years old. | {a} is {n}. | {a} is {n} years of age."),
            listed("{b} is {n} years older than {a}. | {a} is {n} years younger than {b}."),
            listed("{b} is {n} years younger than {a}. | {a} is {n} years older than {b}."),
            listed("{b} is {n} times as old as {a}. | {b} is {n} times {a}'s age."),
            listed("{b} is twice as old as {a}. | {b} is twice {a}'s age. | {b} is double the age of {a}."),
            listed("How old are they together? | What is the sum of their ages? | What do their ages add up to?"),
            listed("How old is {b}? | What is {b}'s age? | So how old is {b}? | How many years old is {b}?"),
            ("Together they are {n}.", "So {b} is {n}."),
        ),
        (
            listed("{a} walked {n} km. | {a} ran {n} km. | {a} drives {n} km a day."),
            listed(
                "{b} went {n} km more than {a}. | {b} went {n} km further than {a}. | {a} went {n} km less than {b}."
            ),
            listed("{b} went {n} km less than {a}. | {b} went {n} km fewer than {a}. | {a} went {n} km more than {b}."),
            listed("{b} went {n} times as far as {a}."),
            listed("{b} went twice as far as {a}."),
            listed("How many km did they go together? | How far did they go in total?"),
            listed("How many km did {b} go? | How far did {b} go?"),
            ("Together they went {n} km.", "So {b} went {n} km."),
        ),
        (
            listed("{a} scored {n} points. | {a} has {n} points. | {a} got {n} points in the game."),
            listed(
                "{b} got {n} points more than {a}. | {b} scored {n} more than {a}. | {b} beat {a} by {n} points."
                "| {a} got {n} points less than {b}. | {a} scored {n} fewer than {b}."
            ),
            listed(
                "{b} got {n} points less than {a}. | {b} scored {n} fewer than {a}. | {a} scored {n} more than {b}."
            ),
            listed("{b} scored {n} times as many as {a}."),
            listed("{b} scored twice as many as {a}. | {b} got double the points of {a}."),
            listed("How many points did they score together? | What is the total score?"),
            listed("How many points did {b} score? | How many points does {b} have?"),
            ("Together they have {n}.", "So {b} has {n}."),
        ),
    ),
    "de": (
        (
            listed("{a} hat {n} {things}. | {a} besitzt {n} {things}."),
            listed("{b} hat {n} {things} mehr als {a}. | {b} hat {n} mehr als {a}. | {a} hat {n} weniger als {b}."),
            listed("{b} hat {n} {things} weniger als {a}. | {b} hat {n} weniger als {a}. | {a} hat {n} mehr als {b}."),
            listed("{b} hat {n}-mal so viele {things} wie {a}. | {b} hat {n}-mal so viele wie {a}."),
            listed("{b} hat doppelt so viele {things} wie {a}. | {b} hat doppelt so viele wie {a}."),
            listed("Wie viele {things} haben sie zusammen? | Wie viele haben alle zusammen?"),
            listed("Wie viele {things} hat {b}? | Wie viele hat {b}?"),
            ("Zusammen haben sie {n}.", "{b} hat {n}."),
        ),
        (
            listed("{a} ist {n} Jahre alt. | {a} ist {n}."),
            listed("{b} ist {n} Jahre älter als {a}. | {a} ist {n} Jahre jünger als {b}."),
            listed("{b} ist {n} Jahre jünger als {a}. | {a} ist {n} Jahre älter als {b}."),
            listed("{b} ist {n}-mal so alt wie {a}."),
            listed("{b} ist doppelt so alt wie {a}."),
            listed("Wie alt sind sie zusammen?"),
            listed("Wie alt ist {b}? | Wie alt ist dann {b}?"),
            ("Zusammen sind sie {n}.", "{b} ist {n}."),
        ),
    ),
    "zh": (
        (
            listed("{a}有{n}{c}{thing}。"),
            listed("{b}比{a}多{n}{c}。 | {b}的{thing}比{a}多{n}{c}。 | {a}比{b}少{n}{c}。"),
            listed("{b}比{a}少{n}{c}。 | {b}的{thing}比{a}少{n}{c}。 | {a}比{b}多{n}{c}。"),
            listed("{b}的{thing}是{a}的{n}倍。 | {b}的是{a}的{n}倍。"),
            listed("{b}的{thing}是{a}的2倍。 | {b}的是{a}的两倍。"),
            listed("他们一共有多少{c}{thing}？ | 他们一共有几{c}？ | 一共有多少{c}？"),
            listed("{b}有多少{c}{thing}？ | {b}有几{c}{thing}？ | {b}有几{c}？"),
            ("一共有{n}{c}。", "{b}有{n}{c}。"),
        ),
        (
            listed("{a}今年{n}岁。 | {a}{n}岁。"),
            listed("{b}比{a}大{n}岁。 | {a}比{b}小{n}岁。"),
            listed("{b}比{a}小{n}岁。 | {a}比{b}大{n}岁。"),
            listed("{b}的年龄是{a}的{n}倍。"),
            listed("{b}的年龄是{a}的2倍。"),
            listed("他们的年龄一共是多少岁？ | 他们一共多少岁？"),
            listed("{b}多少岁？ | {b}今年几岁？"),
            ("一共{n}岁。", "{b}{n}岁。"),
        ),
    ),
}

# The word of a sentence that says how two compare.
COMPARATIVES = re.compile(
    r"\b(?:more|fewer|less|older|younger|further|beat|times|twice|double|mehr|weniger|älter|jünger|mal|doppelt)\b"
    r"|[多少大小倍]"
)


MORE_BELOW = 0.62


def tell(random: Random, steps: int, wide: bool, language: Language = "en") -> Story:
    """With `links` people after the first: links steps for the last one, twice as many for all together."""
    together = steps % 2 == 0 and random.random() < 0.6
    links = steps // 2 if together else steps
    scenes = SCENES[language]
    first, more, fewer, times, twice, of_all, of_last, replies = (
        scenes[0] if random.random() < 0.6 else random.choice(scenes)
    )
    group, words = _names(random, links + 1, language), _thing_words(random, language)
    values, codes, working = [random.randrange(100, 400) if wide else random.randrange(3, 40)], [], Working()
    sentences = [random.choice(first).format(a=group[0], n=values[0], **words)]
    for before, after in pairwise(group):
        kind, number = _link(random, values[-1], wide)
        codes.append(f"{kind}{number}")
        texts = {"+": more, "-": fewer}.get(kind, twice if number == 2 and random.random() < 0.8 else times)
        sentences.append(random.choice(texts).format(a=before, b=after, n=number, **words))
        working.lines.append(_read(sentences[-1], before, after))
        values.append({"*": working.multiply, "+": working.add, "-": working.subtract}[kind](values[-1], number))
    limit = 1000 if wide else 100
    in_range = min(values) >= 2 and max(values[:-1]) < limit and values[-1] < (1000 if wide else 200)
    total = values[-1]
    if together and in_range:
        total = values[0]
        for value in values[1:]:
            in_range = in_range and total < limit and value < limit
            total = working.add(total, value)
    return Story(
        canonical=f"compare:{values[0]},{','.join(codes)},{'all' if together else 'last'}",
        sentences=tuple(sentences),
        question=random.choice(of_all if together else of_last).format(b=group[-1], **words),
        working=working,
        answer=total,
        reply=replies[0 if together else 1].format(n=total, b=group[-1], **words),
        steps=steps,
        in_range=in_range,
    )


def _read(sentence: str, before: str, after: str) -> str:
    """Who is new, and which of the two is said to be more or less: that decides between plus and minus."""
    found = COMPARATIVES.search(sentence.replace(before, "").replace(after, ""))
    assert found is not None, sentence
    subject = min(before, after, key=sentence.index)
    return f"{after}{f': {subject}' if subject == before else ''} {found[0]}"


def _link(random: Random, value: int, wide: bool) -> tuple[str, int]:
    """How the next one compares."""
    kind = random.random()
    if kind < 0.3 and 0 < value < 50:
        return "*", random.choice((2, 2, 3, 4, 5))
    number = random.randrange(100, 300) if wide and random.random() < 0.4 else small(random)
    if kind < MORE_BELOW or value < 4:
        return "+", number
    return "-", number if number < value - 1 else random.randrange(2, value - 1)


def _names(random: Random, count: int, language: Language) -> list[str]:
    if language == "zh":
        return [name for name, _ in random.sample(CHINESE_NAMES, count)]
    return [person.name for person in people(random, count)]


def _thing_words(random: Random, language: Language) -> dict[str, str]:
    if language == "zh":
        thing = random.choice(CHINESE_THINGS)
        return {"thing": thing[0], "c": thing[1]}
    return {"things": random.choice(GERMAN_THINGS if language == "de" else THINGS)[1]}
