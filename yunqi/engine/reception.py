"""What the server asks -> a job: the one place where an `EngineRequest` meets an `Intake`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from yunqi.common.errors import YunqiError
from yunqi.engine.intake import Intake
from yunqi.engine.job import Job
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.requests import ChatRequest, CompletionRequest, EngineRequest

_COMPOSITION = 3  # NFC makes one character of at most three


def job_of(intake: Intake, request: EngineRequest) -> Job:
    """The job of a request.

    A hybrid model that may think, and has no room to, answers at once where the request does not ask for a thought:
    programs that know of no thoughts send small limits.

    Raises:
        YunqiError: whatever is wrong with it; `prompt-too-long` without tokenizing where the text alone tells.
    """
    if isinstance(request, CompletionRequest):
        if isinstance(request.prompt, str):
            check_length(intake, (request.prompt,))
        return intake.prompt(request.prompt, request.params)
    check_length(intake, (message.text for message in request.messages))
    try:
        return _conversation(intake, request)
    except YunqiError as error:
        hybrid = intake.renderer is not None and intake.renderer.mode == "hybrid"
        if error.code != "thinking-no-room" or request.enable_thinking is not None or not hybrid:
            raise
        params = replace(request.params, thinking_budget=None)
        return _conversation(intake, replace(request, enable_thinking=False, params=params))


def _conversation(intake: Intake, request: ChatRequest) -> Job:
    return intake.conversation(
        request.messages,
        request.params,
        tools=() if request.tool_choice.mode == "none" else request.tools,
        enable_thinking=request.enable_thinking,
        continue_final_message=request.continue_final_message,
        preserve_thinking=request.preserve_thinking,
        tool_choice=request.tool_choice,
    )


def check_length(intake: Intake, texts: Iterable[str]) -> None:
    """Refuse texts that no tokens of this vocabulary could make short enough: tokenizing them would take seconds."""
    if intake.tokenizer is None:
        return
    least = sum(len(text) for text in texts) // (_COMPOSITION * longest_token(intake.tokenizer))
    if least >= intake.max_model_len:
        raise YunqiError("prompt-too-long", length=f"at least {least}", limit=intake.max_model_len)


@cache
def longest_token(tokenizer: Tokenizer) -> int:
    """The most bytes that one token stands for; a character has at least one."""
    return max(len(tokenizer.token_bytes(token)) for token in range(tokenizer.vocab_size))
