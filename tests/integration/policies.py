"""Policies of scripted models that engine processes import by name."""

from __future__ import annotations

import sys

from yunqi.engine.scripted import Tokens


def counting(seen: Tokens) -> int:
    """One more than the last token. A scripted engine has no torch."""
    assert "torch" not in sys.modules
    return (seen[-1] + 1) % 50
