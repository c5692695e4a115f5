"""Word lists, written as one line each."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a line; each may be several spellings between bars."""
    return tuple(text.split())
