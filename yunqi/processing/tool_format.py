"""The seam between the stream machine and the formats in which models write tool calls.

A format reads what stands between the tool tags, as it arrives. One file per format; `READERS` names them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from yunqi.processing.hermes_call import HermesCall


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


READERS: dict[str, Callable[[], CallReader]] = {"hermes": HermesCall}
