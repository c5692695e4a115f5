"""The real clients against a real server. They have an environment of their own: `python tools/setup.py --clients`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.serving import config, listening
from tests.talker import talking

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-clients" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("with_*.py"))

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="no clients here: python tools/setup.py --clients"),
    pytest.mark.timeout(300),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_client(script: Path) -> None:
    with listening(talking("The answer is 42.", after_tools="The sum is 42.", num_blocks=2000)) as address:
        done = run(str(script), address)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


@pytest.mark.parametrize("page", ["openai", "anthropic"])
def test_the_example_of_a_page_runs(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    assert "http://127.0.0.1:8000" in code
    with listening(talking("The answer is 42.", num_blocks=2000)) as address:
        (tmp_path / "example.py").write_text(code.replace("http://127.0.0.1:8000", address), encoding="utf-8")
        done = run(str(tmp_path / "example.py"))
    assert done.returncode == 0, done.stderr[-4000:]
    assert "The answer is 42." in done.stdout


@pytest.mark.timeout(1000)
def test_the_interface_keeps_what_its_document_says() -> None:
    """Schemathesis: no answer of 5xx, and every answer as it is described."""
    with listening(talking("The answer is 42.", thought=None), config()) as address:
        checks = "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance"
        options = ("--checks", checks, "--max-examples", "5", "--phases", "fuzzing", "--generation-deterministic")
        done = run("-m", "schemathesis.cli", "run", f"{address}/openapi.json", *options, seconds=900)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def run(*arguments: str, seconds: int = 280) -> subprocess.CompletedProcess[str]:
    """A program in the clients' environment; it finds no key and no proxy of the user's."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR")}
    environment = kept | {"OMP_NUM_THREADS": "1", "NO_PROXY": "*", "OPENAI_AGENTS_DISABLE_TRACING": "1"}
    return subprocess.run(
        [str(PYTHON), *arguments], capture_output=True, text=True, timeout=seconds, env=environment, cwd=ROOT / "tests"
    )
