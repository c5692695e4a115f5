from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from yunqi.cli.answer import Answer
from yunqi.cli.commands import chat
from yunqi.cli.session import HELP, ChatSession
from yunqi.common.errors import YunqiError


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_turns_build_on_each_other(program: Program) -> None:
    llm = program.script(["~why", "one"], ["two"])
    done = program("chat", stdin=_lines("first", "", "second"))
    assert done.code == 0
    assert llm.asked[1][0] == [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "one", "reasoning_content": "why"},
        {"role": "user", "content": "second"},
    ]
    assert "2 tokens, 1 of them thought" in done.out


def test_the_bare_command_is_a_chat_with_nano(program: Program) -> None:
    llm = program.script(["x"])
    assert program(stdin=_lines("hi")).code == 0
    assert program.loaded == ["nano"]
    assert llm.asked[0][2] is None


@pytest.mark.parametrize("words", [("Qwen/Qwen3-0.6B",), ("--model", "Qwen/Qwen3-0.6B")])
def test_the_model_may_stand_alone(program: Program, words: tuple[str, ...]) -> None:
    program.script()
    assert program("chat", *words).code == 0
    assert program.loaded == ["Qwen/Qwen3-0.6B"]


def test_commands_steer_the_answers(program: Program) -> None:
    llm = program.script(*[["x"]] * 5)
    given = _lines(
        "/no_think", "a", "/think b", "/budget 7", "/system Be brief.", "c", "/reset", "/budget off", "/system", "d",
        "/quit", "never",
    )  # fmt: skip
    assert program("chat", "--no-think", "--max-tokens", "30", stdin=given).code == 0
    assert [think for _, _, think in llm.asked] == [False, True, True, True]
    assert [params.thinking_budget for _, params, _ in llm.asked] == [None, None, 7, None]
    assert {params.max_tokens for _, params, _ in llm.asked} == {30}
    assert llm.asked[2][0][0] == {"role": "system", "content": "Be brief."}
    assert llm.asked[3][0] == [{"role": "user", "content": "d"}]


def test_history_and_help_are_shown(program: Program) -> None:
    program.script(["yes"])
    done = program("chat", stdin=_lines("/history", "is it so?", "/history", "/help"))
    assert "Nothing yet." in done.out
    assert "user: is it so?\nassistant: yes" in done.out
    assert HELP in done.out


def test_mistakes_do_not_end_the_chat(program: Program) -> None:
    llm = program.script([YunqiErrorOnce], ["fine"])
    done = program("chat", stdin=_lines("/budget many", "/budget -1", "/bogus", "too long", "again"))
    assert done.code == 0
    assert done.err.count("Error: ") == 4
    assert llm.asked[1][0] == [{"role": "user", "content": "again"}]
    assert "fine" in done.out


class YunqiErrorOnce(YunqiError):
    def __init__(self) -> None:
        super().__init__("prompt-too-long", length=9, limit=5)


def test_interrupting_stops_the_answer_and_not_the_program(program: Program) -> None:
    llm = program.script(["~hm", KeyboardInterrupt], ["half an", KeyboardInterrupt], ["whole"])
    done = program("chat", stdin=_lines("first", "second", "third"))
    assert done.code == 0
    assert done.out.count("(stopped)") == 2
    assert llm.num_open == 0
    # An answer that had not begun leaves no trace; one that had is kept as far as it came.
    assert [turn["content"] for turn in llm.asked[1][0]] == ["second"]
    assert [turn["content"] for turn in llm.asked[2][0]] == ["second", "half an", "third"]


def test_ending_the_input_leaves(program: Program) -> None:
    program.script()
    assert program("chat").code == 0


def test_a_pipe_that_is_not_utf8_is_told(program: Program) -> None:
    program.script(["x"])
    done = program("chat", stdin=b"good\n\xff\n")
    assert done.code == 2
    assert "not UTF-8" in done.err


def test_typed_lines_survive_ctrl_c_and_keep_a_history(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "home"))
    keys = iter(["hello", KeyboardInterrupt, "  ", "more", EOFError])

    def press(prompt: str) -> str:
        key = next(keys)
        if isinstance(key, str):
            return key
        raise key

    monkeypatch.setattr("builtins.input", press)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert list(chat.lines()) == ["hello", "more"]
    assert "Ctrl-D leaves." in capsys.readouterr().out
    pytest.importorskip("readline")
    assert (tmp_path / "home" / "chat_history").is_file()


def test_a_session_forgets_what_was_never_answered() -> None:
    session = ChatSession()
    session.record("q", Answer(reasoning="thinking", text=""))
    assert session.turns == []
