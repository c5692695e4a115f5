"""What an operator decides about a server. Seconds and bytes; None means no limit."""

from __future__ import annotations

from dataclasses import dataclass, field

_LEAST_BODY = 2**20
_BYTES_PER_TOKEN = 32  # escaped and with its share of JSON around it


@dataclass(frozen=True, kw_only=True)
class ThinkingPolicy:
    """Thinking where a request says nothing, and at most: `default_budget` and `cap` count tokens.

    `preserve` keeps the thoughts of earlier turns in the prompt where a request does not say otherwise.
    """

    default_budget: int | None = None
    cap: int | None = None
    preserve: bool = False


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """Limits, keys and policies of one server. `api_keys` are the keys themselves; none means that all may ask
    but web pages of other hosts than this machine and `allowed_hosts`."""

    api_keys: tuple[str, ...] = field(default=(), repr=False)
    allowed_hosts: tuple[str, ...] = ()
    signing_secret: bytes = field(default=b"", repr=False)
    thinking: ThinkingPolicy = ThinkingPolicy()
    max_body_bytes: int | None = None
    body_seconds: float = 30.0
    reader_seconds: float = 60.0
    ping_seconds: float = 15.0
    drain_seconds: float = 30.0
    log_content: bool = False

    def body_limit(self, max_model_len: int) -> int:
        """The largest body: what is configured, else what a full context may take."""
        return self.max_body_bytes or _LEAST_BODY + _BYTES_PER_TOKEN * max_model_len
