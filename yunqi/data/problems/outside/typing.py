"""How people type a question: politely, in capitals, in a hurry, with slips."""

from __future__ import annotations

import re
from random import Random

from yunqi.data.problems.phrasing import careless, listed
from yunqi.data.problems.problem import Language

BLANK_AFTER_MARK = re.compile("([，：！。？]) ")

OPENERS: dict[Language, tuple[str, ...]] = {
    "en": listed(
        "Please | Hi, | Hello! | Hey, | Hey nano, | Can you tell me: | Tell me: | I have a question. | "
        "Quick question: | Question: | I wonder: | Do you know: | Listen, | OK, | So, | Now | Excuse me, | "
        "Be honest: | In one sentence: | In short: | Dear AI, | I need this for school. | Last question: | "
        "Something else: | You idiot, | Please help me. | My teacher asks: | Well,"
    ),
    "de": listed(
        "Bitte: | Hallo, | Hallo! | Hey, | Sag mal, | Kannst du mir sagen: | Eine Frage: | Kurze Frage: | "
        "Weißt du: | Ich brauche das für die Schule. | Also, | Noch etwas: | Ganz kurz:"
    ),
    "zh": listed(
        "请问， | 你好， | 你好！ | 请告诉我， | 我想问一下， | 问题： | 你知道吗， | 麻烦你， | 那么， | 老师问： | "
        "简单说："
    ),
}
CLOSERS: dict[Language, tuple[str, ...]] = {
    "en": listed(
        "Please. | Thanks! | Thank you. | Be brief. | Explain in detail. | I need it today. | Be quick! | "
        "It is important. | Do you know? | Answer in one word. | Answer with yes or no. | Please explain why. | "
        "I really want to know. | Use simple words."
    ),
    "de": listed("Bitte. | Danke! | Danke dir. | Kurz bitte. | Es ist wichtig. | Erkläre es genau. | Schnell!"),
    "zh": listed("谢谢！ | 请简短回答。 | 请详细说明。 | 很重要。 | 快点！ | 谢谢你。"),
}


def typed(random: Random, text: str, language: Language) -> str:
    """The text as somebody types it, now and then with a word before or after."""
    if random.random() < 0.1:
        text = f"{random.choice(OPENERS[language])} {text}"
    if random.random() < 0.06:
        text = f"{text} {random.choice(CLOSERS[language])}"
    return keyed(random, text, language)


def keyed(random: Random, text: str, language: Language) -> str:
    """The text as it comes from a keyboard."""
    if language == "zh":
        return careless(random, BLANK_AFTER_MARK.sub(r"\1", text))
    draw = random.random()
    if draw < 0.04:
        return text.upper()
    if draw < 0.2:
        text = text.lower()
    if random.random() < 0.08:
        text = slipped(random, text)
    return careless(random, text)


def slipped(random: Random, text: str) -> str:
    """The text with one slip of the finger: a letter lost, doubled, or swapped with the next."""
    if len(text) < 6:
        return text
    at = random.randrange(1, len(text) - 1)
    return random.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )
    )
