"""Tools nobody has seen: a verb, a noun and parameters, their definition, and the request that needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import Any

from yunqi.data.problems.spelling_words import WORDS
from yunqi.data.problems.toolbox import values
from yunqi.data.problems.toolbox.actions import FIELDS, GENERAL, Group
from yunqi.data.problems.toolbox.parameters import FRESH, Kind, draw_kinds
from yunqi.data.problems.toolbox.values import Value
from yunqi.protocol.messages import Tool

UNSEEN_PERCENT = 15
INVENTED_NOUN_SHARE = 0.2
COMPOUND_SHARE = 0.25  # nouns of two words, in training alone
COINED_SHARE = 0.45  # parameters with a name of their own, so that names are read and not guessed
NAMELESS_SHARE = 0.5  # coined ones that the request leaves unnamed, one a tool: their value is the one left over
SAME_KIND_SHARE = 0.35  # tools beside the right one that take the same kind of value under another name
SAME_VERB_SHARE, SAME_VERB_UNSEEN, SAME_NOUN_SHARE = 0.3, 0.2, 0.2
NAME_STYLES = ("snake", "snake", "snake", "camel", "camel", "pascal", "turned")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def tool_is_unseen(name: str) -> bool:
    """Whether a tool of the grammar is kept out of training, in whatever style its name is written."""
    words = " ".join(sorted(word.lower() for word in _WORD.findall(name)))
    return int.from_bytes(blake2b(f"tool|{words}".encode(), digest_size=8).digest(), "big") % 100 < UNSEEN_PERCENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Argument:
    """A parameter of one tool: the name as spoken and as written, and the value where the request gives one.

    `coined` tells that the name says nothing of the kind, and that a request has to mention it.
    """

    kind: Kind
    coined: bool
    spoken: str
    name: str
    options: tuple[str, ...]
    value: Value | None
    description: str

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": self.kind.type}
        if self.description:
            schema["description"] = self.description
        if self.options:
            schema["enum"] = list(self.options)
        return schema


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A tool of the grammar and the values of one call. `group` holds the verbs of the same meaning."""

    name: str
    verb: str
    group: Group
    noun: str
    description: str
    parameters: tuple[Argument, ...]

    @property
    def given(self) -> tuple[Argument, ...]:
        """The parameters that the request mentions."""
        return tuple(parameter for parameter in self.parameters if parameter.value is not None)

    @property
    def arguments(self) -> Mapping[str, Value]:
        return {parameter.name: parameter.value for parameter in self.given if parameter.value is not None}

    @property
    def tool(self) -> Tool:
        properties = {parameter.name: parameter.schema for parameter in self.parameters}
        return function(self.name, self.description, properties, [parameter.name for parameter in self.given])


def function(name: str, description: str, properties: Mapping[str, Any], required: list[str]) -> Tool:
    """A tool in the form that OpenAI clients send."""
    parameters = {"type": "object", "properties": properties, "required": required}
    definition = {"name": name, "description": description, "parameters": parameters}
    return Tool(definition={"type": "function", "function": definition})


def draw_action(random: Random, count: int, *, unseen: bool = False, near: Action | None = None) -> Action:
    """A tool with `count` given parameters. `near` is one from which its verb or noun or both have to differ."""
    while True:
        group, noun = _verb_and_noun(random)
        if not unseen and random.random() < COMPOUND_SHARE:
            noun = f"{_attribute(random)} {noun}"
        if near is not None:
            group, noun = _beside(random, near, group, noun, unseen)
            if group == near.group and noun == near.noun:
                continue
        verb = random.choice(group)
        name = _styled(random, verb, noun)
        if tool_is_unseen(name) == unseen:
            return _action(random, name, verb, group, noun, count, unseen, near)


def _attribute(random: Random) -> str:
    """What stands before a noun: a colour, a word from elsewhere, or an invented one."""
    draw = random.random()
    if draw < 0.3:
        return random.choice(values.COLORS)
    return values.invented(random) if draw < 0.6 else random.choice(WORDS)


