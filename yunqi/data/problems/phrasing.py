"""How people write arithmetic: operator spellings, spacing, thousands commas, and careless typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from yunqi.data.problems.problem import Language

PLUS_WORDS = ("plus", "plus", "plus", "added to")
MINUS_WORDS = ("minus", "minus", "minus", "take away", "less")
TIMES_WORDS = ("times", "times", "times", "multiplied by")
SYMBOLS = {"+": ("+",), "-": ("-", "-", "-", "−"), "*": ("x", "x", "*", "*", "×"), "/": ("/", "/", "÷", ":")}

WRAPPERS = (
    "What is {e}?",
    "What is {e}?",
    "What's {e}?",
    "{e}",
    "{e}",
    "{e} =",
    "{e} = ?",
    "{e}?",
    "Compute {e}.",
    "Compute {e} =",
    "Calculate {e}.",
    "How much is {e}?",
    "Please work out {e}.",
    "Work out {e}",
    "Solve {e}.",
    "Solve: {e}",
    "Find {e}.",
    "Tell me {e}.",
    "Can you compute {e}?",
    "Can you tell me what {e} is?",
    "Evaluate {e}.",
    "Give me the result of {e}.",
    "What is the value of {e}?",
    "What does {e} equal?",
    "What do I get for {e}?",
    "I need {e}.",
    "Result of {e}?",
)

ANSWER_SENTENCES: Mapping[Language, str] = {
    "en": "The answer is {a}.",
    "de": "Die Antwort ist {a}.",
    "zh": "答案是{a}。",
}


def listed(text: str) -> tuple[str, ...]:
    """The parts of a text between bars."""
    return tuple(part.strip() for part in text.split("|"))


def number(random: Random, value: int) -> str:
    """A number as typed: now and then with a thousands comma."""
    return f"{value:,}" if value >= 1000 and random.random() < 0.08 else str(value)


def symbol(random: Random, operator: str) -> str:
    """One spelling of an operator; an expression keeps to one."""
    return random.choice(SYMBOLS[operator])


def gap(random: Random) -> str:
    """The space around operators of one expression: mostly one blank, often none."""
    return " " if random.random() < 0.65 else ""


def wrap(random: Random, expression: str) -> str:
    return careless(random, random.choice(WRAPPERS).format(e=expression))


def careless(random: Random, text: str) -> str:
    """The text as a hurried person types it: sometimes without capital, sometimes without the last mark."""
    if random.random() < 0.2:
        text = text[0].lower() + text[1:]
    if random.random() < 0.15:
        text = text.rstrip("?.!").rstrip()
    return text


def answer_sentence(answer: str, language: Language = "en") -> str:
    """How a bare result is said."""
    return ANSWER_SENTENCES[language].format(a=answer)


def pick(random: Random, options: Sequence[str], **values: object) -> str:
    """One of the templates, filled."""
    return random.choice(options).format(**values)
