"""Skill `recall`: one fact among many sentences, asked for at their end; told at once or over several turns.

Canonical: "number:Anna:4821", "town:Ben:Rome", "colour:Ida:green", beyond training with ":far" behind it; there, too,
the fact is one that is held out. Difficulty is the distance: how many sentences follow the fact, 4 to 80 in training
(about a thousand tokens), the short ones more often; beyond: 320. Among the others stand `num_rivals` facts of the same
kind about other people, so who only knows the kind and draws one of those told is right in 1 of `num_rivals` + 1. Facts
of other kinds and sentences about nothing fill the rest.

The thought is the fact as it was told.
"""

from __future__ import annotations

from math import exp, log
from random import Random

from yunqi.data.problems.bucket import HELD_OUT_PERCENT, bucket
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.recall_wording import GOING_ON, KINDS, NAMES, NOTED, OPENINGS, filler
from yunqi.protocol.messages import Message

SKILL = "recall"
LEAST, MOST, BEYOND = 4, 80, 320
FAR = ":far"
BEFORE = 12  # sentences ahead of the fact, at most
OTHER_KINDS_SHARE = 0.15
TURNS_SHARE = 0.4
SENTENCES_A_TURN = range(4, 31)


def num_rivals(distance: int) -> int:
    """Facts of the same kind about other people, of which a third may stand before the fact."""
    return min(2 + distance // 8, len(NAMES) // 2)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    if beyond:
        return held_out_at(random, BEYOND)
    return at_distance(random, int(exp(random.uniform(log(LEAST), log(MOST + 1)))))


def held_out_at(random: Random, distance: int, percent: int = HELD_OUT_PERCENT) -> Problem:
    """A problem at that distance whose fact is among the first `percent` buckets, which training never sees."""
    while True:
        problem = at_distance(random, distance)
        if bucket(SKILL, problem.canonical.removesuffix(FAR)) < percent:
            return problem


def at_distance(random: Random, distance: int) -> Problem:
    """A problem with `distance` sentences between the fact and the question."""
    kind = random.choice(tuple(KINDS))
    wording = KINDS[kind]
    people = random.sample(NAMES, 1 + num_rivals(distance))
    name, value = people[0], wording.draw(random)
    fact = random.choice(wording.told).format(n=name, v=value)
    sentences, place = _notes(random, kind, people, distance)
    earlier, last = _turns(random, [*sentences[:place], fact, *sentences[place:]])
    question = random.choice(wording.asked).format(n=name)
    return Problem(
        skill=SKILL,
        difficulty=distance,
        question=f"{last} {question}".strip(),
        canonical=f"{kind}:{name}:{value}{FAR if distance > MOST else ''}",
        answer=value,
        thought=f"{fact}\n{value}",
        reply=wording.reply.format(n=name, v=value),
        beyond=distance > MOST,
        earlier=earlier,
    )


def _notes(random: Random, kind: str, people: list[str], distance: int) -> tuple[list[str], int]:
    """All sentences but the fact, and the place where it belongs. The first of `people` is the one it is about."""
    before = random.randrange(BEFORE + 1)
    total = before + distance
    sentences = [_filling(random, kind, people[0]) for _ in range(total)]
    early = random.sample(range(before), min(before, num_rivals(distance) // 3))
    rivals = people[1:]
    late = random.sample(range(before, total), len(rivals) - len(early))
    for other, at in zip(rivals, [*early, *late], strict=True):
        sentences[at] = random.choice(KINDS[kind].told).format(n=other, v=KINDS[kind].draw(random))
    return sentences, before


def _filling(random: Random, kind: str, name: str) -> str:
    """A sentence that tells nothing, or another kind of fact, also about the one who is asked about."""
    if random.random() >= OTHER_KINDS_SHARE:
        return filler(random)
    other = KINDS[random.choice([k for k in KINDS if k != kind])]
    who = name if random.random() < 0.3 else random.choice(NAMES)
    return random.choice(other.told).format(n=who, v=other.draw(random))


def _turns(random: Random, sentences: list[str]) -> tuple[tuple[Message, ...], str]:
    """The notes as earlier turns and what stands before the question."""
    opening = random.choice(OPENINGS)
    if random.random() >= TURNS_SHARE:
        return (), " ".join([opening, *sentences])
    messages: list[Message] = []
    while sentences:
        count = random.choice(SENTENCES_A_TURN)
        part, sentences = sentences[:count], sentences[count:]
        messages.append(Message(role="user", content=" ".join([opening, *part])))
        messages.append(Message(role="assistant", content=random.choice(NOTED)))
        opening = random.choice(GOING_ON)
    return tuple(messages), ""