def _verb_and_noun(random: Random) -> tuple[Group, str]:
    field = random.choice(FIELDS)
    group = random.choice(GENERAL if random.random() < 0.45 else field.verbs)
    invented = random.random() < INVENTED_NOUN_SHARE
    return group, values.invented(random) if invented else random.choice(field.nouns)


def _beside(random: Random, near: Action, group: Group, noun: str, unseen: bool) -> tuple[Group, str]:
    """Mostly another verb and noun; sometimes one of the two is the same, so that both have to be read."""
    draw = random.random()
    same_verb = SAME_VERB_UNSEEN if unseen else SAME_VERB_SHARE
    if draw < same_verb:
        return near.group, noun
    if draw < same_verb + SAME_NOUN_SHARE:
        return group, near.noun
    return group, noun


def _styled(random: Random, verb: str, noun: str) -> str:
    style, words = random.choice(NAME_STYLES), [*verb.split(), *noun.split()]
    if style == "turned":
        words = [*noun.split(), *verb.split()]
    return _written(words, style)


def _written(words: list[str], style: str) -> str:
    if style == "camel":
        return words[0] + "".join(word.capitalize() for word in words[1:])
    if style == "pascal":
        return "".join(word.capitalize() for word in words)
    return "_".join(words)


def _action(
    random: Random, name: str, verb: str, group: Group, noun: str, count: int, unseen: bool, near: Action | None = None
) -> Action:
    optional = count < 3 and random.random() < 0.2
    kinds = draw_kinds(random, count + optional, fresh=unseen)
    if near is not None and near.parameters and not unseen and random.random() < SAME_KIND_SHARE:
        kinds = list(dict.fromkeys((random.choice(near.parameters).kind, *kinds)))[: len(kinds)]
    style, described = ("camel" if "_" not in name else "snake"), random.random() < 0.25
    parameters: list[Argument] = []
    for index, kind in enumerate(kinds):
        coined = not unseen and random.random() < COINED_SHARE
        spoken = _coined(random, kind) if coined else random.choice(kind.fresh if unseen and index == 0 else kind.names)
        if spoken == noun or any(spoken == parameter.spoken for parameter in parameters):
            return _action(random, name, verb, group, noun, count, unseen, near)
        named = coined and (index > 0 or random.random() >= NAMELESS_SHARE)
        parameters.append(_argument(random, kind, named, spoken, style, index < count, noun if described else ""))
    random.shuffle(parameters)
    return Action(
        name=name,
        verb=verb,
        group=group,
        noun=noun,
        description=_description(random, verb, noun),
        parameters=tuple(parameters),
    )


def _coined(random: Random, kind: Kind) -> str:
    """A name that no table holds: invented, a word from elsewhere, or two words."""
    known = (random.choice(FIELDS).nouns, values.PRODUCTS, WORDS, WORDS)
    word, draw = random.choice(random.choice(known)), random.random()
    if random.random() < 0.25:
        word = values.invented(random)
    if draw < 0.35:
        word = f"{word} {random.choice(kind.names)}"
    elif draw < 0.5:
        word = f"{random.choice(values.COLORS)} {word}"
    return _coined(random, kind) if word in FRESH else word


def _argument(random: Random, kind: Kind, coined: bool, spoken: str, style: str, given: bool, noun: str) -> Argument:
    options = tuple(random.sample(kind.options, random.choice((2, 3, 3)))) if kind.options else ()
    value: Value | None = None
    if given and kind.type == "boolean":
        value = random.random() < 0.5
    elif given:
        value = random.choice(options) if options else kind.draw(random)
    description = random.choice((f"The {spoken}.", f"{spoken.capitalize()} of the {noun}")) if noun else ""
    name = _written(spoken.split(), style)
    return Argument(
        kind=kind, coined=coined, spoken=spoken, name=name, options=options, value=value, description=description
    )


def article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def _description(random: Random, verb: str, noun: str) -> str:
    start = verb.capitalize()
    options = (f"{start} {article(noun)}.", f"{start} {article(noun)}", f"{start} the {noun}", f"{start} {noun}")
    return random.choice((*options, f"Use this to {verb} {article(noun)}."))
