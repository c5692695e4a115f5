"""`yunqi bench model` by its command line."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Program


@pytest.mark.parametrize("contexts", ["", "12,x", "-3", "0"])
def test_contexts_that_are_none(program: Program, contexts: str) -> None:
    done = program("bench", "model", "nano", "--contexts", contexts)
    assert done.code == 2
    assert "contexts" in done.err


def test_the_command_writes_json(program: Program) -> None:
    done = program(
        "bench", "model", "nano", "--contexts", "8", "--tokens", "2", "--rounds", "1", "--batch", "1", "--json"
    )
    assert done.code == 0
    report = json.loads(done.out)
    assert report["contexts"][0]["context"] == 8
    assert report["batch"] is None
