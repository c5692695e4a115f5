"""The chat template that checkpoints trained here carry, for readers that have no renderer of their own."""

from __future__ import annotations

from pathlib import Path


def qwen3_template() -> str:
    """The Qwen3 hybrid format in the template language; `renderer_for` recognises it as the native one."""
    return (Path(__file__).parent / "qwen3.jinja").read_text(encoding="utf-8")
