"""Run a checkpoint's Jinja chat template, which is foreign code, under limits.

The names are those that chat templates rely on: `tojson` without escapes, `raise_exception`, `strftime_now`, loop
controls and the `generation` tag. Immutable data, no attribute that leads out, at most `MAX_CHARACTERS` of text and
`MAX_SECONDS` of time; the clock is looked at whenever the template calls, subscripts or writes anything.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, LoopControlExtension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from yunqi.common.errors import YunqiError

MAX_CHARACTERS = 1 << 24
MAX_SECONDS = 10.0


class Sandbox:
    """One template, compiled when it first runs."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._environment = _Environment()

    @cached_property
    def _template(self) -> Template:
        return self._environment.from_string(self._source)

    def run(self, variables: Mapping[str, Any]) -> str:
        """The rendered text. Raises `template-failed`, also where a limit is reached."""
        pieces: list[str] = []
        size = 0
        self._environment.start_clock()
        try:
            for piece in self._template.generate(**variables):
                self._environment.check_clock()
                size += len(piece)
                if size > MAX_CHARACTERS:
                    raise SecurityError("it writes too much text")
                pieces.append(piece)
        except Exception as error:  # templates are foreign code: anything may come out of one
            raise _failed(error) from error
        return "".join(pieces)


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(("*", "**", "+"))

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[LoopControlExtension, _GenerationTag])
        self._clock = threading.local()
        self.filters["tojson"] = _to_json
        self.globals["raise_exception"] = _raise_exception
        self.globals["strftime_now"] = lambda form: datetime.now().strftime(form)

    def start_clock(self) -> None:
        self._clock.deadline = time.monotonic() + MAX_SECONDS

    def check_clock(self) -> None:
        if time.monotonic() > getattr(self._clock, "deadline", float("inf")):
            raise SecurityError("it takes too long")

    def call(self, *arguments: Any, **named: Any) -> Any:
        self.check_clock()
        return super().call(*arguments, **named)

    def getattr(self, obj: Any, attribute: str) -> Any:
        self.check_clock()
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        self.check_clock()
        return super().getitem(obj, argument)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        self.check_clock()
        if _result_size(operator, left, right) > MAX_CHARACTERS:
            raise SecurityError("it builds a value that is too large")
        return super().call_binop(context, operator, left, right)


class _GenerationTag(Extension):
    """`{% generation %}` marks what a model wrote, for training masks; here its body is rendered as it stands."""

    tags = {"generation"}  # noqa: RUF012 - the base class has it so

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _result_size(operator: str, left: Any, right: Any) -> int:
    """Roughly how large a product, power or sum is: characters, items or decimal digits."""
    if operator == "*":
        count = next((value for value in (left, right) if isinstance(value, int)), 1)
        return max((len(value) * count for value in (left, right) if hasattr(value, "__len__")), default=0)
    if operator == "**":
        return left.bit_length() * max(right, 0) if isinstance(left, int) and isinstance(right, int) else 0
    return len(left) + len(right) if hasattr(left, "__len__") and hasattr(right, "__len__") else 0


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _failed(error: Exception) -> YunqiError:
    return YunqiError("template-failed", reason=str(error).rstrip(".") or type(error).__name__)
