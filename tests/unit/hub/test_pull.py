"""`yunqi pull` with the real client against the stand-in hub, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.hub.conftest import CONFIG, safetensors_bytes
from tests.unit.hub.stand_in import COMMIT, Hub, running
from yunqi.hub.resolve import resolve

pytest.importorskip("huggingface_hub")
NAME = "Qwen/Tiny"
WEIGHTS = safetensors_bytes({"w": ("F32", [900, 1000], 4)})  # 3.6 MB
FILES = {
    "config.json": json.dumps(CONFIG).encode(),
    "model.safetensors": WEIGHTS,
    "tokenizer.json": b"{}",
    "README.md": b"# Tiny",
    "LICENSE": b"free",
    "pytorch_model.bin": b"never fetched",
    "modeling_tiny.py": b"raise SystemExit",
    "onnx/model.safetensors": b"never fetched",
    "training_args.bin": b"never fetched",
}
QUICK = "import yunqi.hub.receive; yunqi.hub.receive._PAUSES = (0.01, 0.01)"
TAKEN = {"config.json", "model.safetensors", "tokenizer.json", "README.md", "LICENSE"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running(Hub(models={NAME: dict(FILES)})) as hub:
        yield hub


class Puller:
    def __init__(self, hub: Hub, home: Path) -> None:
        self.cache = home / "hub-cache"
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE")) and "proxy" not in k.lower()
        }
        self.env = kept | {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(self.cache), "HF_HOME": str(home / "hf")}

    def start(self, *arguments: str, code: str = "", **environment: str) -> subprocess.Popen[str]:
        program = f"import sys; from yunqi.cli.main import run\n{code}\nsys.exit(run(sys.argv[1:]))"
        return subprocess.Popen(
            [sys.executable, "-c", program, "pull", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=self.env | environment,
        )  # fmt: skip

    def __call__(self, *arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, code=code, **environment)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @property
    def partials(self) -> list[Path]:
        return list(self.cache.glob("models--*/blobs/*.incomplete"))


@pytest.fixture
def pull(hub: Hub, tmp_path: Path) -> Puller:
    return Puller(hub, tmp_path)


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    last = done.stderr.splitlines()
    assert len([line for line in last if not line.startswith("Fetching")]) == 1, done.stderr
    assert last[-1].startswith("Error: ")
    for word in words:
        assert word in last[-1]


def test_a_model_is_fetched_shown_first_and_found(pull: Puller, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    done = pull(NAME)
    assert done.returncode == 0, done.stderr
    for words in ("3.6 MB in 5 files", "apache-2.0", "free disk", str(pull.cache), hub.url):
        assert words in done.stdout
    snapshot = pull.cache / "models--Qwen--Tiny" / "snapshots" / COMMIT
    assert {p.relative_to(snapshot).as_posix() for p in snapshot.rglob("*")} == TAKEN
    assert (snapshot / "model.safetensors").read_bytes() == WEIGHTS
    monkeypatch.setenv("HF_HUB_CACHE", str(pull.cache))
    assert resolve(NAME) == snapshot
    # Nothing but the model was asked for: no telemetry, no registry of agents.
    assert all("Qwen/Tiny" in path for _, path, _ in hub.asked)

    from huggingface_hub import scan_cache_dir

    info = scan_cache_dir(pull.cache)
    assert not info.warnings
    assert [repo.repo_id for repo in info.repos] == [NAME]
    assert len(hub.ranges_asked()) == 0

    hub.asked.clear()
    again = pull(NAME)
    assert again.returncode == 0
    assert "here already" in again.stdout
    assert not [path for method, path, _ in hub.asked if path.startswith("cdn")]


def test_a_killed_pull_goes_on_where_it_was(pull: Puller, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.pause = 0.02
    process = pull.start(NAME)
    deadline = time.monotonic() + 30
    while not (pull.partials and pull.partials[0].stat().st_size > 500_000):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    (partial,) = pull.partials
    size = partial.stat().st_size
    assert 500_000 < size < len(WEIGHTS)
    monkeypatch.setenv("HF_HUB_CACHE", str(pull.cache))
    with pytest.raises(ValueError, match="no model"):
        resolve(NAME)  # half a download is never taken for a model

    hub.pause, hub.sent = 0.0, 0
    done = pull(NAME)
    assert done.returncode == 0, done.stderr
    assert "here already" in done.stdout
    assert hub.ranges_asked() == [f"bytes={size}-"] * 2  # the hub, and where it sends us
    assert hub.sent <= len(WEIGHTS) - size + 131_072  # the connection that died may still have counted a piece
    assert (resolve(NAME) / "model.safetensors").read_bytes() == WEIGHTS
    assert not pull.partials


def test_a_hub_without_ranges_starts_over(pull: Puller, hub: Hub) -> None:
    hub.cut_after = 1_000_000
    one_sentence(pull(NAME, code=QUICK), "connection")
    assert pull.partials
    hub.cut_after, hub.ranges = None, False
    assert pull(NAME).returncode == 0
    assert (pull.cache / "models--Qwen--Tiny" / "snapshots" / COMMIT / "model.safetensors").read_bytes() == WEIGHTS


def test_a_lost_connection_is_one_sentence_and_keeps_what_came(pull: Puller, hub: Hub) -> None:
    hub.cut_after = 1_000_000
    done = pull(NAME, code=QUICK)
    one_sentence(done, f"The connection to {hub.url} failed", "goes on where it stopped")
    assert sum(p.stat().st_size for p in pull.partials) >= 1_000_000
    hub.cut_after = None
    assert pull(NAME).returncode == 0


def test_a_connection_that_breaks_once_is_taken_up_again(pull: Puller, hub: Hub) -> None:
    hub.cut_after, hub.pause = 1_500_000, 0.005
    process = pull.start(NAME)
    while hub.sent < 1_500_000:
        time.sleep(0.005)
    time.sleep(0.1)
    hub.cut_after = None
    assert process.wait(30) == 0
    process.communicate()
    assert any(r.startswith("bytes=") for r in hub.ranges_asked())


def test_no_hub_is_one_sentence(pull: Puller) -> None:
    one_sentence(pull(NAME, HF_ENDPOINT="http://127.0.0.1:9"), "The connection to http://127.0.0.1:9 failed")
    one_sentence(pull(NAME, HF_HUB_OFFLINE="1"), "HF_HUB_OFFLINE")


@pytest.mark.parametrize("name", ["Qwen/Nothing", "Qwen/Tiny2"])
def test_a_wrong_name_is_one_sentence(pull: Puller, hub: Hub, name: str) -> None:
    one_sentence(pull(name), f"{hub.url} has no model '{name}'")
    assert not pull.cache.exists()


@pytest.mark.parametrize("name", ["nano", "a/b/c", "../x", "a/..", "-a/b", "a b/c", "", "a/b--c"])
def test_a_name_that_is_none(name: str) -> None:
    from yunqi.hub.pull import look_up

    with pytest.raises(ValueError, match="neither a directory nor a model name"):
        look_up(name)


def test_a_gated_model_says_where_to_ask(pull: Puller, hub: Hub) -> None:
    hub.gated.add(NAME)
    one_sentence(pull(NAME), "gated", f"{hub.url}/{NAME}", "HF_TOKEN")
    assert pull(NAME, HF_TOKEN="hf_right").returncode == 0
    # The token is for the hub, not for the store that it sends us to.
    assert hub.tokens
    assert not [path for path, _ in hub.tokens if path.startswith("cdn")]


def test_a_model_larger_than_the_disk_is_not_begun(pull: Puller, hub: Hub) -> None:
    hub.claimed_sizes["model.safetensors"] = 10**17
    done = pull(NAME)
    one_sentence(done, "100000.0 TB more", "free")
    assert "licence" in done.stdout
    assert not pull.partials


def test_a_disk_that_fills_up_is_one_sentence_and_resumes(pull: Puller, hub: Hub) -> None:
    # The disk is full after a megabyte: as the system reports it, from the write itself.
    code = """
