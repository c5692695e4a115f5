from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import write_checkpoint
from yunqi.processing.chat.thoughts import STOP_SENTENCE

ANSWER: list[str | type[BaseException]] = ["~\nTwelve", "~ and\n", "~30.\n", "\n\n", "It is ", "42.", "\n"]


def test_thought_answer_and_cost_in_order(program: Program) -> None:
    program.script(ANSWER)
    done = program("ask", "12 + 30?")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "<think>\nTwelve and\n30.\n</think>\n\nIt is 42.\n\n7 tokens, 3 of them thought, 12 tokens/s, 0.75 s\n"
    )


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_an_answer_that_was_cut_off_says_so(program: Program, command: str) -> None:
    program.script(["It is"]).finish_reason = "length"
    done = program("ask", "hi") if command == "ask" else program("chat", stdin=b"hi\n")
    assert "1 token, 0.75 s, cut off at the limit\n" in done.out
    assert "--max-tokens" in done.out
    program.script(["It is 42."])
    assert "cut off" not in program("ask", "hi").out


def test_an_answer_without_thought_has_no_marks(program: Program) -> None:
    program.script(["Hello"])
    assert program("ask", "hi").out == "Hello\n\n1 token, 0.75 s\n"


@pytest.mark.parametrize("before", [["~7+6="], ["~7+6=\n"], ["~7+6=", "~\n", "~\n"]])
def test_the_sentence_that_ends_a_thought_has_its_own_line_and_no_speed(program: Program, before: list[str]) -> None:
    words = STOP_SENTENCE.partition("\n")[0]
    program.script([*before, f"~{words}", "~\n", "It is ", "13."])
    done = program("ask", "7 + 6?")
    assert done.out.startswith(f"<think>\n7+6=\n{words}\n</think>\n\nIt is 13.\n\n")
    drawn = len(before) + 3
    rate = (drawn - 1) / 0.5
    assert f"{drawn + 10} tokens, " in done.out
    assert f"10 inserted to end the thought, {rate:.0f} tokens/s" in done.out


def test_the_sentence_may_come_in_pieces(program: Program) -> None:
    """As tokens do; a word that only begins like it stays where it is."""
    words = STOP_SENTENCE.partition("\n")[0]
    program.script(["~7+6=", "~C", "~3, C", *(f"~{piece}" for piece in re.split("(?<=i)", words)), "It is 13.", " C"])
    assert program("ask", "7 + 6?").out.startswith(f"<think>\n7+6=C3, C\n{words}\n</think>\n\nIt is 13. C\n\n")


def test_a_thought_may_be_nothing_but_the_sentence(program: Program) -> None:
    program.script([f"~{STOP_SENTENCE.partition('<')[0]}", "13."])
    assert program("ask", "7 + 6?").out.startswith(f"<think>\n{STOP_SENTENCE}13.\n")


def test_words_and_options_reach_the_model(program: Program) -> None:
    llm = program.script(["x"])
    options = [
        "--think",
        "--budget",
        "9",
        "--max-tokens",
        "50",
        "--temperature",
        "0.5",
        "--seed",
        "3",
        "--model",
        "Qwen/Qwen3-0.6B",
    ]
    assert program("ask", *options, "--system", "Be kind.", "how", "are", "you").code == 0
    ((messages, params, think),) = llm.asked
    assert messages == [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "how are you"}]
    assert (params.thinking_budget, params.max_tokens, params.temperature, params.seed) == (9, 50, 0.5, 3)
    assert think is True
    assert program.loaded == ["Qwen/Qwen3-0.6B"]


@pytest.mark.parametrize("words", [("-5 + 3",), ("-5", "+", "3"), ("--seed", "2", "-(5)")])
def test_a_question_may_begin_with_a_minus(program: Program, words: tuple[str, ...]) -> None:
    llm = program.script(["x"])
    assert program("ask", *words).code == 0
    assert llm.asked[0][0][0]["content"] == " ".join(word for word in words if word not in ("--seed", "2"))


