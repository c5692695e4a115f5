"""THE table: one row per architecture. Names are dotted, so that reading the table imports no model.

`status` says how far a family is checked: "measured" (weights trained or loaded here), "structure" (names, shapes and
numbers equal an independent reference on random weights), "sketch" (built after a description, nothing to compare).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from yunqi.common.errors import YunqiError

Status = Literal["measured", "structure", "sketch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """One architecture: its name in config.json, the class that runs it and the models that use it.

    `measured` names the models of which weights ran here; `status` speaks of the others. `text_of` are architectures of
    more than text whose text alone this class runs. `config_class` checks the config without torch.
    """

    architecture: str
    model_class: str
    models: str
    status: Status
    measured: str = ""
    text_of: tuple[str, ...] = ()
    config_class: str = "yunqi.common.config.ModelConfig"

    def load_class(self) -> Any:
        """Import the model class."""
        return _named(self.model_class)

    def load_config_class(self) -> Any:
        """Import `config_class`."""
        return _named(self.config_class)


def _named(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(import_module(module), name)


FAMILIES: tuple[Family, ...] = (
    Family(
        architecture="QWenLMHeadModel",
        model_class="yunqi.models.qwen.QWenLMHeadModel",
        models="Qwen-1.8B, 7B, 14B and 72B of 2023, with their Chat models",
        status="structure",
    ),
    Family(
        architecture="Qwen2ForCausalLM",
        model_class="yunqi.models.qwen2.Qwen2ForCausalLM",
        models="Qwen2, Qwen2.5 (0.5B to 72B), QwQ-32B",
        status="structure",
    ),
    Family(
        architecture="Qwen2MoeForCausalLM",
        model_class="yunqi.models.qwen2_moe.Qwen2MoeForCausalLM",
        models="Qwen1.5-MoE-A2.7B, Qwen2-57B-A14B",
        status="structure",
    ),
    Family(
        architecture="Qwen3ForCausalLM",
        model_class="yunqi.models.qwen3.Qwen3ForCausalLM",
        models="Qwen3 (0.6B to 32B), Instruct-2507, Thinking-2507",
        status="structure",
        measured="nano, bundled",
    ),
    Family(
        architecture="Qwen3MoeForCausalLM",
        model_class="yunqi.models.qwen3_moe.Qwen3MoeForCausalLM",
        models="Qwen3-30B-A3B and 235B-A22B with Instruct-2507 and Thinking-2507, Qwen3-Coder (30B-A3B, 480B-A35B)",
        status="structure",
    ),
    Family(
        architecture="Qwen3NextForCausalLM",
        model_class="yunqi.models.qwen3_next.Qwen3NextForCausalLM",
        models="Qwen3-Next-80B-A3B (Instruct, Thinking), Qwen3-Coder-Next",
        status="structure",
        measured="nano-next, bundled",
        config_class="yunqi.common.hybrid.HybridMoeConfig",
    ),
    Family(
        architecture="Qwen3_5ForCausalLM",
        model_class="yunqi.models.qwen3_5.Qwen3_5ForCausalLM",
        models="Qwen3.5 (0.8B to 27B), text alone",
        status="structure",
        text_of=("Qwen3_5ForConditionalGeneration",),
        config_class="yunqi.common.hybrid.HybridConfig",
    ),
    Family(
        architecture="Qwen3_5MoeForCausalLM",
        model_class="yunqi.models.qwen3_5.Qwen3_5MoeForCausalLM",
        models="Qwen3.5-35B-A3B, 122B-A10B and 397B-A17B, text alone",
        status="structure",
        text_of=("Qwen3_5MoeForConditionalGeneration",),
        config_class="yunqi.common.hybrid.HybridMoeConfig",
    ),
)


def find_family(architecture: str) -> Family:
    """The row of an architecture. Raises `architecture-unknown`, which lists what there is."""
    for family in FAMILIES:
        if architecture in (family.architecture, *family.text_of):
            return family
    raise YunqiError("architecture-unknown", name=architecture, supported=", ".join(f.architecture for f in FAMILIES))
