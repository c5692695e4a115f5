"""What a server asks -> a job: the one place where an `EngineRequest` meets an `Intake`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.engine.intake import Intake
from yunqi.engine.job import Job
from yunqi.protocol.requests import ChatRequest, EngineRequest


def job_of(intake: Intake, request: EngineRequest) -> Job:
    """The job of a request.

    A hybrid model that may think, and has no room to, answers at once where the request does not ask for a thought:
    programs that know of no thoughts send small limits.

    Raises:
        YunqiError: whatever is wrong with it; `prompt-too-long` without tokenizing where the text alone tells.
    """
    job = _job_of(intake, request)
    for one in job.requests:
        one.key, one.priority = request.origin.key, request.origin.priority
        one.cache_salt = request.origin.cache_salt
    return job


def arguments_of(request: ChatRequest) -> dict[str, Any]:
    """The arguments of `Intake.render`; `Intake.conversation` takes `tool_choice` beside them."""
    return {
        "messages": request.messages,
        "params": request.params,
        "tools": request.tools if request.tool_choice.mode != "none" else (),
        "enable_thinking": request.enable_thinking,
        "continue_final_message": request.continue_final_message,
        "preserve_thinking": request.preserve_thinking,
    }


def _job_of(intake: Intake, request: EngineRequest) -> Job:
    if not isinstance(request, ChatRequest):
        prompt = request.prompt if isinstance(request.prompt, str) else list(request.prompt)
        return intake.prompt(prompt, request.params)
    try:
        return intake.conversation(**arguments_of(request), tool_choice=request.tool_choice)
    except YunqiError as error:
        hybrid = intake.renderer is not None and intake.renderer.mode == "hybrid"
        if error.code != "thinking-no-room" or request.enable_thinking is not None or not hybrid:
            raise
        params = replace(request.params, thinking_budget=None)
        at_once = replace(request, enable_thinking=False, params=params)
        return intake.conversation(**arguments_of(at_once), tool_choice=request.tool_choice)
