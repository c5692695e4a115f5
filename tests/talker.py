"""A model that holds scripted conversations, for tests of everything above the engine.

It thinks `thought` where it is free to, then says `answer`, or `after_tools` once a tool's result is in the prompt; it
calls a tool where the user asks it to "call". It goes by what it sees alone, so that any number of requests may run at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from yunqi.engine.llm import LLM
from yunqi.engine.scripted import ScriptedRunner
from yunqi.engine.speculation import Speculator
from yunqi.processing.build import train_bpe
from yunqi.processing.chat import renderer_for
from yunqi.processing.tokenizer import Tokenizer

TEXTS = ["The answer is 42. I think so, because 40 + 2 = 42.\n", "user assistant system\n<think>\nwell\n</think>\n\n"]
CALL = '<tool_call>\n{"name": "add", "arguments": {"a": 40, "b": 2}}\n</tool_call>'


@cache
def tiny_tokenizer() -> Tokenizer:
    return train_bpe(TEXTS * 5, 400)


class Talker:
    """A policy for `ScriptedRunner`; `thought=None` never opens one."""

    def __init__(self, answer: str, thought: str | None = "40 + 2 = 42", after_tools: str | None = None) -> None:
        words = self._words = tiny_tokenizer()
        end = [words.im_end_id]
        self._answer = [*words.encode(answer), *end]
        self._later = [*words.encode(after_tools), *end] if after_tools is not None else self._answer
        self._thought = words.encode(f"<think>\n{thought}\n</think>\n\n") if thought is not None else []
        self._header = words.encode("<|im_start|>assistant\n")
        self._result = words.encode("<tool_response>")
        self._call, self._wish = [*words.encode(CALL), *end], words.encode("call add")

    def __call__(self, seen: Sequence[int]) -> int:
        seen, words = list(seen), self._words
        if words.im_start_id not in seen:  # a plain text to be continued
            return self._answer[len(seen) % (len(self._answer) - 1)]
        start = len(seen) - 1 - seen[::-1].index(words.im_start_id)
        said = seen[start + len(self._header) :]
        script = self._script(seen[:start])
        if words.think_close_id in said:
            said = said[len(said) - said[::-1].index(words.think_close_id) :]
            while said and not words.token_bytes(said[0]).strip():
                said = said[1:]
        elif self._thought:
            return self._thought[min(len(said), len(self._thought) - 1)]
        if said[:1] == self._call[:1] != script[:1]:  # it was made to begin a call
            script = self._call
        return script[min(len(said), len(script) - 1)]  # pyright: ignore

    def _script(self, prompt: Sequence[int]) -> Sequence[int | None]:
        if _holds(prompt, self._result):
            return self._later
        return self._call if _holds(prompt, self._wish) else self._answer


def talking(
    answer: str,
    num_blocks: int = 400,
    max_num_seqs: int = 64,
    *,
    caches: bool = False,
    speculator: Speculator | None = None,
    **more: Any,
) -> LLM:
    """An LLM that talks so. Without a prefix cache an answer and its usage are the same at every asking."""
    words = tiny_tokenizer()
    runner = ScriptedRunner(Talker(answer, **more), vocab_size=words.vocab_size, num_blocks=num_blocks)
    renderer = renderer_for(words, architecture="Qwen3ForCausalLM")
    return LLM.over(
        runner,
        tokenizer=words,
        renderer=renderer,
        max_num_seqs=max_num_seqs,
        enable_prefix_caching=caches,
        speculator=speculator,
    )


def _holds(seen: Sequence[int], piece: Sequence[int]) -> bool:
    return any(list(seen[i : i + len(piece)]) == list(piece) for i in range(len(seen) - len(piece) + 1))
