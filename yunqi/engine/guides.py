"""What makes the guesses of a configuration, loaded and checked beside its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.engine.draft import DraftProposer
from yunqi.engine.loader import load_mtp
from yunqi.engine.mtp import MtpProposer
from yunqi.engine.ngram import NgramProposer
from yunqi.engine.packed_checkpoint import load_packed_mtp
from yunqi.engine.speculation import Proposer, SpeculativeConfig, Speculator, invalid
from yunqi.engine.torch_memory import block_bytes, memory_dtype
from yunqi.engine.torch_runner import TorchRunner, cache_dtype, runner_of
from yunqi.engine.words import tokenizer_in
from yunqi.hub.resolve import resolve
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import HybridCausalLM, MultiTokenPredictor
from yunqi.layers.linear import Packed
from yunqi.ops.context import RecurrentStateSpec
from yunqi.processing.tokenizer import Tokenizer

Guide = CausalLM | MultiTokenPredictor | None


def load_guide(
    config: SpeculativeConfig | None,
    path: Path,
    model: CausalLM,
    tokenizer: Tokenizer | None,
    load: Callable[[Path], CausalLM],
) -> Guide:
    """The network that guesses for a model, where the method needs one; `load` loads one as the model was loaded.

    Raises:
        YunqiError: `speculation-invalid` for a draft of another vocabulary or with recurrent layers, and for "mtp" on a
            checkpoint without the head.
    """
    if config is None or config.method == "ngram":
        return None
    if config.method == "mtp":
        return _head(path, model)
    assert config.model is not None
    folder = resolve(config.model)
    draft = load(folder)
    if any(isinstance(spec, RecurrentStateSpec) for spec in draft.memory_specs().values()):
        reason = f"the draft model '{config.model}' has recurrent layers, whose state could not go back"
        raise invalid(reason, "Take a draft whose layers all attend, or use ngram or mtp.")
    if not _same_words(tokenizer, tokenizer_in(folder), model, draft):
        reason = f"the draft model '{config.model}' has another vocabulary than the model"
        raise invalid(reason, "Take a smaller model of the same family.")
    return draft


def bytes_beside(guide: Guide, model: CausalLM, block_size: int, kv_cache_dtype: str) -> int:
    """What a guide keeps beside each block of its model. Raises `option-invalid`."""
    if isinstance(guide, MultiTokenPredictor):
        dtype = cache_dtype(model, kv_cache_dtype) or memory_dtype(model)
        return guide.attention.memory_spec.bytes_per_block(block_size, dtype.itemsize)
    return 0 if guide is None else block_bytes(guide, block_size)


def speculator_of(
    config: SpeculativeConfig | None, guide: Guide, runner: TorchRunner, limits: Mapping[str, Any]
) -> Speculator | None:
    """What plans an engine's guesses; `limits` are those that the runner was made with, but for its blocks."""
    if config is None:
        return None
    proposer: Proposer
    if isinstance(guide, MultiTokenPredictor):
        proposer = MtpProposer(runner, guide)
    elif guide is not None:
        draft = runner_of(guide, backend=runner.backend, device=runner.device, num_blocks=runner.num_blocks, **limits)
        proposer = DraftProposer(draft, runner)
    else:
        proposer = NgramProposer(config.prompt_lookup_min, config.prompt_lookup_max)
    return Speculator(proposer, config.most, adaptive=config.adaptive)


def _head(path: Path, model: CausalLM) -> MultiTokenPredictor:
    if not isinstance(model, HybridCausalLM):
        raise _headless(f"{model.config.architecture} has no head for multi-token prediction")
    try:
        return load_packed_mtp(path, model) if isinstance(model.embedding, Packed) else load_mtp(path, model)
    except YunqiError as error:
        if error.code not in ("weights-missing", "config-unsupported"):
            raise
        raise _headless("the checkpoint has no head for multi-token prediction") from error


def _headless(reason: str) -> YunqiError:
    return invalid(reason, "Use ngram or a draft model, or a checkpoint that has its 'mtp.' tensors.")


def _same_words(ours: Tokenizer | None, theirs: Tokenizer | None, model: CausalLM, draft: CausalLM) -> bool:
    """Whether ids mean the same. Where both have tokenizers, added tokens may be missing from one, as they are from
    older models of a family, and the embeddings may be padded differently."""
    if ours is None or theirs is None:
        return model.config.vocab_size == draft.config.vocab_size
    words, others = ({i: text for text, i in t.backend.get_vocab().items()} for t in (ours, theirs))
    shared = words.keys() & others.keys()
    added = ours.added_ids | theirs.added_ids
    return all(words[i] == others[i] for i in shared) and words.keys() ^ others.keys() <= added
