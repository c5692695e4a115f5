"""A checkpoint as Yunqi runs it beside the same one in transformers: logits, greedy tokens, tokenizer, chat template.

The two are loaded one after the other, so that memory holds one float32 copy at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yunqi.common.errors import YunqiError
from yunqi.engine.llm import LLM
from yunqi.engine.loader import load_model
from yunqi.engine.words import tokenizer_in
from yunqi.eval.reference import Continuation, ReferenceModel, ReferenceTokenizer
from yunqi.ops.context import ForwardContext
from yunqi.processing.chat import ChatRenderer, renderer_for
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.sampling import SamplingParams

LOGITS_TOLERANCE = 1e-4  # of the greatest reference logit of the prompt
GREEDY_TOKENS = 64
PROMPT_LENGTHS = (1, 7, 33, 129)
_TEXTS = (
    "What is 17 + 25? Answer in one word.",
    "def area(r):\n    return 3.14159 * r ** 2  # πr²\n\n\tprint(area(12.5))",
    '云起 means "clouds rise"; naïve façade — ﬁne, 한국어, العربية, 🙂👩‍🔬\r\n  two  spaces ',
    "<|im_start|>user\n1234567890<|im_end|>\n",
)
_USER = {"role": "user", "content": "How warm is it in Köln? 天气"}
_TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather <now> & here.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_CONVERSATIONS: tuple[list[dict[str, Any]], ...] = (
    [_USER],
    [{"role": "system", "content": "Be brief."}, _USER],
    [_USER, {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nWarm."}, _USER],
    [{"role": "system", "content": "Be brief."}, _USER, {"role": "assistant", "content": "7 °C"}, _USER],
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One comparison: `passed` is None where there was nothing to compare, and `detail` says why."""

    name: str
    passed: bool | None
    detail: str


def compare(path: Path, reference: Path) -> Iterator[Check]:
    """All comparisons of the checkpoint in `path` with transformers' run of the one in `reference`.

    Raises:
        YunqiError: those of `load_model` and `LLM`, `reference-failed`, `extra-missing`.
    """
    words = tokenizer_in(path)
    network = load_model(path, dtype="float32")
    config = network.config
    prompts = fixed_prompts(config.vocab_size, config.max_context)
    ours = [_logits(network, prompt) for prompt in prompts]
    del network
    prompt = prompts[min(1, len(prompts) - 1)]
    num_tokens = min(GREEDY_TOKENS, config.max_context - len(prompt))
    tokens = _greedy(path, prompt, num_tokens)
    model = ReferenceModel(reference)
    yield check_logits(prompts, ours, [model.logits(prompt) for prompt in prompts])
    yield check_greedy(tokens, model.greedy(prompt, num_tokens))
    del model
    yield from _check_words(words, reference, architecture=config.architecture, name=str(path))


def fixed_prompts(vocab_size: int, max_context: int) -> list[tuple[int, ...]]:
    """Token ids, always the same, spread over the vocabulary; lengths are odd and leave room for an answer."""
    lengths = [length for length in PROMPT_LENGTHS if length < max_context] or [1]
    return [tuple((7919 * (i + 1) + 104_729 * length) % vocab_size for i in range(length)) for length in lengths]


