"""Make a virtual environment in this checkout and install Yunqi into it. Standard library only.

python tools/setup.py          what `make demo` needs
python tools/setup.py --dev    what `make test` and `make check` need
python tools/setup.py --clients  the programs of others that tests/clients points at our server, in .venv-clients

Torch comes first and alone, because the default build for Linux brings gigabytes of CUDA libraries that a machine
without an NVIDIA GPU cannot use.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
TORCH = "torch==2.13.0"
CLIENTS_VENV = ROOT / ".venv-clients"
CLIENTS = (
    "anthropic==2.14.0",
    "langchain-openai==1.7.4",
    "openai==3.57.0",
    "openai-agents==0.24.0",
    "schemathesis==4.32.5",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also the tools that tests and checks need")
    parser.add_argument("--clients", action="store_true", help="the clients of tests/clients, apart from all else")
    options = parser.parse_args()
    dev: bool = options.dev
    if sys.version_info < (3, 11):  # noqa: UP036 (an older Python must be told)
        sys.exit(f"Yunqi needs Python 3.11 or newer; this is {sys.version.split()[0]}. Run make PYTHON=python3.11 ...")
    if options.clients:
        install_clients()
        return
    stamp = VENV / f".installed-{'dev' if dev else 'demo'}"
    wanted = digest([ROOT / "pyproject.toml", ROOT / "hatch_build.py", Path(__file__), *native_sources()])
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        say("making a virtual environment in .venv")
        run(sys.executable, "-m", "venv", str(VENV))
    if not has_torch():
        install_torch()
    say("installing Yunqi and what it needs")
    pip("install", "--quiet", "--editable", ".[dev]" if dev else ".")
    stamp.write_text(wanted)


def native_sources() -> list[Path]:
    return sorted(path for path in (ROOT / "native").rglob("*") if path.is_file())


def digest(files: list[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def install_clients() -> None:
    """Their environment is apart from ours: what they need must not decide what we test with."""
    python = CLIENTS_VENV / BIN.relative_to(VENV) / PYTHON.name
    stamp, wanted = CLIENTS_VENV / ".installed", "\n".join(CLIENTS)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not python.exists():
        say("making a virtual environment in .venv-clients")
        run(sys.executable, "-m", "venv", str(CLIENTS_VENV))
    say("installing the clients")
    run(str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *CLIENTS)
    stamp.write_text(wanted)


def has_torch() -> bool:
    """Whether the environment has a torch already: then it stays."""
    return run(str(PYTHON), "-c", "import torch", check=False) == 0


def install_torch() -> None:
    """The CPU build where there is no NVIDIA GPU; else, or where none is to be had, the default build."""
    if shutil.which("nvidia-smi") and run("nvidia-smi", "-L", check=False) == 0:
        say("an NVIDIA GPU is here: installing torch with CUDA (about 3 GB to download)")
        pip("install", "--quiet", TORCH)
        return
    if brings_no_cuda():
        say("installing torch for CPUs (about 200 MB to download)")
        pip("install", "--quiet", TORCH)
        return
    say("installing torch for CPUs through uv (about 200 MB to download)")
    pip("install", "--quiet", "uv")
    command = ("-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON), "--torch-backend=auto", TORCH)
    if run(str(PYTHON), *command, check=False) == 0:
        return
    say("no CPU build of torch could be reached: installing the default build (about 3 GB to download)")
    pip("install", "--quiet", TORCH)


def brings_no_cuda() -> bool:
    """Whether plain pip would take a build without CUDA here, asked without downloading it."""
    command = [str(PYTHON), "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet", "--report", "-", TORCH]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    try:
        metadata = json.loads(answer.stdout)["install"][0]["metadata"]
    except (ValueError, KeyError, IndexError):
        return False
    needs = metadata.get("requires_dist") or []
    on_linux = sys.platform.startswith("linux")
    return not (on_linux and any(need.startswith(("nvidia", "cuda")) for need in needs))


def pip(*arguments: str) -> None:
    run(str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments)


def run(*command: str, check: bool = True) -> int:
    quiet = None if check else subprocess.DEVNULL
    code = subprocess.run(command, cwd=ROOT, stdout=quiet, stderr=quiet).returncode
    if check and code:
        sys.exit(f"set-up failed at: {' '.join(command)}")
    return code


def say(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
