from __future__ import annotations

from yunqi.cli import docs
from yunqi.cli.main import COMMANDS
from yunqi.common.errors import TABLE


def test_the_generated_pages_are_current() -> None:
    assert docs.stale() == [], "run python -m yunqi.cli.docs"


def test_every_error_and_every_command_has_its_place() -> None:
    errors, commands = docs.errors_page(), docs.cli_page()
    assert all(f"| `{code}` |" in errors for code in TABLE)
    assert all(f"## yunqi {name}" in commands for name in COMMANDS)
    assert "`--think / --no-think`" in commands
