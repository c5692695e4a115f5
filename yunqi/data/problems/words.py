"""Skill `words`: word problems of one to eight steps (beyond: nine and ten), told by the plots in `stories`.

About a fifth of the English ones hold a sentence with a number that does not matter; some write small numbers in words.
Where a short one takes more than there is, the reply says so, and the answer is empty.
"""

from __future__ import annotations

import re
from random import Random

from yunqi.data.problems.number_words import spell
from yunqi.data.problems.phrasing import careless, listed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.stories import compare, flow, places, shop, short, tally
from yunqi.data.problems.stories.story import Story, person

SKILL = "words"
STEPS = (1, 2, 3, 4, 5, 6, 7, 8)
STEP_WEIGHTS = (8, 17, 17, 17, 15, 9, 9, 8)
STEPS_BEYOND = (9, 10)
WIDE_SHARE = 0.1
WIDE_LIMIT = 3
DISTRACTOR_SHARE = 0.18
SPELLED_SHARE = 0.15
DOZEN_SHARE = 0.5
OPENING_SHARE = 0.08
CARELESS_SHARE = 0.3
OPENINGS = listed(
    "Solve this: | Please solve: | Help me with this: | Here is a problem. | A riddle: | Can you solve this?"
    "| My homework: | Work this out: | Think about this: | Word problem: | Hi! | Please help."
)
SPELLED_LIMIT = 12
IMPOSSIBLE_SHARE = 0.06
IMPOSSIBLE_STEPS = 2
PLOTS = (flow, flow, flow, compare, compare, shop, places, tally)
LONG_PLOTS = (flow, flow, compare, shop, places, tally)
TRANSLATED_PLOTS = (flow, flow, compare)
LIMITS = {compare: 6, tally: 6}

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

# A number that does not matter has another unit than those that do.
CONFUSING = (" old", "year", "minute", "tree")


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    steps = random.choice(STEPS_BEYOND) if beyond else random.choices(STEPS, STEP_WEIGHTS)[0]
    impossible = steps <= IMPOSSIBLE_STEPS and random.random() < IMPOSSIBLE_SHARE
    story = short.tell(random, steps, language) if impossible else _story(random, steps, language)
    return Problem(
        skill=SKILL,
        difficulty=steps,
        question=_text(random, story, language),
        canonical=story.canonical,
        answer="" if impossible else str(story.answer),
        thought=story.working.text,
        reply=story.reply,
        beyond=beyond,
        language=language,
    )


def _story(random: Random, steps: int, language: Language) -> Story:
    plots = TRANSLATED_PLOTS if language != "en" else PLOTS if steps <= WIDE_LIMIT else LONG_PLOTS
    plot = random.choice([plot for plot in plots if steps <= LIMITS.get(plot, steps)])
    wide = steps <= WIDE_LIMIT and random.random() < WIDE_SHARE
    while True:
        story = plot.tell(random, steps, wide) if language == "en" else plot.tell(random, steps, wide, language)
        if story.in_range:
            return story


def _text(random: Random, story: Story, language: Language) -> str:
    sentences = list(story.sentences)
    if language == "en" and random.random() < DISTRACTOR_SHARE:
        noise = random.choice(DISTRACTORS).format(p=person(random).name, n=random.randrange(2, 13))
        if any(unit in noise and unit in told for unit in CONFUSING for told in (*sentences, story.question)):
            noise = f"{person(random).name} likes the number {random.randrange(2, 13)}."
        sentences.insert(random.randrange(min(1, len(sentences)), len(sentences) + 1), noise)
    text = ("" if language == "zh" else " ").join([*sentences, story.question])
    if random.random() < SPELLED_SHARE:
        text = _spelled(text, language)
    if language == "en":
        text = _typed(random, text)
    return careless(random, text) if random.random() < CARELESS_SHARE else text


def _typed(random: Random, text: str) -> str:
    """In English also with a word before it, with a dozen, or all in small letters."""
    if random.random() < DOZEN_SHARE:
        text = re.sub(r"(?<=[a-z] )12(?= (?:[a-z]*s\b|more))", "a dozen", text)
    if random.random() < OPENING_SHARE:
        text = f"{random.choice(OPENINGS)} {text}"
    return text.lower() if random.random() < 0.04 else text


def _spelled(text: str, language: Language) -> str:
    """The text with its small numbers in words."""

    def in_words(found: re.Match[str]) -> str:
        value = int(found[0])
        if not 2 <= value <= (SPELLED_LIMIT if language != "zh" else 10):
            return found[0]
        word = {"en": spell, "de": GERMAN.__getitem__, "zh": CHINESE.__getitem__}[language](value)
        return word.capitalize() if found.start() == 0 or text[found.start() - 2] in ".?!" else word

    return re.sub(r"\d+", in_words, text)


GERMAN = ("null", "eins", *["zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"])
CHINESE = ("零", "一", *"两三四五六七八九十")