@pytest.mark.parametrize("tokens, warned", [(40, False), (41, True)])
def test_a_question_longer_than_any_in_training_is_told_once(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: int, warned: bool
) -> None:
    folder = write_checkpoint(tmp_path / "own")
    (folder / "report.json").write_text('{"longest_example": 40}', encoding="utf-8")
    words = SimpleNamespace(encode=str.split)
    monkeypatch.setattr(program.script(["x"]), "get_tokenizer", lambda: words, raising=False)
    done = program("ask", "-m", str(folder), "word " * tokens)
    assert done.code == 0
    assert done.err.count("has 41 tokens") == warned
    assert ("none above 40." in done.err) == warned
    (folder / "report.json").unlink()
    program.script(["x"])
    assert program("ask", "-m", str(folder), "word " * tokens).err == ""


@pytest.mark.parametrize("dash", [(), ("-",)])
def test_the_question_may_be_piped(program: Program, dash: tuple[str, ...]) -> None:
    llm = program.script(["x"])
    assert program("ask", *dash, stdin="\ufeffWie groß\r\nist es?\n".encode()).code == 0
    assert llm.asked[0][0] == [{"role": "user", "content": "Wie groß\nist es?\n"}]
    assert llm.asked[0][2] is None


def test_json_is_one_document(program: Program) -> None:
    program.script(ANSWER)
    document = json.loads(program("ask", "--json", "12 + 30?").out)
    assert document["model"] == "nano"
    assert document["text"].strip() == "It is 42."
    assert document["reasoning"].strip() == "Twelve and\n30."
    assert (document["num_prompt_tokens"], document["num_tokens"], document["num_reasoning_tokens"]) == (3, 7, 3)
    assert document["num_inserted_tokens"] == 0
    assert (document["seconds"], document["first_token_seconds"], document["tokens_per_second"]) == (0.75, 0.25, 12.0)
    assert document["finish_reason"] == "stop"


def test_control_characters_do_not_reach_the_terminal(program: Program) -> None:
    program.script(["a\x1b[2Jb\x07\x9bc\td\ne"])
    assert program("ask", "x").out.startswith("a[2Jbc\td\ne\n")


@pytest.mark.parametrize(
    "arguments, stdin, words",
    [
        (("ask",), b"\xff\xfe\x00", "is not UTF-8"),
        (("ask", "caf\udce9"), b"", "is not UTF-8"),
        (("ask", "--system", "\udce9", "x"), b"", "is not UTF-8"),
        (("ask",), b" \n", "prompt is empty"),
        (("ask", ""), b"", "prompt is empty"),
        (("ask", "--temperature", "-1", "x"), b"", "--temperature=-1.0 is not valid"),
        (("ask", "--temperature", "nan", "x"), b"", "--temperature=nan is not valid"),
        (("ask", "--max-tokens", "0", "x"), b"", "--max-tokens=0 is not valid"),
        (("ask", "--budget", "-5", "x"), b"", "--budget=-5 is not valid"),
        (("ask", "--seed", "9" * 30, "x"), b"", "--seed="),
        (("ask", "--seed", "one", "x"), b"", "is not a valid integer"),
    ],
)
def test_bad_input_is_one_sentence(program: Program, arguments: tuple[str, ...], stdin: bytes, words: str) -> None:
    program.script(["never said"])
    done = program(*arguments, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["nowhere/nothing", "./missing", "a/../../b"])
def test_no_such_model_is_one_line(program: Program, name: str) -> None:
    done = program("ask", "-m", name, "x")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: ")
    assert done.err.count("\n") == 1


def test_interrupting_ends_the_request_and_the_program(program: Program) -> None:
    llm = program.script(["one", KeyboardInterrupt])
    done = program("ask", "x")
    assert done.code == 130
    assert done.out == "one\n"
    assert llm.num_open == 0
