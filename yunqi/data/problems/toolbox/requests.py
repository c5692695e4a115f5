"""The words in which a person asks for a tool's action and gives its values."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.toolbox.actions import WANTED
from yunqi.data.problems.toolbox.grammar import Action, Argument, article
from yunqi.data.problems.toolbox.parameters import BY_NAME, NO_PHRASES, YES_PHRASES
from yunqi.data.problems.toolbox.values import written

ASKING = listed(
    "Can you | Could you | Could you please | Can you please | Would you | Would you please | Will you | "
    "Are you able to | Is it possible to | Hi, can you | Hello, could you"
)
TELLING = listed(
    "Please | Please | I want to | I need to | I would like to | I'd like to | Help me | Help me to | Let's | Now | "
    "Hey, | Hi, please | You should | I want you to | Go ahead and | Time to | We need to | We have to | Just | "
    "OK, | Then"
)
WANTING = listed("I need | I want | I would like | I'd like | Give me | We need | I am looking for | Can I have")
LEADS = ("for ", "in ", "at ", "on ", "from ", "until ", "with ", "by ", "to ")
ENDS = (".", ".", ".", ".", "", "!", " please.", ", please.", ", thanks.")
BY_NAME_SHARE = 0.4


def request(random: Random, action: Action, *, only_noun: bool) -> str:
    """What the user says. `only_noun` tells that no other tool has this noun, so that the verb may be left out."""
    draw = random.random()
    if draw < 0.06:
        return f"{random.choice(('Use', 'Call', 'Run'))} {action.name}{_listing(random, action, ' with ')}."
    if draw < 0.2 and action.given:
        return _in_sentences(random, action)
    phrases = _phrases(random, action)
    if only_noun and draw < 0.3 and action.verb in WANTED:
        return f"{random.choice(WANTING)} {article(action.noun)}{_joined(random, phrases)}{random.choice(ENDS)}"
    if draw < 0.4 and phrases and phrases[-1].startswith(LEADS):
        first = phrases.pop()
        return f"{first[0].upper()}{first[1:]}, {_core(random, action)}{_joined(random, phrases)}."
    return _opened(random, _core(random, action) + _joined(random, phrases))


def _core(random: Random, action: Action) -> str:
    verb = action.verb if random.random() < 0.7 else random.choice(action.group)
    verb = "search for" if verb == "search" else verb
    noun = action.noun
    return f"{verb} {random.choice((article(noun), article(noun), f'the {noun}', f'the {noun}', noun, f'my {noun}'))}"


def _opened(random: Random, text: str) -> str:
    draw = random.random()
    if draw < 0.3:
        return f"{random.choice(ASKING)} {text}?"
    if draw < 0.6:
        return f"{random.choice(TELLING)} {text}{random.choice(ENDS)}"
    return f"{text[0].upper()}{text[1:]}{random.choice(ENDS)}"


def _in_sentences(random: Random, action: Action) -> str:
    """First the wish, then the values; or the other way round."""
    wish, given = _opened(random, _core(random, action)), _listing(random, action, "")
    if wish[-1] not in ".?!":
        wish += "."
    if random.random() < 0.7:
        return f"{wish} {given[0].upper()}{given[1:]}."
    return f"{given[0].upper()}{given[1:]}. {wish}"


def _listing(random: Random, action: Action, lead: str) -> str:
    if not action.given:
        return ""
    form = random.choice(("{n} {v}", "{n}: {v}", "{n} = {v}", "the {n} is {v}", "{n} is {v}"))
    parts = [form.format(n=one.spoken, v=_value(random, one)) for one in _ordered(random, action)]
    return lead + _with_and(random, parts)


def _ordered(random: Random, action: Action) -> list[Argument]:
    given = list(action.given)
    if random.random() < 0.4:
        random.shuffle(given)
    return given


def _value(random: Random, argument: Argument) -> str:
    text = written(argument.value)
    if isinstance(argument.value, bool):
        return random.choice(("yes", "true")) if argument.value else random.choice(("no", "false"))
    if argument.kind.quoted or (isinstance(argument.value, str) and random.random() < 0.06):
        return f'"{text}"' if random.random() < 0.75 else f"'{text}'"
    return text


def _phrases(random: Random, action: Action) -> list[str]:
    """A phrase for each value. Two that could be mixed up, or would both follow the noun directly, are drawn again."""
    given = _ordered(random, action)
    forms = [_form(random, one) for one in given]
    nameless = [form for form in forms if "{n}" not in form]
    if len(set(nameless)) < len(nameless) or sum(form.startswith("^") for form in forms) > 1:
        return _phrases(random, action)
    phrases = [form.format(n=one.spoken, v=_value(random, one)) for form, one in zip(forms, given, strict=True)]
    return [phrase.lstrip("^") for phrase in sorted(phrases, key=lambda phrase: not phrase.startswith("^"))]


def _form(random: Random, argument: Argument) -> str:
    if isinstance(argument.value, bool):
        return random.choice(YES_PHRASES if argument.value else NO_PHRASES)
    named = argument.coined or random.random() < BY_NAME_SHARE
    return random.choice(BY_NAME if named else argument.kind.phrases)


def _joined(random: Random, phrases: list[str]) -> str:
    if not phrases:
        return ""
    draw = random.random()
    if draw < 0.6:
        return " " + " ".join(phrases)
    return " " + (", ".join(phrases) if draw < 0.75 else _with_and(random, phrases))


def _with_and(random: Random, parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return ", ".join(parts[:-1]) + random.choice((" and ", " and ", ", ")) + parts[-1]
