"""Checkpoint folders and caches of a user who exists only here."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "vocab_size": 10,
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 6,
    "max_position_embeddings": 512,
}


def safetensors_bytes(tensors: dict[str, tuple[str, list[int], int]], *, metadata: bool = False) -> bytes:
    """A file of zeros: name -> (dtype, shape, bytes per element)."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}} if metadata else {}
    offset = 0
    for name, (dtype, shape, width) in tensors.items():
        size = width
        for n in shape:
            size *= n
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(offset)


WEIGHTS = safetensors_bytes(
    {"model.embed_tokens.weight": ("BF16", [10, 8], 2), "model.norm.weight": ("BF16", [8], 2)}, metadata=True
)


def write_checkpoint(path: Path, config: object = CONFIG, weights: bytes = WEIGHTS) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (path / "model.safetensors").write_bytes(weights)
    return path


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without models; every variable that could point elsewhere is gone."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "MODELSCOPE_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "yunqi"))
    here = tmp_path / "projects"
    here.mkdir()
    monkeypatch.chdir(here)
    return tmp_path
