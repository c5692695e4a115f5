"""A model's name -> everything `LLM` needs of it. The one place that decides which runner serves a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.common.machine import allowed_cores
from yunqi.engine.core import Runner
from yunqi.engine.intake import Intake
from yunqi.hub.resolve import resolve
from yunqi.processing.chat import ChatRenderer, renderer_for
from yunqi.processing.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A runner and what turns words into its tokens; a folder without a tokenizer serves token ids."""

    runner: Runner
    name: str
    max_model_len: int
    tokenizer: Tokenizer | None
    renderer: ChatRenderer | None
    generation_config: Mapping[str, Any] | None

    def intake(self, seed: int | None) -> Intake:
        return Intake(
            tokenizer=self.tokenizer,
            renderer=self.renderer,
            max_model_len=self.max_model_len,
            seed=seed,
            generation_config=self.generation_config,
            name=self.name,
        )


def load(model: str | Path, *, dtype: Any, device: str, **limits: Any) -> Loaded:
    """Find a model, load its weights and build its runner; `limits` are those of `torch_runner.build_runner`."""
    import torch

    from yunqi.engine.loader import load_model
    from yunqi.engine.torch_runner import build_runner

    path = resolve(model)
    torch.set_num_threads(allowed_cores())
    network = load_model(path, device=device, dtype=dtype)
    runner, max_model_len = build_runner(network, device=device, **limits)
    tokenizer = _tokenizer(path)
    architecture = network.config.architecture
    renderer = renderer_for(tokenizer, architecture=architecture, name=str(model)) if tokenizer else None
    return Loaded(
        runner=runner,
        name=str(model),
        max_model_len=max_model_len,
        tokenizer=tokenizer,
        renderer=renderer,
        generation_config=_generation_config(path),
    )


def _tokenizer(path: Path) -> Tokenizer | None:
    try:
        return Tokenizer.from_directory(path)
    except YunqiError as error:
        if error.code != "tokenizer-missing":
            raise
        return None


def _generation_config(path: Path) -> Mapping[str, Any] | None:
    file = path / "generation_config.json"
    config = read_json(file) if file.is_file() else None
    return config if isinstance(config, Mapping) else None
