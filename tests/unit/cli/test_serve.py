"""`yunqi serve`: what it refuses before a model is loaded, and what it prints."""

from __future__ import annotations

import dis
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from yunqi.cli import options
from yunqi.cli.commands.serve import snippet
from yunqi.server import run


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
        (["--speculative", "draft_model"], "Add --draft MODEL"),
        (["--speculative", "mtp", "--draft", "nano"], "--speculative mtp and --draft nano contradict"),
        (["--speculative", "ngram", "--speculative-tokens", "0"], "--speculative-tokens=0"),
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


ADDRESS = "http://127.0.0.1:8000"


def _names_without_import(text: str) -> set[str]:
    """Compile the Python part of a snippet; returns the names that it reads and neither binds nor imports."""
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    start = next(i for i, line in enumerate(lines) if line.startswith(("import", "from")))
    end = next(i for i, line in enumerate(lines) if line.startswith("ANTHROPIC"))
    code = compile("\n".join(lines[start:end]), "snippet", "exec")
    bound = {each.argval for each in dis.get_instructions(code) if each.opname == "STORE_NAME"}
    return {each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_NAME"} - bound


def test_the_snippet_runs_without_a_key() -> None:
    text = snippet("nano", ADDRESS, None)
    assert '"none"' in text
    assert "YUNQI_API_KEY" not in text
    assert f"{ADDRESS}/v1" in text
    assert _names_without_import(text) == {"print"}


def test_the_snippet_reads_the_key_from_the_environment() -> None:
    text = snippet("nano", ADDRESS, "a line of keys.txt")
    assert text.index("set YUNQI_API_KEY to a line of keys.txt") < text.index("curl")
    assert "$YUNQI_API_KEY" in text
    assert _names_without_import(text) == {"print"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the key that this server has there"),
        (["--api-key", "from-the-option"], "the key after --api-key"),
        (["--api-key-file", "keys.txt"], "a line of keys.txt"),
    ],
)
def test_a_reader_learns_where_the_key_stands(
    program: Program, arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YUNQI_API_KEY", "from-environment")
    (tmp_path / "keys.txt").write_text("from-a-file\n", encoding="utf-8")
    monkeypatch.setattr(options, "check_model_fits", lambda *_, **__: None)
    monkeypatch.setattr(run, "make_client", lambda *_, **__: None)
    monkeypatch.setattr(run, "serve", lambda *_, ready, **__: ready(ADDRESS))
    done = program("serve", *arguments)
    assert done.code == 0, done.err
    assert f"set YUNQI_API_KEY to {told}." in done.out
    for key in ("from-environment", "from-the-option", "from-a-file"):
        assert key not in done.out
