"""transformers as the reference for a checkpoint: its logits, its greedy tokens, its chat template. An extra.

Everything runs on the CPU in float32, from local files alone, without code from the checkpoint.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yunqi.common.errors import YunqiError


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """Greedy tokens, and for each the logits (V) it was chosen from."""

    token_ids: tuple[int, ...]
    logits: tuple[Tensor, ...]


def load_transformers() -> Any:
    """The package. Raises `extra-missing` where it is not installed."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        import transformers
    except ImportError as error:
        raise YunqiError("extra-missing", what="Verifying", package="transformers", extra="verify") from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


class ReferenceModel:
    """The checkpoint as transformers runs it. Raises `reference-failed` where it does not load."""

    def __init__(self, path: Path) -> None:
        transformers = load_transformers()
        try:
            model = transformers.AutoModelForCausalLM.from_pretrained(
                str(path), dtype=torch.float32, attn_implementation="eager", experts_implementation="eager",
                local_files_only=True,
                trust_remote_code=False, use_safetensors=True,
            )  # fmt: skip
        except Exception as error:  # whatever another library makes of a folder
            raise _failed(path, error) from error
        self._model = model.eval()

    @torch.no_grad()
    def logits(self, ids: Sequence[int]) -> Tensor:
        """Logits (T, V) of every position."""
        return self._model(torch.tensor([list(ids)])).logits[0].float()

    @torch.no_grad()
    def greedy(self, ids: Sequence[int], num_tokens: int) -> Continuation:
        """The likeliest tokens one after the other; no end token ends them and no penalty bends them."""
        step, cache = torch.tensor([list(ids)]), None
        chosen: list[int] = []
        rows: list[Tensor] = []
        for _ in range(num_tokens):
            output = self._model(step, past_key_values=cache, use_cache=True)
            row, cache = output.logits[0, -1].float(), output.past_key_values
            rows.append(row)
            chosen.append(int(row.argmax()))
            step = torch.tensor([[chosen[-1]]])
        return Continuation(token_ids=tuple(chosen), logits=tuple(rows))


class ReferenceTokenizer:
    """The checkpoint's tokenizer as transformers reads it. Raises `reference-failed` where it does not load."""

    def __init__(self, path: Path) -> None:
        transformers = load_transformers()
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                str(path), local_files_only=True, trust_remote_code=False
            )
        except Exception as error:
            raise _failed(path, error) from error

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False))

    def render(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        """The chat template's text, with the generation prompt."""
        conversation = [dict(message) for message in messages]
        return self._tokenizer.apply_chat_template(conversation, tokenize=False, add_generation_prompt=True, **options)


def _failed(path: Path, error: Exception) -> YunqiError:
    reason = (" ".join(str(error).split()) or type(error).__name__).rstrip(".")
    return YunqiError("reference-failed", path=path, reason=reason[:300])
