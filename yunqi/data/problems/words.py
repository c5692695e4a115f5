"""Skill `words`: word problems of two to four steps (beyond: five), told by the plots in `stories`.

About a fifth of them hold a sentence with a number that does not matter.
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.stories import compare, flow, places, shop
from yunqi.data.problems.stories.story import Story, person

SKILL = "words"
STEPS = (2, 3, 4)
STEPS_BEYOND = 5
WIDE_SHARE = 0.12
DISTRACTOR_SHARE = 0.2
PLOTS = (flow, flow, compare, shop, places)
PLOTS_BEYOND = (flow, places)

DISTRACTORS = (
    "{p} is {n} years old.",
    "The shop opens at {n}.",
    "It is {n} degrees outside.",
    "{p} lives at number {n}.",
    "There are {n} trees in the garden.",
    "{p} has {n} cousins.",
    "The room has {n} windows.",
    "It took {n} minutes.",
    "{p} goes to bed at {n}.",
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    steps = STEPS_BEYOND if beyond else random.choice(STEPS)
    story = _story(random, steps, beyond)
    return Problem(
        skill=SKILL,
        difficulty=steps,
        question=_text(random, story),
        canonical=story.canonical,
        answer=str(story.answer),
        thought=story.working.text,
        reply=story.reply,
        beyond=beyond,
    )


def _story(random: Random, steps: int, beyond: bool) -> Story:
    plot = random.choice(PLOTS_BEYOND if beyond else PLOTS)
    wide = steps <= 3 and random.random() < WIDE_SHARE
    while True:
        story = plot.tell(random, steps, wide)
        if story.in_range:
            return story


def _text(random: Random, story: Story) -> str:
    sentences = list(story.sentences)
    if random.random() < DISTRACTOR_SHARE:
        noise = random.choice(DISTRACTORS).format(p=person(random).name, n=random.randrange(2, 13))
        sentences.insert(random.randrange(1, len(sentences) + 1), noise)
    text = " ".join([*sentences, story.question])
    return text.lower() if random.random() < 0.03 else text
