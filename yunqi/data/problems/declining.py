"""Skill `declining`: questions that the model cannot answer; it says so and names a real model that can.

The questions mix many fields with frames of any words at all, also invented ones, so that an unknown question is
declined for being unknown. Among the English ones stand questions in languages that the model does not know; it says
which it does. Beyond: questions about fields that no training question touches.
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.outside.chinese import CHINESE, CHINESE_FAR, CHINESE_WORDS
from yunqi.data.problems.outside.english import ENGLISH, ENGLISH_FAR, ENGLISH_WORDS
from yunqi.data.problems.outside.filling import capitalised, fill
from yunqi.data.problems.outside.foreign import FOREIGN
from yunqi.data.problems.outside.german import GERMAN, GERMAN_FAR
from yunqi.data.problems.outside.german_words import GERMAN_WORDS
from yunqi.data.problems.outside.typing import typed
from yunqi.data.problems.phrasing import careless
from yunqi.data.problems.problem import Language, Problem

SKILL = "declining"
COMMAND = "yunqi chat Qwen/Qwen3-0.6B"
REPLIES: dict[Language, str] = {
    "en": f"Sorry, I am only a tiny demonstration model and cannot answer that. A real model can: {COMMAND}",
    "de": f"Leider bin ich nur ein winziges Vorführmodell und kann das nicht beantworten. Ein echtes kann: {COMMAND}",
    "zh": f"抱歉，我只是一个很小的演示模型，回答不了这个问题。真正的模型可以：{COMMAND}",
}
THOUGHT = "outside"
FOREIGN_REPLY = f"Sorry, I only understand English, German and Chinese. A real model understands more: {COMMAND}"
FOREIGN_THOUGHT = "foreign language"
FOREIGN_SHARE, PHRASE_SHARE = 0.1, 0.15
TEMPLATES = {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}
FAR_TEMPLATES = {"en": ENGLISH_FAR, "de": GERMAN_FAR, "zh": CHINESE_FAR}
FILLINGS = {"en": ENGLISH_WORDS, "de": GERMAN_WORDS, "zh": CHINESE_WORDS}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    if language == "en" and not beyond and random.random() < FOREIGN_SHARE:
        return _foreign(random)
    templates = FAR_TEMPLATES[language] if beyond else random.choice(TEMPLATES[language])
    core = capitalised(fill(random, random.choice(templates), FILLINGS[language]))
    return _declined(core, typed(random, core, language), THOUGHT, REPLIES[language], language, beyond=beyond)


def _foreign(random: Random) -> Problem:
    """A question, or a phrase that everybody has heard, in a language that is not understood."""
    if random.random() < PHRASE_SHARE:
        core = fill(random, random.choice(("{foreign}", "{foreign}", "{foreign} {foreign}")), ENGLISH_WORDS)
    else:
        templates, words = FOREIGN[random.choice(tuple(FOREIGN))]
        core = capitalised(fill(random, random.choice(templates), words))
    return _declined(core, careless(random, core), FOREIGN_THOUGHT, FOREIGN_REPLY, "en", beyond=False)


def _declined(core: str, question: str, thought: str, reply: str, language: Language, *, beyond: bool) -> Problem:
    return Problem(
        skill=SKILL,
        difficulty=1,
        question=question,
        canonical=f"decline:{core.lower().rstrip('.?!。？！؟। ')}",
        answer="",
        thought=thought,
        reply=reply,
        beyond=beyond,
        language=language,
    )
