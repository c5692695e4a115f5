"""Chat renderers: conversations to prompts, as each model's official template writes them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yunqi.processing.chat.choose import renderer_for
    from yunqi.processing.chat.rendered import ChatRenderer, Rendered

__all__ = ["ChatRenderer", "Rendered", "renderer_for"]

_HOMES = {"ChatRenderer": "rendered", "Rendered": "rendered", "renderer_for": "choose"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
