"""What the routes of our own answer; the tests hold them to these types."""

from __future__ import annotations

from typing import Literal

from yunqi.server.dialects.openai.replies import Reply


class Tokenized(Reply):
    tokens: list[int]
    count: int
    max_model_len: int


class Detokenized(Reply):
    prompt: str


class Stopped(Reply):
    id: str
    stopped: bool


class Health(Reply):
    status: Literal["ok", "unavailable"]
