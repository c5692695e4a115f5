from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from yunqi import __version__
from yunqi.cli.commands import models
from yunqi.cli.main import COMMANDS

SLOW = ("torch", "rich", "jinja2", "tokenizers", "numpy", "psutil", "safetensors")


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, env=os.environ | environment
    )


def test_help_names_every_command_and_loads_nothing_slow() -> None:
    code = (
        "import sys; from yunqi.cli.main import run; code = run(['--help']);"
        f"print([name for name in {SLOW} if name in sys.modules], code)"
    )
    done = _python("-c", code)
    assert done.stdout.endswith("[] 0\n"), done.stdout + done.stderr
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout


def test_help_of_each_command_loads_nothing_slow() -> None:
    calls = "; ".join(f"run(['{name}', '--help'])" for name in COMMANDS)
    code = f"import sys; from yunqi.cli.main import run; {calls}; print([n for n in {SLOW} if n in sys.modules])"
    assert _python("-c", code).stdout.endswith("[]\n")


def test_the_module_is_the_program() -> None:
    done = _python("-m", "yunqi", "--version")
    assert (done.returncode, done.stdout) == (0, f"yunqi {__version__}\n")


@pytest.mark.parametrize("arguments", [("bogus",), ("ask", "--bogus"), ("train",), ("--bogus",)])
def test_misuse_exits_with_2(program: Program, arguments: tuple[str, ...]) -> None:
    done = program(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error: " in done.err


@pytest.mark.parametrize(
    "typed, near", [("aks", "ask"), ("serv", "serve"), ("Models", "models"), ("quantise", "quantize")]
)
def test_a_mistyped_command_is_answered_with_what_is_near(program: Program, typed: str, near: str) -> None:
    done = program(typed, "x")
    assert (done.code, done.out) == (2, "")
    assert f"There is no command '{typed}'. Did you mean {near}?" in done.err


def test_nothing_is_near_to_a_word_of_its_own(program: Program) -> None:
    assert "Did you mean" not in program("bogus").err


def _fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(models, "list_models", fail)
    monkeypatch.setattr("yunqi.common.machine.memory_bandwidth", lambda: 1e9)


def test_a_defect_is_one_line_that_says_how_to_see_more(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    _fail_with(monkeypatch, RuntimeError("some\nthing"))
    done = program("models")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "RuntimeError: some thing" in done.err
    assert "--debug" in done.err


@pytest.mark.parametrize("arguments", [("--debug", "models"), ("models", "--debug")])
def test_debug_shows_the_traceback(
    program: Program, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    _fail_with(monkeypatch, RuntimeError("thing"))
    assert "Traceback" in program(*arguments).err
    monkeypatch.setenv("YUNQI_DEBUG", "1")
    assert "Traceback" in program("models").err


@pytest.mark.parametrize("number", [errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)])
def test_a_full_disk_is_the_users_to_put_right(program: Program, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    _fail_with(monkeypatch, OSError(number, "No space", "/there/model"))
    done = program("models")
    assert done.code == 2
    assert "no room on the disk to write '/there/model'" in done.err


def test_ctrl_c_exits_with_130(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    _fail_with(monkeypatch, KeyboardInterrupt())
    done = program("models")
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with head")
def test_a_reader_that_leaves_early_does_no_harm(tmp_path: Path) -> None:
    code = "from yunqi.cli.main import run; from yunqi.cli import terminal\n"
    code += "import click, sys\nfrom yunqi.cli.commands import models\n"
    code += "@click.command('models')\ndef many():\n    for i in range(100000): terminal.say('line ' * 20)\n"
    code += "models.command = many\nsys.exit(run(['models']))\n"
    (tmp_path / "many.py").write_text(code)
    script = f"{sys.executable} {tmp_path / 'many.py'} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0"


def test_colours_only_where_a_terminal_wants_them(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.script(["~thought", "text"], ["~thought", "text"], ["~thought", "text"])
    assert "\x1b" not in program("ask", "x").out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    styled = program("ask", "x").out
    assert "\x1b[2mthought\x1b[0m" in styled
    assert "<think>" not in styled
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in program("ask", "x").out
