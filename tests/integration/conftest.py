"""A tiny tokenizer of Qwen's kind, and an `LLM` that plays a script with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from yunqi.engine.llm import LLM
from yunqi.engine.scripted import ScriptedRunner
from yunqi.processing.build import train_bpe
from yunqi.processing.chat import renderer_for
from yunqi.processing.tokenizer import Tokenizer

TEXTS = ["The answer is 42. I think so, because 40 + 2 = 42.\n", "user assistant system\n<think>\nwell\n</think>\n\n"]


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train_bpe(TEXTS * 5, 400)


@pytest.fixture
def scripted(tokenizer: Tokenizer) -> Callable[..., LLM]:
    """An LLM whose model plays the given text after any prompt, then its end token."""

    def make(text: str, *, name: str | None = None, architecture: str = "Qwen3ForCausalLM", **more: object) -> LLM:
        script = [*tokenizer.encode(text), tokenizer.im_end_id]
        prompts: dict[int, int] = {}

        def policy(seen: list[int]) -> int:
            # The prompt ends at the generation prompt: what follows the last "assistant" turn's opening.
            start = len(seen) - 1 - seen[::-1].index(tokenizer.im_start_id) if tokenizer.im_start_id in seen else -1
            length = prompts.setdefault(start, len(seen))
            return script[min(len(seen) - length, len(script) - 1)]

        runner = ScriptedRunner(policy, vocab_size=tokenizer.vocab_size, num_blocks=200)
        renderer = renderer_for(tokenizer, architecture=architecture, name=name)
        return LLM.over(runner, tokenizer=tokenizer, renderer=renderer, **more)  # pyright: ignore

    return make
