"""Stop strings over a stream of text: which part is safe to show, and which stop string ended it.

The one that is complete first ends the text; of two that end at the same place, the longer. What could still become a
stop string is held back, so the result is the same however the text is cut.
"""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """Watches for `stops`; after a hit everything further is swallowed."""

    def __init__(self, stops: Sequence[str]) -> None:
        assert all(stops), "a stop string has at least one character"
        self._stops = tuple(stops)
        self._held = ""
        self._hit: str | None = None

    def push(self, text: str) -> tuple[str, str | None]:
        """More text: the part that is safe to show, and the stop string that was hit (again at every later call)."""
        if self._hit is not None:
            return "", self._hit
        text = self._held + text
        found = [(text.index(stop) + len(stop), -len(stop), stop) for stop in self._stops if stop in text]
        if found:
            end, _, self._hit = min(found)
            self._held = ""
            return text[: end - len(self._hit)], self._hit
        keep = held_length(text, self._stops)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep], None

    def flush(self) -> str:
        """The end of the text: what was held back, now that it can become no stop string."""
        held, self._held = self._held, ""
        return held


def held_length(text: str, wanted: Sequence[str]) -> int:
    """How many characters at the end of `text` could begin one of `wanted`."""
    longest = min(len(text), max((len(word) for word in wanted), default=0))
    return next((n for n in range(longest, 0, -1) if any(word.startswith(text[-n:]) for word in wanted)), 0)
