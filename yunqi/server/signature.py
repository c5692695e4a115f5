"""Signatures of thinking blocks: a client that sends a thought back proves that this installation wrote it."""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.common.home import home

_LENGTH = 32


def sign(secret: bytes, thought: str) -> str:
    """The signature of a thought."""
    digest = hmac.new(secret, thought.encode("utf-8", "surrogatepass"), sha256).digest()
    return base64.b64encode(digest).decode()


def check(secret: bytes, thought: str, signature: str | None) -> None:
    """Raise `signature-wrong` where the signature is missing or belongs to another text."""
    wanted = sign(secret, thought).encode()
    if signature is None or not hmac.compare_digest(wanted, signature.encode("utf-8", "surrogatepass")):
        raise YunqiError("signature-wrong")


def installation_secret(path: Path | None = None) -> bytes:
    """The secret of this installation, made at the first call; signatures thus survive a restart.

    Raises:
        YunqiError: `directory-unwritable` where it can be neither read nor kept.
    """
    path = path or home() / "server" / "signing.secret"
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes()
    except OSError as error:
        raise YunqiError("directory-unwritable", path=path.parent, reason=error) from error
    if len(secret) != _LENGTH:
        raise YunqiError("settings-invalid", file=path, reason=f"it does not hold {_LENGTH} bytes")
    return secret


def _make(path: Path) -> None:
    """Write a secret aside and link it into place: of two processes one wins, and nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(secrets.token_bytes(_LENGTH))
    with contextlib.suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()
