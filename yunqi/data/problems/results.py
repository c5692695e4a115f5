"""Skill `results`: a tool has answered, and the assistant says what it found, every value copied exactly.

Beyond: results of more fields, and longer numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.toolbox import everyday, values
from yunqi.data.problems.toolbox.grammar import Action, draw_action
from yunqi.data.problems.toolbox.parameters import Kind, draw_kinds
from yunqi.data.problems.toolbox.requests import request
from yunqi.data.problems.toolbox.values import Value
from yunqi.protocol.messages import Message, Tool, ToolCall

SKILL = "results"
EARLIER_THOUGHT_SHARE = 0.35
ERRORS = listed(
    "not found | no connection | access denied | timeout | invalid {n} | unknown {n} {v} | {v} does not exist | "
    "{n} is missing | server error | {v} is not available | no {n} with the name {v} | permission denied | "
    "already done | {v} was not found | too many requests | the {n} is closed | service not available | {n} {v} is full"
)
DONE = listed("ok | done | success | completed | true | OK | finished")
NOTES = listed(
    "The {n} {v} is ready. | {v} was added. | Saved as {v}. | The {n} is now {v}. | {n} {v} changed. | Sent to {v}. | "
    "It is {v}. | {v} has been told. | Booked under {v}. | Finished at {t}. | The {n} starts at {t}. | "
    "Moved to {v} at {t}."
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    draw = random.random()
    if draw < 0.3:
        return _calculated(random, beyond)
    if draw < 0.5:
        return _weather(random, beyond)
    return _generic(random, beyond)


def _calculated(random: Random, beyond: bool) -> Problem:
    """Numbers that are larger than what the model works out itself."""
    a, b = values.digits(random, *((8, 9) if beyond else (6, 7))), values.digits(random, 5, 7)
    operator = random.choice("+-*" if beyond else "+-**/")
    if operator in "*/" and not beyond:
        a, b = values.digits(random, 4, 5), values.digits(random, 3, 4)
    result = {"+": a + b, "-": a - b, "*": a * b, "/": a}[operator]
    operands = [str(a * b), str(b)] if operator == "/" else [str(a), str(b)]
    call = everyday.calculator(random, everyday.say(random, operands, operator))
    said = str(result)
    return _problem(
        random,
        asked=(call.request, call.tool, call.arguments),
        result=random.choice((said, said, f'{{"result": {said}}}', f'{{"value": {said}}}', f'{{"answer": "{said}"}}')),
        holds=(said,),
        reply=f"The answer is {said}.",
        beyond=beyond,
    )


def _weather(random: Random, beyond: bool) -> Problem:
    call = everyday.weather(random)
    city = next(iter(call.arguments.values()))
    degrees, condition = random.randrange(-25, 45), random.choice(values.CONDITIONS)
    degrees = degrees + 0.5 if random.random() < 0.15 else degrees
    fields: dict[str, Any] = {"temperature": degrees, "condition": condition}
    if random.random() < 0.4:
        fields = {"condition": condition, "temperature": degrees}
    more = {
        "humidity": random.randrange(10, 100),
        "wind": random.randrange(100),
        "pressure": random.randrange(950, 1050),
    }
    extra = random.sample(sorted(more), 2 if beyond else random.choice((0, 0, 1)))
    fields |= {name: more[name] for name in extra}
    tail = "".join(f", {name} {more[name]}" for name in extra)
    shown = {"city": city, **fields} if random.random() < 0.25 else fields
    return _problem(
        random,
        asked=(call.request, call.tool, call.arguments),
        result=_json(random, shown),
        holds=(str(degrees), condition, *(str(more[name]) for name in extra)),
        reply=f"In {city} it is {degrees} degrees and {condition}{tail}.",
        beyond=beyond,
    )


def _generic(random: Random, beyond: bool) -> Problem:
    action = draw_action(random, random.choice((1, 1, 2)))
    asked = (request(random, action, only_noun=True), action.tool, action.arguments)
    makers = (_fields,) if beyond else (_fields, _fields, _fields, _failure, _note, _found, _scalar)
    result, holds, reply = random.choice(makers)(random, action, beyond)
    return _problem(random, asked=asked, result=result, holds=holds, reply=reply, beyond=beyond)


Told = tuple[str, tuple[str, ...], str]


def _fields(random: Random, action: Action, beyond: bool) -> Told:
    """An object of a few fields, perhaps after the word that all went well."""
    found = _drawn(random, random.choice((4, 5)) if beyond else random.choice((1, 1, 2, 2, 3)))
    told = [f"the {name.replace('_', ' ')} is {value}" for name, value in found.items()]
    text = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    shown, done = dict(found), ""
    if random.random() < 0.4:
        shown = {"status": random.choice(DONE), **shown} if random.random() < 0.7 else {"success": True, **shown}
        done = "Done. "
    return _json(random, shown), tuple(str(value) for value in found.values()), f"{done}{text[0].upper()}{text[1:]}."


def _failure(random: Random, action: Action, beyond: bool) -> Told:
    error = random.choice(ERRORS).format(n=action.noun, v=values.word(random))
    form = random.choice(
        ('{{"error": "{e}"}}', '{{"error": "{e}"}}', "Error: {e}", '{{"status": "error", "message": "{e}"}}')
    )
    return form.format(e=error), (error,), f"That did not work: {error}."


def _note(random: Random, action: Action, beyond: bool) -> Told:
    """A sentence that is passed on as it is."""
    text = random.choice(NOTES).format(n=action.noun, v=values.word(random), t=values.time(random))
    text = text[0].upper() + text[1:]
    return random.choice((text, text, json.dumps({"message": text}))), (text.rstrip("."),), text


def _found(random: Random, action: Action, beyond: bool) -> Told:
    """A list of names or numbers."""
    draw = random.choice((values.proper, values.person, values.code, values.title, values.city))
    found = [str(draw(random)) for _ in range(random.choice((2, 3)))]
    said = f"{', '.join(found[:-1])} and {found[-1]}"
    shown = random.choice((json.dumps(found), json.dumps({"results": found}), json.dumps({"items": found})))
    return shown, tuple(found), f"I found {said}."


def _scalar(random: Random, action: Action, beyond: bool) -> Told:
    """One bare value."""
    (value,) = _drawn(random, 1).values()
    shown = random.choice((str(value), json.dumps({"result": value})))
    return shown, (str(value),), f"The result is {value}."


def _drawn(random: Random, count: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while len(found) < count:
        kind: Kind = draw_kinds(random, 1, fresh=False)[0]
        if kind.type != "boolean":
            name = random.choice(kind.names).replace(" ", "_")
            found[name] = random.choice(kind.options) if kind.options else kind.draw(random)
    return found


def _json(random: Random, shown: Mapping[str, Any]) -> str:
    """The object, sometimes inside another or without blanks."""
    draw = random.random()
    if draw < 0.12:
        return json.dumps({random.choice(("result", "data")): shown}, ensure_ascii=False)
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":") if draw < 0.3 else None)


def _problem(
    random: Random,
    *,
    asked: tuple[str, Tool, Mapping[str, Any]],
    result: str,
    holds: tuple[str, ...],
    reply: str,
    beyond: bool,
) -> Problem:
    question, tool, arguments = asked
    given = ", ".join(f"{key} {values.written(value)}" for key, value in arguments.items())
    called = Message(
        role="assistant",
        content="",
        reasoning_content=f"{tool.name}: {given}" if given and random.random() < EARLIER_THOUGHT_SHARE else None,
        tool_calls=(ToolCall(name=tool.name, arguments=dict(arguments)),),
    )
    return Problem(
        skill=SKILL,
        difficulty=len(holds),
        question=result,
        canonical=f"say:{'|'.join(holds)}",
        answer="",
        thought=f"result: {', '.join(holds)}",
        reply=reply,
        beyond=beyond,
        earlier=(Message(role="user", content=question), called),
        tools=(tool,),
        role="tool",
    )
