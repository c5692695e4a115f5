"""Errors in the words of the command line: what Python calls a value, its user knows by an option."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.unit.cli.conftest import Program
from yunqi.cli import remedies
from yunqi.cli.main import COMMANDS, cli
from yunqi.cli.remedies import told
from yunqi.common.errors import YunqiError


def words_of_commands() -> set[str]:
    context = click.Context(cli)
    commands = [cli.get_command(context, name) for name in COMMANDS]
    nested = [each for command in commands for each in getattr(command, "commands", {}).values()]
    parameters = [one for command in [*commands, *nested] if command is not None for one in command.params]
    arguments = {(one.name or "").upper() for one in parameters if isinstance(one, click.Argument)}
    return arguments | {word for one in parameters for word in one.opts}


def test_every_name_leads_to_an_option_that_a_command_has() -> None:
    assert set(remedies.OPTIONS.values()) <= words_of_commands()


@pytest.mark.parametrize(
    "line, words",
    [
        ("ask --temperature -1 x", "--temperature=-1.0"),
        ("ask --max-tokens 0 x", "--max-tokens=0"),
        ("ask --budget -1 x", "--budget=-1"),
        ("ask --seed 99999999999999999999 x", "--seed="),
        ("ask --speculative draft_model x", "Add --draft MODEL"),
        ("ask --speculative mtp --draft nano x", "--speculative mtp and --draft nano"),
        ("ask --speculative ngram --speculative-tokens 0 x", "--speculative-tokens=0"),
        ("chat --budget -1", "--budget=-1"),
        ("plan Qwen/Qwen3-0.6B --hardware HARDWARE --dtype int3", "--dtype=int3"),
        ("plan Qwen/Qwen3-0.6B --hardware HARDWARE --context 99999999", "--context=99999999"),
        ("train foo", "RECIPE=foo"),
        ("eval nano --n 0", "--n=0"),
        ("eval nano --split x", "--split=x"),
        ("eval nano --skills x", "--skills=x"),
        ("eval nano --budgets x", "--budgets=x"),
        ("eval nano --data . --sets x", "--sets=x"),
        ("bench model --contexts x", "--contexts=x"),
        ("bench model --contexts 99999999", "--contexts=99999999"),
        ("bench model --backend x", "--backend=x"),
        ("bench model --device x", "Use --device cpu."),
        ("bench serve --requests 0", "--requests=0"),
    ],
)
def test_a_command_names_its_own_option(program: Program, tmp_path: Path, line: str, words: str) -> None:
    hardware = tmp_path / "hardware.toml"
    hardware.write_text('[[device]]\nname = "x"\nmemory_gb = 8\nbandwidth_gb_s = 50\ntflops = 1\n', encoding="utf-8")
    done = program(*(str(hardware) if word == "HARDWARE" else word for word in line.split()))
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    for name, option in remedies.OPTIONS.items():
        assert "_" not in name or name not in done.err.replace(option, ""), name


def test_python_is_translated_and_words_are_left_alone() -> None:
    error = YunqiError("option-invalid", option="max_model_len", value=9, rule="Of 3 tokens and max_tokens, say n=2.")
    assert told(error) == "--max-model-len=9 is not valid. Of 3 tokens and --max-tokens, say --n 2."
    room = YunqiError("thinking-no-room", max_tokens=5, needed=90)
    assert told(room).startswith("--max-tokens 5 leaves no room")
    assert told(YunqiError("model-unreadable", path="a{n}/seed=3", reason="no max_tokens there")) == (
        "'a{n}/seed=3' cannot be read: no max_tokens there. Check the path and its permissions."
    )
