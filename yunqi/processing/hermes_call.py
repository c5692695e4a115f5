"""Read one Hermes tool call, `{"name": ..., "arguments": ...}`, character by character.

The arguments are passed on exactly as they were written, from the moment the name is known; arguments that are a
string holding an object are passed on as that object's text. Before the name is known the JSON must be right, or it is
no call. After that nothing can be taken back: what breaks the JSON is passed on as arguments, for the client to see.
"""

from __future__ import annotations

import json
from enum import Enum, auto

_SPACE = " \t\r\n"


class NotACall(Exception):
    """What was read cannot become a call."""


class _At(Enum):
    START = auto()
    KEY_OR_END = auto()
    KEY = auto()
    IN_KEY = auto()
    COLON = auto()
    VALUE = auto()
    IN_VALUE = auto()
    AFTER_VALUE = auto()
    BROKEN = auto()
    END = auto()


class HermesCall:
    """A `CallReader`."""

    def __init__(self) -> None:
        self.name: str | None = None
        self._after = ""
        self._at = _At.START
        self._key = ""
        self._raw: list[str] = []  # the key or value being read
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._last = ""
        self._arguments: list[str] = []  # read but not passed on yet
        self._has_arguments = False

    @property
    def leftover(self) -> str:
        # Models sometimes close one bracket too many; that is no text.
        return self._after if self._after.strip("}] \t\r\n") else ""

    @property
    def takes_tags(self) -> bool:
        # A string that runs into a line end was never closed; an escaped line end is no line end.
        return self._in_string and self._last != "\n"

    def push(self, text: str) -> str:
        for character in text:
            self._read(character)
            self._last = character
        return self._take()

    def close(self, *, complete: bool) -> str:
        if self._at is _At.IN_VALUE:
            self._end_value()
        self._must_be(self.name is not None)
        if complete and not self._has_arguments:
            self._arguments.append("{}")
        return self._take()

    def _take(self) -> str:
        if self.name is None:
            return ""
        taken = "".join(self._arguments)
        self._arguments.clear()
        return taken

    def _read(self, character: str) -> None:
        if self._at is _At.IN_KEY:
            self._read_key(character)
        elif self._at is _At.IN_VALUE:
            self._read_value(character)
        elif self._at is _At.BROKEN:
            self._arguments.append(character)
        elif self._at is _At.END:
            self._after += character
        elif character not in _SPACE:
            self._read_structure(character)

    def _read_structure(self, character: str) -> None:
        match self._at, character:
            case _At.START, "{":
                self._at = _At.KEY_OR_END
            case ((_At.KEY_OR_END | _At.KEY), '"'):
                self._begin(_At.IN_KEY)
                self._raw.append(character)
                self._in_string = True
            case _At.COLON, ":":
                self._at = _At.VALUE
            case _At.VALUE, _ if character not in ",:}]":
                self._begin(_At.IN_VALUE)
                self._read_value(character)
            case _At.AFTER_VALUE, ",":
                self._at = _At.KEY
            case ((_At.KEY_OR_END | _At.AFTER_VALUE), "}"):
                self._end_object()
            case _:
                self._break(character)

    def _begin(self, at: _At) -> None:
        self._at, self._depth = at, 0
        self._raw.clear()
        self._in_string = self._escaped = False

    def _read_key(self, character: str) -> None:
        self._raw.append(character)
        self._read_string(character)
        if not self._in_string:
            self._key = self._string("".join(self._raw)) or ""
            self._at = _At.COLON

    def _read_value(self, character: str) -> None:
        if self._in_string:
            self._keep(character)
            self._read_string(character)
        elif self._depth == 0 and self._raw and (character in ",}" or character in _SPACE):
            self._end_value()
            self._read(character)
            return
        else:
            self._keep(character)
            self._in_string = character == '"'
            self._depth += (character in "{[") - (character in "}]")
        closes = not self._in_string and self._depth == 0 and character in '"}]'
        if closes:
            self._end_value()

    def _read_string(self, character: str) -> None:
        self._must_be(character >= " ")
        if self._escaped:
            self._escaped = False
        elif character == "\\":
            self._escaped = True
        elif character == '"':
            self._in_string = False

    def _keep(self, character: str) -> None:
        self._raw.append(character)
        if self._is_arguments() and self._raw[0] != '"':
            self._arguments.append(character)

    def _is_arguments(self) -> bool:
        return self._key == "arguments" and not self._has_arguments

    def _end_value(self) -> None:
        self._at = _At.AFTER_VALUE
        self._in_string = False
        if self._is_arguments():
            if self._raw[:1] == ['"']:
                self._arguments.append(_object_in("".join(self._raw)))
            self._has_arguments = True
        elif self._key == "name" and self.name is None:
            self.name = self._string("".join(self._raw)) or None
            self._must_be(self.name is not None)

    def _end_object(self) -> None:
        self._must_be(self.name is not None)
        self._at = _At.END

    def _break(self, character: str) -> None:
        self._must_be(False)
        if self._has_arguments:
            self._at = _At.END
            self._after += character
        else:
            self._at = _At.BROKEN
            self._has_arguments = True
            self._arguments.append(character)

    def _string(self, raw: str) -> str | None:
        try:
            value = json.loads(raw)
        except ValueError:
            value = None
        self._must_be(isinstance(value, str))
        return value if isinstance(value, str) else None

    def _must_be(self, right: bool) -> None:
        """Once the name is known it is a call, right or not."""
        if not right and self.name is None:
            raise NotACall


def _object_in(raw: str) -> str:
    """The object's text inside a JSON string; the string as it stands where it holds no object."""
    try:
        text = json.loads(raw, strict=False)
        return text if isinstance(json.loads(text), dict) else raw
    except ValueError:
        return raw
