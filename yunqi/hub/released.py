"""The dense Qwen models that their makers released, as records: what to choose where a larger one does not fit.

Sizes are those of each model's published config.json; the parameters follow from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from yunqi.hub.catalog import ModelRecord
from yunqi.hub.estimate import memory_bytes

_QWEN2, _QWEN3 = "Qwen2ForCausalLM", "Qwen3ForCausalLM"
_HEAD_DIM = {_QWEN2: {896: 64}, _QWEN3: {}}  # by hidden size, where it is not 128
_CONTEXT = {_QWEN2: 32_768, _QWEN3: 40_960}
# architecture, name, hidden, feed-forward, layers, heads, kv heads, vocabulary, tied embedding
_SHAPES = (
    (_QWEN2, "Qwen/Qwen2.5-0.5B-Instruct", 896, 4864, 24, 14, 2, 151_936, True),
    (_QWEN2, "Qwen/Qwen2.5-1.5B-Instruct", 1536, 8960, 28, 12, 2, 151_936, True),
    (_QWEN2, "Qwen/Qwen2.5-3B-Instruct", 2048, 11_008, 36, 16, 2, 151_936, True),
    (_QWEN2, "Qwen/Qwen2.5-7B-Instruct", 3584, 18_944, 28, 28, 4, 152_064, False),
    (_QWEN2, "Qwen/Qwen2.5-14B-Instruct", 5120, 13_824, 48, 40, 8, 152_064, False),
    (_QWEN2, "Qwen/Qwen2.5-32B-Instruct", 5120, 27_648, 64, 40, 8, 152_064, False),
    (_QWEN2, "Qwen/Qwen2.5-72B-Instruct", 8192, 29_568, 80, 64, 8, 152_064, False),
    (_QWEN3, "Qwen/Qwen3-0.6B", 1024, 3072, 28, 16, 8, 151_936, True),
    (_QWEN3, "Qwen/Qwen3-1.7B", 2048, 6144, 28, 16, 8, 151_936, True),
    (_QWEN3, "Qwen/Qwen3-4B", 2560, 9728, 36, 32, 8, 151_936, True),
    (_QWEN3, "Qwen/Qwen3-8B", 4096, 12_288, 36, 32, 8, 151_936, False),
    (_QWEN3, "Qwen/Qwen3-14B", 5120, 17_408, 40, 40, 8, 151_936, False),
    (_QWEN3, "Qwen/Qwen3-32B", 5120, 25_600, 64, 64, 8, 151_936, False),
)


@lru_cache(maxsize=1)
def released_models() -> tuple[ModelRecord, ...]:
    """Every row as the record its folder would have; the path is the name, for it lies nowhere."""
    return tuple(_records())


def released_shapes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row's name and config."""
    for architecture, name, hidden, ffn, layers, heads, kv_heads, vocabulary, tied in _SHAPES:
        yield (
            name,
            {
                "architectures": [architecture],
                "vocab_size": vocabulary,
                "hidden_size": hidden,
                "intermediate_size": ffn,
                "num_hidden_layers": layers,
                "num_attention_heads": heads,
                "num_key_value_heads": kv_heads,
                "head_dim": _HEAD_DIM[architecture].get(hidden, 128),
                "max_position_embeddings": _CONTEXT[architecture],
                "rope_theta": 1e6,
                "tie_word_embeddings": tied,
            },
        )


def next_smaller(record: ModelRecord, *, room: int, native_bfloat16: bool) -> ModelRecord | None:
    """The largest released model below `record` that `room` bytes of memory hold, of its own generation if one is."""
    fitting = [
        model
        for model in released_models()
        if (model.num_parameters or 0) < (record.num_parameters or 0)
        and (memory_bytes(model, native_bfloat16=native_bfloat16) or 0) <= room
    ]
    own = [model for model in fitting if model.architecture == record.architecture]
    return max(own or fitting, key=lambda model: model.num_parameters or 0, default=None)


def _records() -> Iterator[ModelRecord]:
    for architecture, name, hidden, ffn, layers, heads, kv_heads, vocabulary, tied in _SHAPES:
        head_dim = _HEAD_DIM[architecture].get(hidden, 128)
        query, memory = heads * head_dim, kv_heads * head_dim
        # Qwen2 has biases on q, k and v; Qwen3 norms on q and k instead.
        extra = query + 2 * memory if architecture == _QWEN2 else 2 * head_dim
        layer = 2 * hidden * query + 2 * hidden * memory + extra + 3 * hidden * ffn + 2 * hidden
        embedding = vocabulary * hidden
        read = layers * layer + hidden + embedding
        yield ModelRecord(
            name=name,
            path=Path(name),
            source="huggingface",
            architecture=architecture,
            supported=True,
            num_parameters=read if tied else read + embedding,
            num_read_parameters=read,
            dtype="bfloat16",
            context=_CONTEXT[architecture],
            num_layers=layers,
            cache_elements_per_token=2 * layers * memory,
        )
