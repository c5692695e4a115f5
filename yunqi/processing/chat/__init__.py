"""Chat renderers: conversations to prompts, as each model's official template writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yunqi.processing.chat.choose import renderer_for
    from yunqi.processing.chat.rendered import ChatRenderer, Rendered

__all__ = ["ChatRenderer", "Rendered", "renderer_for"]


def __getattr__(name: str) -> Any:
    from yunqi.processing.chat import choose, rendered

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(choose if name == "renderer_for" else rendered, name)
