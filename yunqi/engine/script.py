r"""A scripted model as plain data: start an engine process over it and test your own program without weights.

    script = Script(tokenizer="nano", answers=(("weather", "<think>\nHm.\n</think>\n\nSunny."),), answer="No idea.")
    async with AsyncLLM(script) as llm: ...

It answers any prompt that contains "weather" with the one text and every other with `answer`, at once; texts begin
where a model's output begins, so a thought has its tags. `policy` is for more: the place of a Python function, written
"module:function", that gets a sequence's tokens (`yunqi.engine.scripted.Tokens`) and returns the next one, or a row of
logits. Steps can be slow, and things can go wrong: `Fault(kind="exit", step=5)` ends the process in its fifth step.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, cast

from yunqi.common.errors import YunqiError
from yunqi.engine.scripted import Policy, ScriptedRunner, Tokens
from yunqi.processing.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What goes wrong in which step, counted from 1 since the process began.

    "raise": the computation fails; "exit": the process ends as if it had crashed; "hang": the step never ends.
    """

    kind: Literal["raise", "exit", "hang"]
    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """What a scripted model says, how slowly, and what goes wrong.

    Args:
        tokenizer: a bundled model, a hub name or a folder to take the tokenizer and the chat format from; without one
            only token ids can be asked, and `vocab_size` must be given.
        architecture: whose chat format it speaks, where the tokenizer's folder has no template.
        answers: pairs of a text and the answer to prompts that contain it; the first that fits is played.
        answer: the answer to any other prompt, text or token ids. An end token follows it.
        policy: "module:function" in place of answers.
        seconds_per_step, seconds_to_load: how slow it is.
        max_model_len: the longest sequence; None for as much as the blocks hold.
    """

    tokenizer: str | None = None
    architecture: str | None = None
    answer: str | tuple[int, ...] = ""
    answers: tuple[tuple[str, str], ...] = ()
    policy: str | None = None
    vocab_size: int | None = None
    seconds_per_step: float = 0.0
    seconds_to_load: float = 0.0
    faults: tuple[Fault, ...] = ()
    max_model_len: int | None = None
    num_blocks: int = 1024
    block_size: int = 16
    max_num_seqs: int = 64
    max_num_batched_tokens: int = 512

    def runner(self, tokenizer: Tokenizer | None) -> ScriptedRunner:
        """The model. Raises `script-invalid`."""
        if tokenizer is None and self.vocab_size is None:
            raise YunqiError("script-invalid", reason="it has neither a tokenizer nor a vocab_size")
        time.sleep(self.seconds_to_load)
        return ScriptedRunner(
            _policy(self, tokenizer) if self.policy is None else _load(self.policy),
            vocab_size=self.vocab_size or _size(tokenizer),
            num_blocks=self.num_blocks,
            block_size=self.block_size,
            before_step=self._before_step,
        )

    def _before_step(self, step: int) -> None:
        if self.seconds_per_step:
            time.sleep(self.seconds_per_step)
        for fault in self.faults:
            if fault.step == step:
                _FAULTS[fault.kind]()


def _raise() -> None:
    raise RuntimeError("the script says that this step fails")


_FAULTS: dict[str, Callable[[], Any]] = {
    "raise": _raise,
    "exit": lambda: os._exit(70),
    "hang": lambda: threading.Event().wait(),
}


def _size(tokenizer: Tokenizer | None) -> int:
    assert tokenizer is not None
    return tokenizer.vocab_size


def _load(place: str) -> Policy:
    """The function at "module:function"."""
    module, _, name = place.partition(":")
    try:
        found: Any = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise YunqiError("script-invalid", reason=f"the policy '{place}' cannot be imported: {error}") from error
    if not callable(found):
        raise YunqiError("script-invalid", reason=f"the policy '{place}' is no function")
    return cast("Policy", found)


def _policy(script: Script, tokenizer: Tokenizer | None) -> Policy:
    """Plays the answer that fits the prompt, then an end token again and again."""
    if tokenizer is None and (script.answers or not script.answer or isinstance(script.answer, str)):
        raise YunqiError(
            "script-invalid", reason="without a tokenizer it answers with token ids, the same to any prompt"
        )

    def ids(answer: str | tuple[int, ...]) -> tuple[int, ...]:
        if tokenizer is None:
            return tuple(answer)  # pyright: ignore[reportReturnType]
        end = (tokenizer.im_end_id,) if tokenizer.im_end_id is not None else tuple(sorted(tokenizer.eos_ids)[:1])
        return (*(tokenizer.encode(answer) if isinstance(answer, str) else answer), *end)

    @lru_cache(maxsize=1024)
    def chosen(prompt: tuple[int, ...]) -> tuple[int, ...]:
        text = tokenizer.decode(prompt) if tokenizer and script.answers else ""
        return ids(next((answer for part, answer in script.answers if part in text), script.answer))

    def play(seen: Tokens) -> int:
        tokens = chosen(tuple(seen.prompt))
        return tokens[min(seen.num_outputs, len(tokens) - 1)]

    return play
