"""Yunqi: the whole Qwen system in one package. `from yunqi import LLM, SamplingParams` is the way in.

Names are resolved on first use, so that `import yunqi` loads no model code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from yunqi.engine.async_llm import AsyncLLM as AsyncLLM
    from yunqi.engine.llm import LLM as LLM
    from yunqi.protocol.messages import Message as Message
    from yunqi.protocol.output import RequestOutput as RequestOutput
    from yunqi.protocol.sampling import SamplingParams as SamplingParams

_HOMES = {
    "LLM": "yunqi.engine.llm",
    "AsyncLLM": "yunqi.engine.async_llm",
    "Message": "yunqi.protocol.messages",
    "RequestOutput": "yunqi.protocol.output",
    "SamplingParams": "yunqi.protocol.sampling",
}
__all__ = ["LLM", "AsyncLLM", "Message", "RequestOutput", "SamplingParams", "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'yunqi' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