def check_logits(prompts: Sequence[Sequence[int]], ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> Check:
    """The greatest difference of any logit, as a share of the prompt's greatest."""
    name, lengths = "logits", ", ".join(str(len(prompt)) for prompt in prompts)
    worst = 0.0
    for found, wanted in zip(ours, theirs, strict=True):
        if found.shape != wanted.shape:
            return Check(name=name, passed=False, detail=f"shape {tuple(found.shape)}, not {tuple(wanted.shape)}")
        scale = float(wanted.abs().max()) or 1.0
        difference = float((found - wanted).abs().max()) / scale
        worst = max(worst, difference) if difference == difference else float("inf")
    detail = f"prompts of {lengths} tokens differ by {worst:.1e} at most, {LOGITS_TOLERANCE:.0e} is allowed"
    return Check(name=name, passed=worst <= LOGITS_TOLERANCE, detail=detail)


def check_greedy(ours: Sequence[int], theirs: Continuation) -> Check:
    """The same tokens, up to the first place where the reference itself is undecided between two."""
    name, total = "greedy tokens", len(theirs.token_ids)
    pairs = enumerate(zip(ours, theirs.token_ids, strict=False))
    first = next((i for i, (a, b) in pairs if a != b), None)
    if first is None:
        same = len(ours) == total
        return Check(name=name, passed=same, detail=f"{total} of {total} equal" if same else f"{len(ours)} of {total}")
    row = theirs.logits[first]
    gap = float(row[theirs.token_ids[first]] - row[ours[first]]) / (float(row.abs().max()) or 1.0)
    tied = gap <= 2 * LOGITS_TOLERANCE
    said = f", where the reference's two likeliest are {gap:.1e} apart" if tied else ""
    return Check(name=name, passed=tied, detail=f"equal up to token {first + 1} of {total}{said}")


def _logits(network: Any, ids: Sequence[int]) -> Tensor:
    ctx = ForwardContext.training([0, len(ids)])
    with torch.no_grad():
        hidden = network(torch.tensor(ids), torch.arange(len(ids)), ctx)
        return network.compute_logits(hidden, ctx).float()


def _greedy(path: Path, prompt: Sequence[int], num_tokens: int) -> list[int]:
    if num_tokens < 1:
        return []
    params = SamplingParams(
        temperature=0, max_tokens=num_tokens, ignore_eos=True, repetition_penalty=1.0, presence_penalty=0.0,
        frequency_penalty=0.0,
    )  # fmt: skip
    llm = LLM(path, dtype="float32", max_model_len=len(prompt) + num_tokens, max_num_seqs=1)
    (output,) = llm.generate([list(prompt)], params)
    return output.outputs[0].token_ids


def _check_words(words: Tokenizer | None, reference: Path, *, architecture: str, name: str) -> Iterator[Check]:
    if words is None:
        for check in ("tokenizer", "template"):
            yield Check(name=check, passed=None, detail="the checkpoint has no tokenizer")
        return
    theirs = ReferenceTokenizer(reference)
    wrong = [text for text in _TEXTS if words.encode(text) != theirs.encode(text)]
    detail = f"{len(_TEXTS) - len(wrong)} of {len(_TEXTS)} texts give the same tokens"
    yield Check(name="tokenizer", passed=not wrong, detail=detail)
    renderer = renderer_for(words, architecture=architecture, name=name) if words.chat_template else None
    if renderer is None:
        yield Check(name="template", passed=None, detail="the checkpoint has no chat template")
        return
    yield _check_template(renderer, theirs)


def _check_template(renderer: ChatRenderer, theirs: ReferenceTokenizer) -> Check:
    switches: tuple[bool | None, ...] = (None, True, False) if renderer.mode == "hybrid" else (None,)
    cases = [(c, tools, think) for c in _CONVERSATIONS for tools in (None, [_TOOL]) for think in switches]
    wrong = sum(not _renders_alike(renderer, theirs, *case) for case in cases)
    detail = f"{len(cases) - wrong} of {len(cases)} conversations read the same"
    return Check(name="template", passed=not wrong, detail=detail)


def _renders_alike(
    renderer: ChatRenderer,
    theirs: ReferenceTokenizer,
    conversation: list[dict[str, Any]],
    tools: list[dict[str, Any]] | None,
    think: bool | None,
) -> bool:
    options = {} if think is None else {"enable_thinking": think}
    try:
        wanted = theirs.render(conversation, tools=tools, **options)
    except Exception:  # a template may refuse a conversation; then so must we
        wanted = None
    try:
        found = renderer.render(conversation, tools=tools, enable_thinking=think).text
    except YunqiError:
        found = None
    return found == wanted
