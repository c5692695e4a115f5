"""A model's name -> everything `LLM` needs of it. The one place that decides which runner serves a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yunqi.common.errors import YunqiError
from yunqi.common.logging import get_logger
from yunqi.common.machine import allowed_cores
from yunqi.engine.core import Runner
from yunqi.engine.intake import Intake
from yunqi.engine.speculation import SpeculativeConfig, Speculator
from yunqi.engine.words import eos_ids_in, generation_config_in, tokenizer_folder, tokenizer_in
from yunqi.hub.catalog import describe
from yunqi.hub.fit import fewer_bits
from yunqi.hub.resolve import resolve
from yunqi.hub.spill import spill_of, told
from yunqi.processing.chat import ChatRenderer, renderer_for
from yunqi.processing.tokenizer import Tokenizer

if TYPE_CHECKING:
    from yunqi.layers.decoder import CausalLM

log = get_logger(__name__)

EXPERTS = ("auto", "memory", "disk")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A runner and what turns words into its tokens; a folder without a tokenizer serves token ids."""

    runner: Runner
    name: str
    max_model_len: int
    tokenizer: Tokenizer | None
    renderer: ChatRenderer | None
    eos_ids: frozenset[int]
    generation_config: Mapping[str, Any] | None
    speculator: Speculator | None = None

    def intake(self, seed: int | None, tool_call_parser: str | None = None) -> Intake:
        return Intake(
            tokenizer=self.tokenizer,
            renderer=self.renderer,
            max_model_len=self.max_model_len,
            seed=seed,
            eos_ids=self.eos_ids,
            generation_config=self.generation_config,
            name=self.name,
            tool_format=tool_call_parser,
        )


def load(
    model: str | Path,
    *,
    tokenizer: str | Path | None,
    dtype: Any,
    device: str,
    backend: str = "auto",
    quantization: str | None = None,
    experts: str = "auto",
    speculative: SpeculativeConfig | None = None,
    **limits: Any,
) -> Loaded:
    """Find a model, load its weights and build its runner; `limits` are those of `torch_runner.build_runner`.

    `experts` says where those of a mixture are: in "memory", on the "disk", or there where memory does not hold them.

    `tokenizer` is another folder to take the tokenizer from; `backend`, `quantization` and `dtype` are explained at
    `packing.native_kind`. A draft model is loaded as the model is.
    """
    import torch

    from yunqi.engine.guides import bytes_beside, load_guide, speculator_of
    from yunqi.engine.loader import check_device, load_model
    from yunqi.engine.packed_checkpoint import load_packed
    from yunqi.engine.packing import native_kind
    from yunqi.engine.torch_runner import SMALL_MODEL_BYTES, build_runner, weight_bytes

    path = resolve(model)
    device = check_device(device)
    block_size = limits["block_size"]

    def network_at(path: Path, name: str) -> CausalLM:
        kind = native_kind(path, backend, quantization=quantization, dtype=dtype, device=device, block_size=block_size)
        packs = quantization is not None or backend == "native"
        on_disk = _leaves_experts(path, name, experts, packs=packs, device=device, dtype=dtype)
        if kind is None or on_disk:
            return load_model(path, device=device, dtype=dtype, experts_on_disk=on_disk)
        return load_packed(path, kind)

    network = network_at(path, str(model))
    # Threads of a small model mostly wait for each other, and on a busy machine for long.
    threads = 1 if weight_bytes(network) <= SMALL_MODEL_BYTES else allowed_cores()
    torch.set_num_threads(threads)
    words = tokenizer_in(path if tokenizer is None else tokenizer_folder(tokenizer))
    guide = load_guide(speculative, path, network, words, lambda folder: network_at(folder, folder.name))
    beside = bytes_beside(guide, network, block_size, limits["kv_cache_dtype"])
    runner, max_model_len = build_runner(network, device=device, num_threads=threads, bytes_beside=beside, **limits)
    sizes = {name: limits[name] for name in ("max_num_seqs", "max_num_batched_tokens", "block_size")}
    sizes |= {"max_model_len": max_model_len, "num_threads": threads}
    architecture = network.config.architecture
    renderer = renderer_for(words, architecture=architecture, name=str(model)) if words else None
    generation_config = generation_config_in(path)
    return Loaded(
        runner=runner,
        name=str(model),
        max_model_len=max_model_len,
        tokenizer=words,
        renderer=renderer,
        eos_ids=words.eos_ids if words else eos_ids_in(generation_config, network.config.source),
        generation_config=generation_config,
        speculator=speculator_of(speculative, guide, runner, sizes),
    )


def _leaves_experts(path: Path, name: str, experts: str, *, packs: bool, device: str, dtype: Any) -> bool:
    """Whether a model's experts stay on the disk, which is for torch on a CPU; `packs`: the native core is insisted on.

    Raises:
        YunqiError: `option-invalid`, `options-contradict`; `memory-too-small-layer` where not even one layer fits.
    """
    if experts not in EXPERTS:
        raise YunqiError("option-invalid", option="experts", value=experts, rule=f"Use {', '.join(EXPERTS)}.")
    if experts == "disk" and (packs or device != "cpu"):
        first, rule = "experts='disk'", "Experts stay on the disk where torch computes on a CPU: leave one of them out."
        second = f"device={device!r}" if device != "cpu" else "quantization or backend='native'"
        raise YunqiError("options-contradict", first=first, second=second, rule=rule)
    if experts == "memory" or packs or device != "cpu":
        return False
    float32 = str(dtype).removeprefix("torch.") in ("float32", "float")
    spill = spill_of(path, name=name, float32=float32)
    if spill is None:
        return experts == "disk" and describe(path).experts is not None
    if experts == "auto":
        spill.check()
    advice = fewer_bits(describe(path), spill.available)
    log.warning("%s", f"{told(spill, path)}. {advice}".strip())
    return True
