"""Chat renderers: conversations to prompts, as each model's official template writes them."""

from yunqi.processing.chat.choose import renderer_for
from yunqi.processing.chat.rendered import ChatRenderer, Rendered

__all__ = ["ChatRenderer", "Rendered", "renderer_for"]
