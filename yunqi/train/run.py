"""One call from a config to a model folder: tokenizer, stream, training, export, and the facts of the run.

The run folder holds `state.safetensors` (to resume from), `metrics.jsonl`, `run.json`, `tokenizer/` and, at the end,
`model/` in the official layout with `report.json` beside the weights.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import torch

from yunqi.common.files import write_json
from yunqi.data.conversations import sample
from yunqi.data.rendering import ConversationEncoder
from yunqi.data.stream import Stream
from yunqi.engine.loader import build_model, check_device, load_model, load_mtp
from yunqi.layers.attention import AttentionCore
from yunqi.ops.native import library
from yunqi.processing.build import train_bpe
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import QWEN3_ADDED
from yunqi.train.checkpoint import Counters
from yunqi.train.config import TrainConfig
from yunqi.train.export import export
from yunqi.train.initial import EMBEDDINGS
from yunqi.train.loop import train


def run(
    config: TrainConfig,
    out: str | Path,
    *,
    start: Path | None = None,
    resume: bool = True,
    threads: int | None = None,
    device: str = "cpu",
    workers: int = 0,
    silent: bool = False,
) -> Path:
    """Train to the end and export. Returns the model folder.

    Args:
        start: the folder whose weights and tokenizer the run begins with; `config.start` names those weights.
        resume: go on from the folder's checkpoint where there is one; False starts afresh.
        threads: torch threads; runs are equal to the bit only for equal counts. None keeps torch's choice.
        device: "cpu" or "cuda".
        workers: processes that make the batches ahead of the steps, the same ones for every count.

    Raises:
        KeyboardInterrupt: after a signal; the same call resumes.
        YunqiError: `device-unavailable`, `disk-full`, `directory-unwritable`, `run-mismatch`, `weights-corrupt`.
    """
    device = check_device(device)
    if threads is not None:
        torch.set_num_threads(threads)
    out = Path(out)
    first = None if start is None else dict(_trained(start, config).named_parameters())
    tokenizer = _tokenizer(config, out / "tokenizer", resume, start)
    model: Any = build_model({**config.model, "vocab_size": config.vocab_size})
    if config.mtp_weight:
        model.mtp = model.make_mtp()  # under the names that checkpoints have for it
    batches, options = stream(config, tokenizer), {"device": device, "workers": workers, "silent": silent}
    counters = train(config, model, batches, out, start=first, resume=resume, **options)
    folder = out / "model"
    export(model.to("cpu"), tokenizer, folder)
    write_json(folder / "report.json", facts(config, model, counters, device))
    return folder


def _trained(start: Path, config: TrainConfig) -> Any:
    model: Any = load_model(start, dtype="float32")
    if config.mtp_weight:
        model.mtp = load_mtp(start, model)
    return model


def stream(config: TrainConfig, tokenizer: Tokenizer) -> Stream:
    """The training batches of a config."""
    assert tokenizer.pad_id is not None
    return Stream(
        phases=config.phases,
        encode=ConversationEncoder(NativeRenderer(QWEN3, tokenizer), tokenizer),
        pad_id=tokenizer.pad_id,
        tokens_per_step=config.tokens_per_step,
        steps=config.steps,
        seed=config.seed,
    )


def train_tokenizer(config: TrainConfig) -> Tokenizer:
    """A tokenizer from the texts of training conversations alone."""
    return train_bpe(_texts(config), config.vocab_size)


def _tokenizer(config: TrainConfig, folder: Path, resume: bool, start: Path | None) -> Tokenizer:
    if not (resume and (folder / "tokenizer.json").is_file()):
        (train_tokenizer(config) if start is None else Tokenizer.from_directory(start)).save(folder)
    return Tokenizer.from_directory(folder)


def _texts(config: TrainConfig) -> Iterator[str]:
    alphabet = train_bpe((), 256 + len(QWEN3_ADDED))
    encoder = ConversationEncoder(NativeRenderer(QWEN3, alphabet), alphabet)
    random = Random(f"{config.seed}/tokenizer")
    for _ in range(config.tokenizer_examples):
        yield encoder.text(sample(config.phases[0].mix, "train", random))


def facts(config: TrainConfig, model: Any, counters: Counters, device: str = "cpu") -> dict[str, Any]:
    """What the run was and cost; the held-out table joins it after evaluation."""
    return {
        "name": config.name,
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": counters.tokens,
        "loss_tokens": counters.loss_tokens,
        "examples": counters.examples,
        "longest_example": counters.longest_example,
        "steps": counters.step,
        "flops": flops(config, model, counters),
        "seconds": round(counters.seconds, 1),
        "cpu_seconds": round(counters.cpu_seconds, 1),
        "threads": torch.get_num_threads(),
        "machine": {
            "system": platform.system(),
            "processor": platform.machine() if device == "cpu" else torch.cuda.get_device_name(device),
            "torch": str(torch.__version__),
            "native": library.problem() or library.level(),
        },
        "seed": config.seed,
        "fingerprint": config.fingerprint,
        "data_hash": counters.data_hash,
        "config": config.to_json(),
    }


def flops(config: TrainConfig, model: Any, counters: Counters) -> float:
    """Floating point operations of the run: 6 a weight and token, the head only where a token counts, attention 12 a
    pair of query and key, head dimension and layer that attends. Of experts those count that a token has; the states of
    linear attention, a few per cent, do not."""
    shape = config.model
    hidden = sum(
        p.numel() * (shape["num_experts_per_tok"] / shape["num_experts"] if ".experts." in name else 1)
        for name, p in model.named_parameters()
        if p.ndim == 2 and not name.endswith(EMBEDDINGS)
    )
    head = config.vocab_size * shape["hidden_size"] * (2 if config.mtp_weight else 1)
    attention = 12 * sum(m.num_heads * m.head_dim for m in model.modules() if isinstance(m, AttentionCore))
    return float(6 * hidden * counters.tokens + 6 * head * counters.loss_tokens + attention * counters.pairs)
