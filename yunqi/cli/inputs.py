"""What the user hands in: words of the command line or standard input, as checked UTF-8 text."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from yunqi.common.errors import YunqiError

if TYPE_CHECKING:
    from yunqi.engine.llm import LLM


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


def warn_where_longer(llm: LLM, model: str, text: str) -> None:
    """Say where a text has more tokens than any example of a model's last training, as the report beside it knows."""
    longest = _longest_example(model)
    if not longest or len(text.encode()) <= longest:  # a token is a byte at least
        return
    count = len(llm.get_tokenizer().encode(text))
    if count > longest:
        told = f"This question has {count:,} tokens; the last training of {model} held none above {longest:,}."
        click.secho(f"{told} Do not trust the answer; a shorter question may help.", dim=True, err=True)


def _longest_example(model: str) -> int | None:
    from yunqi.common.files import read_json
    from yunqi.hub.resolve import resolve

    try:
        report = resolve(model) / "report.json"
    except YunqiError:
        return None
    return read_json(report).get("longest_example") if report.is_file() else None


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
