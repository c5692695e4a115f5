"""Numbers for people."""

from __future__ import annotations


def size_text(num_bytes: float) -> str:
    """Bytes for people: `1.2 GB`, in powers of ten."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if num_bytes >= factor:
            return f"{num_bytes / factor:.1f} {unit}"
    return f"{num_bytes / 1e3:.0f} kB"


def count_text(count: float) -> str:
    """Parameters for people: `4.9 M`, `8.2 B`."""
    return f"{count / 1e9:.1f} B" if count >= 1e9 else f"{count / 1e6:.1f} M"


def counted(count: int, noun: str) -> str:
    """A number of things: `1 token`, `2 tokens`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