import builtins, errno, io, pathlib
import yunqi.hub.receive as receive
class Full(io.FileIO):
    def write(self, data):
        if self.tell() > 1_000_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)
path_open = pathlib.Path.open
def opened(self, mode="r", *rest, **more):
    return Full(self, mode) if mode == "ab" else path_open(self, mode, *rest, **more)
pathlib.Path.open = opened
"""
    one_sentence(pull(NAME, code=code), "no room on the disk", "resumes")
    assert 1_000_000 <= pull.partials[0].stat().st_size < len(WEIGHTS)
    assert pull(NAME).returncode == 0


def test_damage_on_the_way_is_noticed(pull: Puller, hub: Hub) -> None:
    hub.spoilt = True
    one_sentence(pull(NAME), "arrived damaged")
    assert not pull.partials
    hub.spoilt = False
    assert pull(NAME).returncode == 0


def test_pickles_alone_are_refused(pull: Puller, hub: Hub) -> None:
    del hub.models[NAME]["model.safetensors"]
    one_sentence(pull(NAME), "pickled weights (pytorch_model.bin)")
    del hub.models[NAME]["pytorch_model.bin"], hub.models[NAME]["training_args.bin"]
    one_sentence(pull(NAME), "a .safetensors file is missing")


def test_the_index_says_which_shards(pull: Puller, hub: Hub) -> None:
    shards = {f"model-0000{i}-of-00002.safetensors": WEIGHTS[:-i] for i in (1, 2)}
    index = {"weight_map": {f"t{i}": name for i, name in enumerate(shards)}}
    hub.models[NAME] |= shards | {"model.safetensors.index.json": json.dumps(index).encode()}
    assert pull(NAME).returncode == 0
    taken = {p.name for p in (pull.cache / "models--Qwen--Tiny" / "snapshots" / COMMIT).iterdir()}
    assert taken == TAKEN - {"model.safetensors"} | set(shards) | {"model.safetensors.index.json"}
    hub.models[NAME]["model.safetensors.index.json"] = json.dumps({"weight_map": {"a": "../../x.safetensors"}}).encode()
    one_sentence(pull(NAME), "no map of file names")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
@pytest.mark.parametrize("answer, code", [("n", 130), ("y", 0)])
def test_in_a_terminal_it_asks(pull: Puller, hub: Hub, answer: str, code: int) -> None:
    import pty

    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-m", "yunqi", "pull", NAME]
    process = subprocess.Popen(arguments, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=pull.env)
    os.write(ours, f"{answer}\n".encode())
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == code
    assert b"Fetch it?" in out
    assert bool(list(pull.cache.glob("models--*"))) == (code == 0)
    assert any(path.startswith("cdn") for _, path, _ in hub.asked) == (code == 0)


def test_without_the_client_it_says_what_to_install(pull: Puller) -> None:
    one_sentence(pull(NAME, code="sys.modules['huggingface_hub'] = None"), 'pip install "yunqi[pull]"')
