"""What the user hands in: words of the command line or standard input, as checked UTF-8 text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from yunqi.common.errors import YunqiError


def prompt_from(words: Sequence[str]) -> str:
    """The words joined, or standard input where there are none or a single dash.

    Raises:
        YunqiError: `input-not-utf8`, `prompt-empty`.
    """
    if words and tuple(words) != ("-",):
        text = checked_text(" ".join(words))
    elif not words and sys.stdin.isatty():
        raise click.UsageError('Give the question: yunqi ask "...", or pipe it in.')
    else:
        text = decode(sys.stdin.buffer.read())
    if not text.strip():
        raise YunqiError("prompt-empty")
    return text


def decode(data: bytes) -> str:
    """Bytes as text; a byte order mark is dropped and line ends become newlines."""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise YunqiError("input-not-utf8") from error


def checked_text(text: str) -> str:
    """The text, where it is sound: Python passes bytes that are no UTF-8 on as lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise YunqiError("input-not-utf8") from error
    return text
