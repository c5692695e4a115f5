"""Problems as conversations: with and without thought, alone or after earlier turns, by switch or by soft switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from yunqi.data.problems.catalogue import ALL, LONG
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.split import Split, draw
from yunqi.protocol.messages import Message, Tool

SYSTEM_PROMPTS = (
    "You are a helpful assistant.",
    "You are a careful assistant.",
    "You are nano.",
    "Answer the question.",
    "You solve problems step by step.",
)
_TRIES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """What a stretch of training holds.

    `skills` and `languages` are weights; a skill without a row for the drawn language is left out of that draw.
    `max_earlier` bounds the turns before the last question. Of the thoughts, `truncated_share` are cut off by the
    stop sentence of a spent budget, nearly half of them in their first fifth; the loss then counts the answer alone.
    """

    skills: Mapping[str, float]
    languages: Mapping[Language, float] = field(default_factory=lambda: {"en": 1.0})
    thinking_share: float = 0.7
    soft_switch_share: float = 0.04
    system_share: float = 0.03
    history_share: float = 0.08
    max_earlier: int = 2
    truncated_share: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """One example; its last message is the assistant turn to learn. `enable_thinking` is the caller's switch.

    `kept_thought` is the share of the thought that a budget left; None where none was spent.
    """

    messages: tuple[Message, ...]
    enable_thinking: bool
    tools: tuple[Tool, ...] = ()
    kept_thought: float | None = None


def sample(mix: Mix, split: Split, random: Random) -> Conversation:
    """Draw one conversation. All its problems, also those of earlier turns, belong to `split`."""
    language = random.choices(tuple(mix.languages), tuple(mix.languages.values()))[0]
    thinking = random.random() < mix.thinking_share
    problem = _problem(mix, split, random, language)
    messages = _opening(mix, random)
    if random.random() < mix.history_share:
        for _ in range(random.randrange(1, mix.max_earlier + 1)):
            messages += _earlier_turn(mix, split, random, language)
    messages += problem.prompt
    soft_switch = random.random() < mix.soft_switch_share and problem.role == "user"
    if soft_switch:
        messages[-1] = Message(role="user", content=f"{problem.question} {'/think' if thinking else '/no_think'}")
    truncated = thinking and random.random() < mix.truncated_share
    return Conversation(
        messages=(*messages, problem.turn(thinking=thinking)),
        # A soft switch alone decides, so the caller's switch stays at its default.
        enable_thinking=thinking or soft_switch,
        tools=problem.tools,
        kept_thought=random.random() ** 2 if truncated else None,
    )


def _opening(mix: Mix, random: Random) -> list[Message]:
    if random.random() >= mix.system_share:
        return []
    return [Message(role="system", content=random.choice(SYSTEM_PROMPTS))]


def _earlier_turn(mix: Mix, split: Split, random: Random, language: Language) -> list[Message]:
    """A short question and its answer that need no tools; its thought, if it has one, no later turn will see."""
    problem = _problem(mix, split, random, language)
    for _ in range(_TRIES):
        if not _unfit(problem):
            break
        problem = _problem(mix, split, random, language)
    assert not _unfit(problem), "the mix has hardly a short skill without tools, so earlier turns cannot be drawn"
    return [*problem.prompt, problem.turn(thinking=False)]


def _unfit(problem: Problem) -> bool:
    """Whether a problem can be no earlier turn."""
    return bool(problem.tools) or problem.skill in LONG


def _problem(mix: Mix, split: Split, random: Random, language: Language) -> Problem:
    weights = {skill: weight for skill, weight in mix.skills.items() if language in ALL[skill].languages}
    skill = random.choices(tuple(weights), tuple(weights.values()))[0]
    return draw(skill, split, random, language)
