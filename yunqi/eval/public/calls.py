"""Whether tool calls are the wanted ones, by the rules of the Berkeley Function-Calling Leaderboard's AST check.

A wanted call names, for each parameter, the values that are right; an empty text among them says that the parameter
may be left out. Texts are compared without capitals, blanks and the signs `,./-_*^`. Where a whole number is asked
for, 5.0 is wrong; where any number is, 5 is right. Several calls may come in any order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from yunqi.protocol.messages import ToolCall

Wanted = Mapping[str, Mapping[str, Sequence[Any]]]
"""One call: the function's name and, for each parameter, the right values."""

_IGNORED = re.compile(r"[ ,./\-_*^]")
_MAY_LACK = ""


def calls_are_right(
    calls: Sequence[ToolCall], wanted: Sequence[Wanted], tools: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether each wanted call is made exactly once and nothing else is called.

    Args:
        tools: the JSON schema of each function's parameters, by name.
    """
    if len(calls) != len(wanted):
        return False
    if not wanted:
        return True
    return any(
        _call_is_right(calls[0], wanted[place], tools)
        and calls_are_right(calls[1:], [*wanted[:place], *wanted[place + 1 :]], tools)
        for place in range(len(wanted))
    )


def _call_is_right(call: ToolCall, wanted: Wanted, tools: Mapping[str, Mapping[str, Any]]) -> bool:
    ((name, values),) = wanted.items()
    arguments = call.parsed_arguments()
    if call.name != name or name not in tools or not isinstance(arguments, Mapping):
        return False
    properties = tools[name].get("properties", {})
    needed = {*tools[name].get("required", ()), *(key for key in values if not _may_lack(values[key]))}
    return needed <= arguments.keys() and all(
        key in properties and key in values and _is_one_of(given, values[key], properties[key])
        for key, given in arguments.items()
    )


def _may_lack(values: Sequence[Any]) -> bool:
    return _MAY_LACK in values or not values  # no value at all: there is nothing to pass


def _is_one_of(given: Any, values: Sequence[Any], schema: Mapping[str, Any]) -> bool:
    return any(_same(given, value, schema) for value in values) or (not values and given == [])


def _same(given: Any, wanted: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(given, bool) or isinstance(wanted, bool) or wanted is None:
        return given is wanted
    if isinstance(wanted, str):
        return isinstance(given, str) and _plain(given) == _plain(wanted)
    if isinstance(wanted, int | float):
        whole = schema.get("type") == "integer" and isinstance(wanted, int)
        return isinstance(given, int if whole else int | float) and given == wanted
    if isinstance(wanted, list):
        return _same_list(given, wanted, schema.get("items") or {})
    return _same_object(given, wanted, schema.get("properties") or {})


def _same_list(given: Any, wanted: Sequence[Any], items: Mapping[str, Any]) -> bool:
    alike = isinstance(given, list) and len(given) == len(wanted)
    return alike and all(_same(one, other, items) for one, other in zip(given, wanted, strict=True))


def _same_object(given: Any, wanted: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Each key of a wanted object has a list of right values, as a parameter has."""
    if not isinstance(given, Mapping):
        return False
    values = {key: value if isinstance(value, list) else [value] for key, value in wanted.items()}
    needed = {key for key in values if not _may_lack(values[key])}
    return needed <= given.keys() <= values.keys() and all(
        _is_one_of(one, values[key], properties.get(key) or {}) for key, one in given.items()
    )


def _plain(text: str) -> str:
    return _IGNORED.sub("", text).lower().replace("'", '"')
