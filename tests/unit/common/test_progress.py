from __future__ import annotations

import io

import pytest

from yunqi.common import progress as module
from yunqi.common.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_few_lines_and_always_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 1000, 4))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(now)))
    stream = io.StringIO()
    with progress("Training", total=10, stream=stream) as bar:
        for step in range(1, 11):
            bar.update(step, note=f"loss {step}")
    lines = stream.getvalue().splitlines()
    assert 2 < len(lines) < 6
    assert lines[-1].startswith("Training 100%")
    assert lines[-1].endswith("loss 10")
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bar_and_silence_nothing() -> None:
    stream = Terminal()
    with progress("Training", total=4, stream=stream) as bar:
        bar.update(4, note="done")
    assert "100%" in stream.getvalue()
    with progress("Training", total=4, stream=stream, silent=True) as bar:
        stream.truncate(0)
        bar.update(1)
    assert stream.getvalue() == ""


def test_an_error_inside_passes_through() -> None:
    with pytest.raises(KeyError), progress("x", total=1, stream=Terminal()):
        raise KeyError
