"""The configuration of the hybrid families (Qwen3-Next, Qwen3.5): few layers attend, most are gated DeltaNets.

Beside `ModelConfig` it knows the sizes of the linear layers, `full_attention_interval` where no `layer_types` are
listed, and a decoder's config nested as `text_config` in that of a model with more than text. Torch-free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from yunqi.common.config import ModelConfig, contradiction, count_in, listed_layer_types
from yunqi.common.moe import MoeConfig

LINEAR_SIZES = (
    *("linear_conv_kernel_dim", "linear_key_head_dim", "linear_value_head_dim"),
    *("linear_num_key_heads", "linear_num_value_heads"),
)
DEFAULT_INTERVAL = 4
DEFAULT_ROTARY_FACTOR = 0.25


@dataclass(frozen=True, kw_only=True)
class HybridConfig(ModelConfig):
    """`linear_num_value_heads` share `linear_num_key_heads` as query heads share key-value heads in attention."""

    default_head_dim: ClassVar[int | None] = 256
    known_layer_types: ClassVar[tuple[str, ...]] = ("full_attention", "linear_attention")

    linear_conv_kernel_dim: int = 4
    linear_key_head_dim: int = 128
    linear_value_head_dim: int = 128
    linear_num_key_heads: int = 16
    linear_num_value_heads: int = 32

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return super().from_dict(text_tower(data))

    @classmethod
    def read_layer_types(cls, data: Mapping[str, Any], num_layers: int) -> tuple[str, ...]:
        if (listed := listed_layer_types(data)) is not None:
            return tuple(listed)
        interval = count_in(data, "full_attention_interval", DEFAULT_INTERVAL)
        return tuple("linear_attention" if (i + 1) % interval else "full_attention" for i in range(num_layers))

    def window_of(self, layer: int) -> int | None:
        """None: no layer has a window, nor has the one behind the last, of the multi-token head."""
        return None

    def check(self) -> None:
        super().check()
        for name in LINEAR_SIZES:
            count_in({name: getattr(self, name)}, name)
        keys, values = self.linear_num_key_heads, self.linear_num_value_heads
        if values % keys:
            raise contradiction(f"{values} linear value heads cannot share {keys} key heads")


@dataclass(frozen=True, kw_only=True)
class HybridMoeConfig(HybridConfig, MoeConfig):
    """Where every layer is sparse a config may leave `intermediate_size` out."""

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        found = super().spelled(data)
        width = found.get("intermediate_size")
        return found | {"intermediate_size": found["moe_intermediate_size"] if width is None else width}


def text_tower(data: Mapping[str, Any]) -> dict[str, Any]:
    """A decoder's own config.json: itself, or what a config of more than text holds as `text_config`.

    A quarter of each head rotates where the config does not say.
    """
    found = dict(data)
    if (text := data.get("text_config")) is not None:
        if not isinstance(text, Mapping):
            raise contradiction("text_config is no object")
        names = [
            str(name).replace("ForConditionalGeneration", "ForCausalLM") for name in data.get("architectures") or ()
        ]
        tied = data.get("tie_word_embeddings", False)
        found = {"tie_word_embeddings": tied, **text, "architectures": names}
    return {"partial_rotary_factor": DEFAULT_ROTARY_FACTOR, **found}
