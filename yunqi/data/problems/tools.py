"""Skill `tools`: the right call of one to three offered tools, with its arguments copied from the request.

About a tenth of the requests need none of the tools and are answered in words. Beyond: four parameters, often four
tools. The tools that `tool_is_unseen` names are left to the skill `unseen_tools`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from yunqi.data.problems.phrasing import careless, listed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.toolbox import everyday, values
from yunqi.data.problems.toolbox.grammar import Action, draw_action
from yunqi.data.problems.toolbox.requests import request
from yunqi.protocol.messages import Tool, ToolCall

SKILL = "tools"
EVERYDAY = (everyday.calculator, everyday.weather)
COUNTS, COUNT_WEIGHTS = (0, 1, 2, 3), (4, 38, 38, 20)
OFFERED, OFFERED_WEIGHTS = (0, 1, 2), (35, 40, 25)
# What is said, what has to be in the reply, and the reply.
TALK = listed(
    "My name is {v}. What is my name?;Your name is {v}. | I am {v}. Who am I?;You are {v}. | Say {v}.;{v} | "
    "Repeat the word {v}.;{v} | Repeat after me: {v};{v} | Just say {v}.;{v} | Say hello to {v}.;Hello, {v}! | "
    "Hello, I am {v}.;Hello, {v}! | Hi, my name is {v}.;Hello, {v}! | Greet {v}.;Hello, {v}! | "
    "Write the word {v}.;{v} | I like {v}. What do I like?;You like {v}. | "
    "My friend is called {v}. What is the name of my friend?;{v} | "
    "I live in {v}. Where do I live?;You live in {v}. | Answer with {v} only.;{v} | "
    "Say goodbye to {v}.;Goodbye, {v}! | My dog is called {v}. What is my dog called?;Your dog is called {v}. | "
    "No tool please, just say {v}.;{v}"
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    draw = random.random()
    if beyond or draw < 0.72:
        return from_grammar(random, beyond=beyond)
    if draw < 0.92:
        return _everyday(random)
    return _talk(random)


def from_grammar(random: Random, *, beyond: bool = False, unseen: bool = False, skill: str = SKILL) -> Problem:
    """A problem whose tool comes from the grammar; with `unseen` one that training never meets."""
    action = draw_action(random, 4 if beyond else random.choices(COUNTS, COUNT_WEIGHTS)[0], unseen=unseen)
    offered = random.choices(OFFERED, OFFERED_WEIGHTS)[0] + (beyond and random.random() < 0.5)
    others = distractors(random, action, offered, unseen=unseen)
    only_noun = all(other.noun != action.noun for other in others)
    return called(
        question=request(random, action, only_noun=only_noun),
        tools=_shuffled(random, action.tool, [other.tool for other in others]),
        name=action.name,
        arguments=action.arguments,
        skill=skill,
        beyond=beyond,
    )


def distractors(random: Random, action: Action, count: int, *, unseen: bool) -> list[Action]:
    """Other tools, no two of which have the same name or do the same."""
    found: list[Action] = []
    while len(found) < count:
        other = draw_action(random, random.choice((1, 1, 2)), unseen=unseen, near=action)
        if all((other.group, other.noun) != (one.group, one.noun) for one in found):
            found.append(other)
    return found


def called(
    *, question: str, tools: tuple[Tool, ...], name: str, arguments: Mapping[str, Any], skill: str, beyond: bool
) -> Problem:
    """A problem that one call solves."""
    # A name stands in quotation marks, as it does among the tools and in the call: so its tokens are the same.
    given = ", ".join(f'"{key}": {values.written(value)}' for key, value in arguments.items())
    right = {"name": name, "arguments": arguments}
    return Problem(
        skill=skill,
        difficulty=max(len(arguments), 1),
        question=question,
        canonical=f"call:{json.dumps(right, sort_keys=True, ensure_ascii=False)}",
        answer="",
        thought=f"{name}: {given}" if given else name,
        reply="",
        beyond=beyond,
        tools=tools,
        calls=(ToolCall(name=name, arguments=dict(arguments)),),
    )


def offered_tools(random: Random, count: int) -> list[Tool]:
    """Any tools of the grammar, different from each other."""
    first = draw_action(random, random.choice((1, 2)))
    return [first.tool, *(other.tool for other in distractors(random, first, count - 1, unseen=False))][:count]


def _everyday(random: Random) -> Problem:
    kind = random.choice(EVERYDAY)
    call, others = kind(random), offered_tools(random, random.choice((0, 1, 1)))
    if random.random() < 0.35:
        others.append(next(other for other in EVERYDAY if other is not kind)(random).tool)
    return called(
        question=_typed(random, call),
        tools=_shuffled(random, call.tool, others),
        name=call.tool.name,
        arguments=call.arguments,
        skill=SKILL,
        beyond=False,
    )


def _typed(random: Random, call: everyday.Call) -> str:
    """As a hurried person types it, unless that would change a name at the beginning."""
    first = call.request.split()[0]
    return (
        call.request
        if any(first in str(value) for value in call.arguments.values())
        else careless(random, call.request)
    )


def _talk(random: Random) -> Problem:
    """Words that no tool is needed for."""
    said, _, reply = random.choice(TALK).partition(";")
    value = random.choice((values.person, values.proper, values.city, values.full_name))(random)
    tools = offered_tools(random, random.choice((1, 2)))
    if random.random() < 0.4:
        tools[0] = random.choice(EVERYDAY)(random).tool
    return Problem(
        skill=SKILL,
        difficulty=1,
        question=said.format(v=value),
        canonical=f"say:{value}",
        answer="",
        thought=f"no tool: {value}",
        reply=reply.format(v=value),
        tools=tuple(tools),
    )


def _shuffled(random: Random, right: Tool, others: list[Tool]) -> tuple[Tool, ...]:
    tools = [right, *others]
    random.shuffle(tools)
    return tuple(tools)
