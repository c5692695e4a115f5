"""Problems as conversations: with and without thought, alone or after earlier turns, by switch or by soft switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from yunqi.data.problems.problem import Problem
from yunqi.data.split import Split, draw
from yunqi.protocol.messages import Message

SYSTEM_PROMPTS = (
    "You are a helpful assistant.",
    "You are a careful assistant.",
    "You are nano.",
    "Answer the question.",
    "You solve problems step by step.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """What the training stream holds: weights of skills and shares of forms. `max_earlier` bounds the turns before."""

    skills: Mapping[str, float]
    thinking_share: float = 0.7
    soft_switch_share: float = 0.04
    system_share: float = 0.03
    history_share: float = 0.08
    max_earlier: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """One example; its last message is the assistant turn to learn. `enable_thinking` is the caller's switch."""

    messages: tuple[Message, ...]
    enable_thinking: bool


def sample(mix: Mix, split: Split, random: Random) -> Conversation:
    """Draw one conversation. All its problems, also those of earlier turns, belong to `split`."""
    thinking = random.random() < mix.thinking_share
    messages = _opening(mix, random)
    if random.random() < mix.history_share:
        for _ in range(random.randrange(1, mix.max_earlier + 1)):
            messages += _turn(_problem(mix, split, random), random.random() < 0.5)
    if random.random() < mix.soft_switch_share:
        question, answer = _turn(_problem(mix, split, random), thinking)
        question = Message(role="user", content=f"{question.text} {'/think' if thinking else '/no_think'}")
        # A soft switch alone decides, so the caller's switch stays at its default.
        return Conversation(messages=(*messages, question, answer), enable_thinking=True)
    messages += _turn(_problem(mix, split, random), thinking)
    return Conversation(messages=tuple(messages), enable_thinking=thinking)


def _opening(mix: Mix, random: Random) -> list[Message]:
    if random.random() >= mix.system_share:
        return []
    return [Message(role="system", content=random.choice(SYSTEM_PROMPTS))]


def _problem(mix: Mix, split: Split, random: Random) -> Problem:
    skill = random.choices(tuple(mix.skills), tuple(mix.skills.values()))[0]
    return draw(skill, split, random)


def _turn(problem: Problem, thinking: bool) -> tuple[Message, Message]:
    thought = problem.thought if thinking else None
    return (
        Message(role="user", content=problem.question),
        Message(role="assistant", content=problem.reply, reasoning_content=thought),
    )
