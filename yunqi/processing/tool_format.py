"""The seam between the stream machine and the formats in which models write tool calls.

A format reads what stands between the tool tags, as it arrives. One file per format; `FORMATS` names them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from yunqi.common.errors import YunqiError
from yunqi.processing.coder_call import CoderCall
from yunqi.processing.hermes_call import HermesCall
from yunqi.protocol.messages import Tool


class CallReader(Protocol):
    """Reads one call. Until `name` is known it may turn out to be no call at all: `NotACall` is raised then."""

    @property
    def name(self) -> str | None:
        """The tool's name, as soon as it is known."""
        ...

    @property
    def leftover(self) -> str:
        """What stood after the end of the call."""
        ...

    @property
    def takes_tags(self) -> bool:
        """Whether a tag that arrives now is a part of the call (inside a string), not the tag itself."""
        ...

    def push(self, text: str) -> str:
        """More text of the call: more of the arguments' JSON text, empty while the name is unknown."""
        ...

    def close(self, *, complete: bool) -> str:
        """The end: the rest of the arguments. `complete` says that the closing tag was seen."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolFormat:
    """How calls are written. `reader` reads one, given the tools; `lines_before` is how many line ends a call takes."""

    reader: Callable[[tuple[Tool, ...]], CallReader]
    lines_before: int = 1


FORMATS: dict[str, ToolFormat] = {
    "hermes": ToolFormat(reader=lambda tools: HermesCall()),
    "qwen3_coder": ToolFormat(reader=CoderCall, lines_before=2),
}


def check_format(name: str) -> str:
    """The name of a format. Raises `tool-format-unknown`."""
    if name not in FORMATS:
        raise YunqiError("tool-format-unknown", name=name, known=", ".join(FORMATS))
    return name
