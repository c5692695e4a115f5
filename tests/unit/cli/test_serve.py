"""`yunqi serve`: what it refuses before a model is loaded, and what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from yunqi.cli.commands.serve import snippet


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "no API key"),
        (["--host", "example.org"], "no API key"),
        (["--api-key", "short"], "cannot be used"),
        (["--api-key-file", "/nowhere/keys"], "cannot be used"),
        (["--allow-host", "https://"], "--allow-host"),
        (["--default-budget", "9", "--max-budget", "5"], "contradict"),
        (["no-such-model"], "no model"),
        (["--draft", "no-such-model"], "no model"),
        (["--speculative", "draft_model"], "no draft model is named"),
        (["--speculative", "mtp", "--draft", "nano"], "mtp takes no draft model"),
        (["--speculative", "ngram", "--speculative-tokens", "0"], "num_speculative_tokens is 0"),
        (["--speculative-tokens", "4"], "--speculative ngram"),
        (["--speculative", "medusa"], "medusa"),
        (["--port", "70000"], "70000"),
    ],
)
def test_mistakes_are_told_before_a_model_is_loaded(
    program: Program, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YUNQI_API_KEY", raising=False)
    done = program("serve", *arguments)
    assert done.code == 2
    assert told in done.err


def test_the_snippet_shows_no_key(tmp_path: Path) -> None:
    assert '"none"' in snippet("nano", "http://127.0.0.1:8000", False)
    text = snippet("nano", "http://127.0.0.1:8000", True)
    assert "$YUNQI_API_KEY" in text
    assert "http://127.0.0.1:8000/v1" in text
