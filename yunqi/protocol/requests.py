"""What the server asks of an engine: one internal request, whatever dialect it came in, and what streams back.

Frozen data of plain types, so that a request can cross to another process as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yunqi.protocol.events import Event
from yunqi.protocol.messages import Message, Tool
from yunqi.protocol.output import Logprob
from yunqi.protocol.sampling import SamplingParams

ToolMode = Literal["auto", "none", "required"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolChoice:
    """Whether the model may, must not or must call tools; `name` is the one tool it must call."""

    mode: ToolMode = "auto"
    name: str | None = None
    parallel: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Who asks, and how urgently.

    `key` names the client for fair sharing (never the API key itself); a higher `priority` is served first, and waiting
    raises it. Requests of different `cache_salt` share no block of cache.
    """

    request_id: str = ""
    key: str = ""
    priority: int = 0
    cache_salt: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    """Answer a conversation. `preserve_thinking` keeps the thoughts of earlier turns in the prompt."""

    messages: tuple[Message, ...]
    params: SamplingParams = field(default_factory=SamplingParams)
    model: str = ""
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    enable_thinking: bool | None = None
    preserve_thinking: bool = False
    continue_final_message: bool = False
    origin: Origin = Origin()


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionRequest:
    """Continue a text or token ids."""

    prompt: str | tuple[int, ...]
    params: SamplingParams = field(default_factory=SamplingParams)
    model: str = ""
    origin: Origin = Origin()


EngineRequest = ChatRequest | CompletionRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Delta:
    """What one step brought answer `index`: its events in order, and the tokens they were read from.

    The events may lag behind the tokens (half a character, a possible stop string). `logprobs` holds one row a token
    where they were asked for.
    """

    index: int
    events: tuple[Event, ...] = ()
    token_ids: tuple[int, ...] = ()
    logprobs: tuple[dict[int, Logprob], ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Tokens of a request over all its answers. `cached_tokens` of the prompt were not computed again."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCard:
    """A model that an engine serves. `thinking` says whether it thinks: never, as asked, or always."""

    name: str
    max_model_len: int
    created: int
    thinking: Literal["none", "hybrid", "always"] = "none"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineStats:
    """What an engine is doing now; `counters` only grow (tokens, hits, preemptions, restarts)."""

    num_running: int = 0
    num_waiting: int = 0
    num_blocks: int = 0
    num_free_blocks: int = 0
    counters: dict[str, int] = field(default_factory=dict)
