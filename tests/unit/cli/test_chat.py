from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from yunqi.cli.answer import Answer
from yunqi.cli.commands import chat
from yunqi.cli.remedies import told
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


def test_the_history_tells_what_was_stopped(program: Program) -> None:
    program.script(["~hm", KeyboardInterrupt], ["half an", KeyboardInterrupt], ["whole"])
    done = program("chat", stdin=_lines("first", "second", "third", "/history"))
    assert done.out.count("(stopped) No answer had begun, so the question is dropped.") == 1
    assert "user: second\nassistant: half an (stopped)\nuser: third\nassistant: whole\n" in done.out
    assert "user: first" not in done.out


def test_an_answer_that_failed_half_way_is_kept_as_stopped(program: Program) -> None:
    program.script(["half an", YunqiErrorOnce])
    assert "assistant: half an (stopped)\n" in program("chat", stdin=_lines("first", "/history")).out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("Qwen/A", "--model", "Qwen/B"), "'Qwen/A' and --model 'Qwen/B'"),
        (("Qwen/A", "-m", "nano"), "Leave one of the two out."),
        (("--no-think", "--budget", "9"), "Leave --no-think out to think, or --budget 9 to answer at once."),
        (("--think", "--budget", "0"), "Leave --think out to answer at once, or --budget 0 to think."),
    ],
)
def test_options_that_contradict_each_other_are_told(program: Program, arguments: tuple[str, ...], words: str) -> None:
    program.script(["never said"])
    done = program("chat", *arguments, stdin=_lines("hi"))
    assert (done.code, done.out, program.loaded) == (2, "", [])
    assert words in done.err
    if arguments[0].startswith("-"):
        assert words in program("ask", *arguments, "hi").err


@pytest.mark.parametrize(
    "arguments", [("nano", "-m", "nano"), ("--no-think", "--budget", "0"), ("--think", "--budget", "9")]
)
def test_options_that_agree_are_none(program: Program, arguments: tuple[str, ...]) -> None:
    program.script(["x"])
    assert program("chat", *arguments, stdin=_lines("hi")).code == 0


@pytest.mark.parametrize(
    "line, words",
    [
        ("/budget x", "/budget takes a whole number or off, not x. For example: /budget 64, or /budget off."),
        ("/budget", "not nothing."),
        ("/bogus", "A chat has no command /bogus."),
    ],
)
def test_a_mistake_is_told_in_the_words_of_a_chat(program: Program, line: str, words: str) -> None:
    program.script()
    err = program("chat", stdin=_lines(line)).err
    assert words in err
    assert "=" not in err


def test_switches_without_effect_say_so(program: Program) -> None:
    program.script()
    out = program("chat", stdin=_lines("/no_think", "/budget 1", "/think", "/budget 0", "/think", "/budget 2")).out
    assert out.splitlines() == [
        "Thinking is off.",
        "Thoughts end after 1 token. Thinking is off now: /think turns it on.",
        "Thinking is on.",
        "There are no more thoughts; /budget off brings them back.",
        "The budget is 0, so there is still no thought: /budget off lifts it.",
        "Thoughts end after 2 tokens.",
    ]


def test_remedies_are_things_to_do_here(program: Program) -> None:
    program.script([YunqiErrorOnce])
    err = program("chat", stdin=_lines("too long")).err
    assert "The prompt has 9 tokens" in err
    assert "/reset" in err
    program.script([YunqiErrorOnce])
    err = program("ask", "too long").err
    assert err.endswith("Give a shorter text.\n")
    for code, details in (
        ("prompt-too-large-for-memory", {"needed": 9, "available": 5}),
        ("thinking-no-room", {"max_tokens": 3, "needed": 40}),
        ("thinking-unsupported", {}),
        ("tokenizer-missing", {"path": "there"}),
    ):
        for in_chat in (False, True):
            line = told(YunqiError(code, **details), in_chat=in_chat)
            sentence = YunqiError(code, **details).sentence.replace("max_tokens=3", "--max-tokens 3")
            assert line.startswith(sentence)
            remedy = line.removeprefix(sentence)
            assert "generate" not in remedy
            assert "_" not in remedy.replace("/no_think", "")


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
