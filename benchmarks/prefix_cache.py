"""What the prefix cache saves: time to the first token of a conversation's second turn, cold, warm and after a restart.

python benchmarks/prefix_cache.py [--shape 0.6B] [--turn 2000] [--exact]

The model is random: the time does not depend on the weights. The restart is a new engine with an empty memory over the
same folder.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time

import torch

from yunqi.engine.core import Engine
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.torch_runner import TorchRunner
from yunqi.models.qwen3 import Qwen3Config, Qwen3ForCausalLM
from yunqi.protocol.output import RequestMetrics

SHAPES = {
    "tiny": (256, 4, 4, 2, 64, 768, 2_000),
    "0.1B": (512, 12, 8, 4, 64, 1536, 32_000),
    "0.6B": (1024, 28, 16, 8, 128, 3072, 151_936),
}
NAMES = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim"),
    *("intermediate_size", "vocab_size"),
)


def build(shape: str) -> Qwen3ForCausalLM:
    config = dict(zip(NAMES, SHAPES[shape], strict=True)) | {"tie_word_embeddings": True}
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(Qwen3Config.from_dict(config)).bfloat16().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(1.0 if parameter.dim() == 1 else 0.0, 0.02)
    return model


def engine_of(model: Qwen3ForCausalLM, folder: str, longest: int, *, exact: bool, caching: bool = True) -> Engine:
    runner = TorchRunner(
        model,
        backend="exact" if exact else "torch",
        device="cpu",
        max_model_len=longest,
        max_num_seqs=4,
        max_num_batched_tokens=512,
        num_blocks=2 * longest // 16,
    )
    store = PrefixStore(folder, 8 << 30) if caching else None
    return Engine(runner, SchedulerConfig(enable_prefix_caching=caching), store)


def ask(engine: Engine, prompt: list[int], max_tokens: int) -> tuple[Request, float]:
    """The request at its end, and the seconds until its first token."""
    request = Request(
        request_id="r",
        prompt_len=len(prompt),
        token_ids=list(prompt),
        drawing=Drawing(seed=0, temperature=0),
        stop=StopRules(max_tokens=max_tokens),
        metrics=RequestMetrics(arrival_time=time.monotonic()),
    )
    engine.add(request)
    while engine.has_requests:
        engine.step()
    assert request.metrics.time_to_first_token is not None
    return request, request.metrics.time_to_first_token


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="0.6B")
    parser.add_argument("--turn", type=int, default=2_000, help="tokens of the conversation before the second turn")
    parser.add_argument("--answer", type=int, default=32, help="of which were the first answer")
    parser.add_argument("--question", type=int, default=40, help="tokens that the second turn adds")
    parser.add_argument("--exact", action="store_true")
    args = parser.parse_args()
    model, draw = build(args.shape), random.Random(0)
    vocab, longest = model.config.vocab_size, args.turn + args.question + 64
    first = [draw.randrange(vocab) for _ in range(args.turn - args.answer)]
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(model, folder, longest, exact=args.exact)
        told, cold_first = ask(engine, first, args.answer)
        second = told.token_ids + [draw.randrange(vocab) for _ in range(args.question)]
        spill = engine.scheduler.cache.spill
        assert spill is not None
        spill.store.flush()
        restored, restored_seconds = ask(engine_of(model, folder, longest, exact=args.exact), second, 1)
        warm, warm_seconds = ask(engine, second, 1)
        spill.store.close()
        _, cold_seconds = ask(engine_of(model, folder, longest, exact=args.exact, caching=False), second, 1)
    print(f"shape {args.shape}, prompt of {len(second)} tokens, first turn in {cold_first:.2f} s")
    for name, request, seconds in (("warm", warm, warm_seconds), ("restarted", restored, restored_seconds)):
        share = request.num_cached / len(second)
        print(
            f"{name}: {share:.1%} cached, {seconds:.3f} s = {seconds / cold_seconds:.3f} of cold ({cold_seconds:.2f} s)"
        )


if __name__ == "__main__":
    main()
