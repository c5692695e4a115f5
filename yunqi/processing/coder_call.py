r"""Read one call of the qwen3_coder form, as it arrives, and pass its arguments on as JSON.

    <function=NAME>\n<parameter=KEY>\nVALUE\n</parameter>\n ... </function>

Nothing in a value is escaped, so a closing tag ends it only where the form goes on after it: with a parameter that has
not been given yet, or with the end of the call. Everything else between is the value's own text, tags included. Where a
model forgets a closing tag, a line with a parameter that the tool declares ends the value too. What stands outside of
every value is `leftover`. What is passed on is a whole JSON object wherever the call ends.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import Any

from yunqi.processing.casting import cast, may_be_null, property_names, property_types
from yunqi.processing.hermes_call import NotACall
from yunqi.processing.vocabulary import TOOL_CALL_CLOSE
from yunqi.protocol.messages import Tool

_FUNCTION, _FUNCTION_END = "<function=", "</function>"
_PARAMETER, _PARAMETER_END = "<parameter=", "</parameter>"
_CLOSERS = (_PARAMETER_END, _FUNCTION_END, TOOL_CALL_CLOSE)
_SPACE = " \t\r\n"
_MAX_NAME = 256
_PERHAPS_END = re.compile(r"\n?<|\n\Z")
_NAME = re.compile(r"[^<>\n]+")


class _At(Enum):
    START = auto()
    BETWEEN = auto()
    VALUE = auto()
    END = auto()


class _Wait(Enum):
    """More text must come before this can be judged; `ENDED` where nothing but the end of the call may follow."""

    OPEN = auto()
    ENDED = auto()


class CoderCall:
    """A `CallReader`. `tools` are those that may be called: their schemas say what the values are."""

    def __init__(self, tools: tuple[Tool, ...] = ()) -> None:
        self._schemas = {tool.name: tool.parameters for tool in tools}
        self.name: str | None = None
        self.leftover = ""
        self._at = _At.START
        self._text = ""  # not read yet
        self._keys: set[str] = set()
        self._declared: frozenset[str] = frozenset()
        self._value: _Value | None = None
        self._arguments: list[str] = []  # read but not passed on yet

    @property
    def takes_tags(self) -> bool:
        return self._at is _At.VALUE and self._ending(0)[1] is not _Wait.ENDED

    def push(self, text: str) -> str:
        self._text += text
        while self._read():
            pass
        return self._take()

    def close(self, *, complete: bool) -> str:
        if self.name is None:
            raise NotACall
        if self._at is _At.VALUE:
            end, found = self._ending(0)
            self._end_value(self._text[: end if found is _Wait.ENDED else len(self._text)])
        elif complete or not _is_begun(self._text.strip(), _PARAMETER, _FUNCTION_END):
            self.leftover += self._text
        self._text = ""
        self._at = _At.END
        self._arguments.append("}" if self._keys else "{}")
        return self._take()

    def _take(self) -> str:
        taken = "".join(self._arguments)
        self._arguments.clear()
        return taken

    def _read(self) -> bool:
        """Read one piece of the form; whether there may be more to read."""
        match self._at:
            case _At.START:
                return self._read_name()
            case _At.BETWEEN:
                return self._read_tag()
            case _At.VALUE:
                return self._read_value()
            case _At.END:
                self.leftover += self._text
                self._text = ""
        return False

    def _read_name(self) -> bool:
        text = self._text.lstrip(_SPACE)
        if not text.startswith(_FUNCTION):
            return self._must_become(text, _FUNCTION)
        name, closed, rest = text[len(_FUNCTION) :].partition(">")
        if len(name) > _MAX_NAME or (name and not _NAME.fullmatch(name)) or (closed and not name.strip()):
            raise NotACall
        if closed:
            self.name, self._text, self._at = name.strip(), rest, _At.BETWEEN
            self._declared = property_names(self._schema)
        return bool(closed)

    def _must_become(self, text: str, tag: str) -> bool:
        if not tag.startswith(text):
            raise NotACall
        return False

    @property
    def _schema(self) -> Any:
        return self._schemas.get(self.name or "", {})

    def _read_tag(self) -> bool:
        """A parameter's beginning or the function's end; all but white space around them is left over."""
        text = self._text.lstrip(_SPACE)
        if text.startswith(_FUNCTION_END):
            self._at, self._text = _At.END, text[len(_FUNCTION_END) :]
            return True
        key = self._key_at(text, 0)
        if key is not None:
            self._begin_value(key, text[len(_PARAMETER) + len(key) + 1 :])
            return True
        unnamed = text.startswith(_PARAMETER) and _is_name(text[len(_PARAMETER) :])
        if unnamed or _is_begun(text, _PARAMETER, _FUNCTION_END):
            return False
        end = self._text.find("<", len(self._text) - len(text) + 1)
        end = len(self._text) if end < 0 else end
        self.leftover += self._text[:end]
        self._text = self._text[end:]
        return True

    def _key_at(self, text: str, place: int) -> str | None:
        """The name in a whole `<parameter=...>` that begins at this place."""
        if not text.startswith(_PARAMETER, place):
            return None
        found = _NAME.match(text, place + len(_PARAMETER))
        return found[0] if found and text.startswith(">", found.end()) else None

    def _begin_value(self, key: str, rest: str) -> None:
        self._at, self._text = _At.VALUE, rest
        self._arguments.append(("{" if not self._keys else ", ") + json.dumps(key, ensure_ascii=False) + ": ")
        self._keys.add(key)
        self._value = _Value(property_types(self._schema, key))

    def _read_value(self) -> bool:
        """Pass on the value's text as far as it cannot be its end."""
        assert self._value is not None
        if not self._value.begun:
            if not self._text:
                return False
            self._value.begun = True
            self._text = self._text.removeprefix("\n")
        start = 0
        while found := _PERHAPS_END.search(self._text, start):
            end, seen = found.start(), self._look(found.start())
            if isinstance(seen, _Wait):
                break
            if seen is not None:
                rest = self._text[end:].partition(_PARAMETER)[2]
                self._end_value(self._text[:end])
                self._begin_value(seen, rest[len(seen) + 1 :])
                return True
            start = found.end()
        else:
            end = len(self._text)
        self._arguments.append(self._value.push(self._text[:end]))
        self._text = self._text[end:]
        return False

    def _ending(self, start: int) -> tuple[int, str | _Wait | None]:
        """Where the text that is held back begins to be an end, and what it is so far. It is short: an end at most."""
        found = _PERHAPS_END.search(self._text, start)
        return (0, None) if found is None else (found.start(), self._look(found.start()))

    def _look(self, start: int) -> str | _Wait | None:
        """What begins here: the end of the value before the parameter of this name, perhaps an end, or nothing."""
        text = self._text
        place = start + text.startswith("\n", start)
        if place > start and text.startswith(_PARAMETER, place):
            return self._look_undeclared(place)
        closers = 0
        for tag in _CLOSERS:
            if text.startswith(tag, place):
                closers += 1
                place = _after_space(text, place + len(tag))
            elif place < len(text) and tag.startswith(text[place:]):
                return _Wait.OPEN
        if place == len(text):
            return _Wait.ENDED if closers else _Wait.OPEN
        if place > start + 1 and closers and _PARAMETER.startswith(text[place : place + len(_PARAMETER)]):
            return self._look_next(start, place)
        return _Wait.OPEN if place == start + 1 and _PARAMETER.startswith(text[place:]) else None

    def _look_next(self, start: int, place: int) -> str | _Wait | None:
        """A parameter after a closing tag, on another line than the value or on the closing tag's next."""
        between = self._text[start:place]
        if between.strip() != _PARAMETER_END or "\n" not in between:
            return None
        return self._key_or_wait(place)

    def _look_undeclared(self, place: int) -> str | _Wait | None:
        """A parameter on a line of its own after a value that was never closed: one that the tool declares."""
        key = self._key_or_wait(place)
        if not isinstance(key, str):
            return key
        end = place + len(_PARAMETER) + len(key) + 1
        if key not in self._declared:
            return None
        if end == len(self._text):
            return _Wait.OPEN
        return key if self._text[end] == "\n" else None

    def _key_or_wait(self, place: int) -> str | _Wait | None:
        key = self._key_at(self._text, place)
        if key is not None:
            return key if key not in self._keys else None
        rest = self._text[place:]
        begun = _PARAMETER.startswith(rest) or _is_name(rest.removeprefix(_PARAMETER))
        return _Wait.OPEN if begun else None

    def _end_value(self, text: str) -> None:
        assert self._value is not None
        self._arguments.append(self._value.push(text) + self._value.close())
        self._value = None


class _Value:
    """One value: a string is passed on as it comes, anything else when it is whole."""

    def __init__(self, types: frozenset[str]) -> None:
        self._types = types
        self._held = ""
        self._is_string = False
        self.begun = False

    def push(self, text: str) -> str:
        if self._is_string:
            return _escaped(text)
        self._held += text
        if not self._may_be_string_only():
            return ""
        held, self._held = self._held, ""
        self._is_string = True
        return '"' + _escaped(held)

    def close(self) -> str:
        return '"' if self._is_string else cast(self._held, self._types)

    def _may_be_string_only(self) -> bool:
        """Whether it can be nothing but a string any more."""
        if not self._held:
            return False
        others = self._types - {"string"}
        return not others or (others == {"null"} and "string" in self._types and not may_be_null(self._held))


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _after_space(text: str, place: int) -> int:
    while place < len(text) and text[place] in _SPACE:
        place += 1
    return place


def _is_begun(text: str, *tags: str) -> bool:
    return any(tag.startswith(text) for tag in tags)


def _is_name(text: str) -> bool:
    return len(text) <= _MAX_NAME and _NAME.fullmatch(text) is not None
