"""What CI insists on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name != "posix", reason="runs a shell script")
def test_ci_insists_on_the_native_core(tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$1 ${CI-} ${YUNQI_REQUIRE_NATIVE-}"\n')
    make.chmod(0o755)
    unset = {name: value for name, value in os.environ.items() if name not in ("CI", "YUNQI_REQUIRE_NATIVE")}
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    told = subprocess.run(
        [ROOT / ".ci" / "run"], env=unset | {"PATH": path}, capture_output=True, text=True, check=True
    )
    assert told.stdout.split("\n") == ["lint 1 1", "test 1 1", "clients 1 1", ""]
