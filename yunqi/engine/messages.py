"""What passes between a client and its engine process: msgpack frames, each with its length in front.

To the engine go `Start` (once), then `Add`, `Abort`, `StopThinking`, `AskStats`, `Close`; back come `Ready` or `Failed`
(once), then `Accepted`, `Refused`, `Stats`, and after each step one `Step` with what it brought all its requests.
Everything is plain data, so that neither side can hand the other anything to run. A frame that is too large, or is no
message, is a `FrameError`: whoever sent it is not what it claims to be, and the connection is given up.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import msgspec

from yunqi.common.errors import YunqiError
from yunqi.engine.grammar import GrammarPlan
from yunqi.engine.request import Drawing, StopRules
from yunqi.engine.script import Script
from yunqi.engine.thinking_plan import ThinkingPlan
from yunqi.engine.tool_forcing import ToolPlan
from yunqi.protocol.events import FinishReason
from yunqi.protocol.output import Logprob
from yunqi.protocol.requests import EngineStats

MAX_FRAME_BYTES = 64 << 20
SECONDS_TO_END = 5.0  # after `Close`, or after the connection ended; what is not gone by then is killed
_LENGTH = struct.Struct(">I")

Row = dict[int, tuple[float, int]]  # token -> log-probability, rank


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    pass


class Start(_Message, frozen=True):
    """What to serve: a script, or a model with the keyword arguments of `LLM`."""

    model: str | None = None
    options: dict[str, Any] = {}
    script: Script | None = None
    log_level: int = 30


class Add(_Message, frozen=True):
    """A prompt and its answers, one request for each id."""

    request_ids: tuple[str, ...]
    token_ids: list[int]
    drawing: Drawing
    stop: StopRules
    thinking: ThinkingPlan | None = None
    calls: ToolPlan | None = None
    grammar: GrammarPlan | None = None
    prompt_logprobs: int | None = None
    stable_lengths: tuple[int, ...] = ()
    key: str = ""
    priority: int = 0
    cache_salt: str | None = None

    def drawing_of(self, number: int) -> Drawing:
        """How to draw answer `number` of the `n`."""
        return replace(self.drawing, answer=number)


class Abort(_Message, frozen=True):
    """End these requests; those that are gone already are no error."""

    request_ids: tuple[str, ...]


class StopThinking(_Message, frozen=True):
    request_ids: tuple[str, ...]


class AskStats(_Message, frozen=True):
    number: int


class Close(_Message, frozen=True):
    """End the process, whatever is running."""


class Ready(_Message, frozen=True):
    max_model_len: int
    vocab_size: int


class ErrorData(_Message, frozen=True):
    """A `YunqiError`, to be raised on the other side."""

    code: str
    details: dict[str, Any]

    @classmethod
    def of(cls, error: Exception, otherwise: str) -> ErrorData:
        """Any exception; one that is not ours becomes the row `otherwise`, with its text as the reason."""
        if isinstance(error, YunqiError):
            return cls(code=error.code, details={name: _plain(value) for name, value in error.details.items()})
        return cls(code=otherwise, details={"reason": f"{type(error).__name__}: {error}"})

    def rebuilt(self) -> YunqiError:
        return YunqiError(self.code, **self.details)


class Failed(_Message, frozen=True):
    """The model could not be loaded; the process ends."""

    error: ErrorData


class Accepted(_Message, frozen=True):
    """These requests are in the engine's queue."""

    request_ids: tuple[str, ...]


class Refused(_Message, frozen=True):
    request_ids: tuple[str, ...]
    error: ErrorData


class Advance(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a step brought one request. `num_inserted`, `num_preemptions` and `guesses` are totals, the last of
    verifications, of proposed and of accepted tokens."""

    request_id: str
    token_ids: tuple[int, ...] = ()
    num_inserted: int = 0
    num_cached: int = 0
    num_preemptions: int = 0
    guesses: tuple[int, int, int] = (0, 0, 0)
    logprobs: tuple[Row, ...] = ()
    prompt_logprobs: tuple[Row | None, ...] = ()
    finish_reason: FinishReason | None = None
    stop_reason: str | int | None = None
    error: ErrorData | None = None


class Step(_Message, frozen=True):
    """A step is over. One that only computed a part of prompts has nothing to tell of."""

    advances: tuple[Advance, ...]


class Stats(_Message, frozen=True):
    number: int
    stats: EngineStats


ToEngine = Start | Add | Abort | StopThinking | AskStats | Close
FromEngine = Ready | Failed | Accepted | Refused | Step | Stats

_encoder = msgspec.msgpack.Encoder()
_decoders = {
    "engine": msgspec.msgpack.Decoder(ToEngine),
    "client": msgspec.msgpack.Decoder(FromEngine),
}


class FrameError(Exception):
    """What arrived is no message."""


def frame(message: ToEngine | FromEngine) -> bytes:
    """The bytes of a message. One that is too large to be read is our own mistake."""
    body = _encoder.encode(message)
    assert len(body) <= MAX_FRAME_BYTES, f"a {type(message).__name__} of {len(body)} bytes"
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Bytes as they come -> messages. `side` says who reads: "engine" or "client"."""

    def __init__(self, side: Literal["engine", "client"], max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._decoder, self._max_bytes = _decoders[side], max_bytes
        self._bytes = bytearray()

    def push(self, data: bytes) -> Iterator[Any]:
        """The messages that are complete now. Raises `FrameError`; nothing can be read after that."""
        self._bytes += data
        while len(self._bytes) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._bytes)
            if length > self._max_bytes:
                raise FrameError(f"a frame of {length} bytes; {self._max_bytes} are allowed")
            end = _LENGTH.size + length
            if len(self._bytes) < end:
                return
            body = bytes(memoryview(self._bytes)[_LENGTH.size : end])
            del self._bytes[:end]
            yield self._decode(body)

    def _decode(self, body: bytes) -> Any:
        try:
            message = self._decoder.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise FrameError(f"no message: {error}") from error
        for error in _errors(message):
            _check(error)
        return message


def as_row(row: dict[int, Logprob]) -> Row:
    return {token: (x.logprob, x.rank) for token, x in row.items()}


def from_row(row: Row) -> dict[int, Logprob]:
    return {token: Logprob(logprob=logprob, rank=rank) for token, (logprob, rank) in row.items()}


def _errors(message: Any) -> Iterator[ErrorData]:
    if isinstance(message, Failed | Refused):
        yield message.error
    elif isinstance(message, Step):
        yield from (advance.error for advance in message.advances if advance.error is not None)


def _check(error: ErrorData) -> None:
    try:
        error.rebuilt()
    except Exception as reason:  # an unknown code, or details that are not those of its sentence
        raise FrameError(f"{error.code!r} is no error of ours: {reason!r}") from reason


def _plain(value: object) -> Any:
    """Details of an error as data; what is no plain value goes as its text, which is what the sentence shows."""
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    return str(value)
