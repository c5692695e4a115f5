"""`yunqi pull --from modelscope` with the real client against a stand-in, each in a process of its own."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.hub.modelscope_stand_in import TOKEN, modelscope
from tests.unit.hub.stand_in import Hub, running
from tests.unit.hub.test_pull import FILES, TAKEN, WEIGHTS, one_sentence
from yunqi.common.errors import YunqiError
from yunqi.hub import modelscope_client
from yunqi.hub.cache import cached_models, remove
from yunqi.hub.modelscope import look_up
from yunqi.hub.resolve import resolve

pytest.importorskip("modelscope_hub")
NAME = "Qwen/Tiny-0.1B"
FILES = FILES | {"configuration.json": b"{}", "../escaped.safetensors": b"never fetched"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running(Hub(models={NAME: dict(FILES)}), modelscope) as hub:
        yield hub


class Puller:
    def __init__(self, hub: Hub, home: Path) -> None:
        self.cache, self.login = home / "scope-cache", home / "scope-home"
        self.snapshot = self.cache / "models" / "Qwen--Tiny-0.1B" / "snapshots" / "master"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MODELSCOPE") and "proxy" not in k.lower()}
        self.env = kept | {
            "MODELSCOPE_ENDPOINT": hub.url,
            "MODELSCOPE_CACHE": str(self.cache),
            "MODELSCOPE_HOME": str(self.login),
            "MODELSCOPE_DOWNLOAD_MAX_RETRIES": "1",  # at once, and no more
            "MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS": "1",
        }

    def start(self, *arguments: str, code: str = "", **environment: str) -> subprocess.Popen[str]:
        program = f"import sys; from yunqi.cli.main import run\n{code}\nsys.exit(run(sys.argv[1:]))"
        return subprocess.Popen(
            [sys.executable, "-c", program, "pull", "--from", "modelscope", *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env | environment,
        )  # fmt: skip

    def __call__(self, *arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, code=code, **environment)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @property
    def partial(self) -> Path:
        return self.snapshot / "model.safetensors.incomplete"

    def killed_in_the_middle(self, partial: Path) -> int:
        process = self.start(NAME)
        deadline = time.monotonic() + 30
        while not (partial.exists() and partial.stat().st_size > 500_000):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        process.communicate()
        return partial.stat().st_size


@pytest.fixture
def pull(hub: Hub, user: Path, monkeypatch: pytest.MonkeyPatch) -> Puller:
    pull = Puller(hub, user)
    monkeypatch.setenv("MODELSCOPE_CACHE", str(pull.cache))
    return pull


def test_a_model_is_fetched_shown_first_and_found(pull: Puller, hub: Hub) -> None:
    done = pull(NAME)
    assert done.returncode == 0, done.stderr
    for words in ("3.6 MB in 5 files", "Apache License 2.0", "free disk", str(pull.cache), hub.url):
        assert words in done.stdout
    assert {p.name for p in pull.snapshot.iterdir()} == TAKEN
    assert (pull.snapshot / "model.safetensors").read_bytes() == WEIGHTS
    assert all(line.startswith("Fetching") for line in done.stderr.splitlines()), done.stderr
    assert resolve(NAME) == pull.snapshot
    (model,) = cached_models()
    assert (model.name, model.source, model.complete) == (NAME, "modelscope", True)
    # Nothing but the model was asked for, and nothing about this machine is kept.
    assert all(NAME in path for _, path, _ in hub.asked)
    assert not pull.login.exists()

    from modelscope_hub import HubApi, HubConfig

    api = HubApi(HubConfig(cache_dir=pull.cache, token=""))
    assert Path(api.download_repo(NAME, "model", local_files_only=True)) == pull.snapshot

    hub.asked.clear()
    again = pull(NAME)
    assert again.returncode == 0
    assert "here already" in again.stdout
    assert not [path for _, path, _ in hub.asked if path.startswith("cdn")]
    remove(model)
    assert not pull.snapshot.parent.parent.exists()


def test_a_killed_pull_goes_on_where_it_was(pull: Puller, hub: Hub) -> None:
    hub.pause = 0.02
    size = pull.killed_in_the_middle(pull.partial)
    assert 500_000 < size < len(WEIGHTS)
    with pytest.raises(ValueError, match=r"config\.json is missing"):
        resolve(NAME)  # half a download is never taken for a model
    (pull.snapshot / "chat_template.jinja").write_bytes(b"of an older version")
    (half,) = cached_models()
    assert (half.complete, half.num_partial_bytes) == (False, size)

    hub.pause, hub.sent = 0.0, 0
    done = pull(NAME)
    assert done.returncode == 0, done.stderr
    assert "here already" in done.stdout
    assert hub.ranges_asked() == [f"bytes={size}-"] * 2  # the hub, and where it sends us
    assert hub.sent <= len(WEIGHTS) - size + 131_072  # the connection that died may still have counted a piece
    assert (resolve(NAME) / "model.safetensors").read_bytes() == WEIGHTS
    assert {path.name for path in pull.snapshot.iterdir()} == TAKEN


def test_a_newer_version_takes_over_when_it_is_complete(pull: Puller, hub: Hub) -> None:
    hub.models[NAME]["chat_template.jinja"] = b"older"
    assert pull(NAME).returncode == 0
    del hub.models[NAME]["chat_template.jinja"]
    newer = WEIGHTS[:-1] + b"\x01"  # as large as the older
    hub.models[NAME]["model.safetensors"] = newer
    hub.committed["model.safetensors"] = time.time() + 1
    older = {path.name: path.read_bytes() for path in pull.snapshot.iterdir()}
    hub.pause = 0.02
    incoming = pull.snapshot / ".yunqi-incoming"
    size = pull.killed_in_the_middle(incoming / "model.safetensors.incomplete")
    assert {path.name: path.read_bytes() for path in pull.snapshot.iterdir() if path != incoming} == older
    (model,) = cached_models()
    assert (model.complete, model.num_partial_bytes) == (True, size)

    hub.pause = 0.0
    done = pull(NAME)
    assert done.returncode == 0, done.stderr
    assert "Everything is here" not in done.stdout
    assert f"bytes={size}-" in hub.ranges_asked()
    assert {path.name for path in resolve(NAME).iterdir()} == TAKEN
    assert (resolve(NAME) / "model.safetensors").read_bytes() == newer


def test_a_run_stopped_while_the_newer_version_took_over_is_finished(pull: Puller, hub: Hub) -> None:
    assert pull(NAME).returncode == 0
    incoming = pull.snapshot / ".yunqi-incoming"
    incoming.mkdir()
    for name in ("config.json", "model.safetensors"):
        (pull.snapshot / name).rename(incoming / name)
    hub.asked.clear()
    assert pull(NAME).returncode == 0
    assert {path.name for path in resolve(NAME).iterdir()} == TAKEN
    assert not [path for _, path, _ in hub.asked if path.startswith("cdn")]


def test_what_is_left_of_a_version_that_was_withdrawn_is_not_taken_over(pull: Puller, hub: Hub) -> None:
    assert pull(NAME).returncode == 0
    incoming = pull.snapshot / ".yunqi-incoming"
    incoming.mkdir()
    for name in ("config.json", "model.safetensors"):
        (incoming / name).write_bytes(b"withdrawn")
    assert pull(NAME).returncode == 0
    assert {path.name: path.read_bytes() for path in resolve(NAME).iterdir()} == {name: FILES[name] for name in TAKEN}


def test_where_an_older_client_has_put_it_it_stays(pull: Puller, hub: Hub) -> None:
    older = pull.cache / "models" / "Qwen" / "Tiny-0___1B"
    older.mkdir(parents=True)
    (older / "config.json").write_bytes(FILES["config.json"])
    (older / "pytorch_model.bin").write_bytes(b"kept")
    assert pull(NAME).returncode == 0
    assert {p.name for p in older.iterdir()} == TAKEN | {"pytorch_model.bin"}
    assert resolve(NAME) == older


def test_a_hub_without_ranges_starts_over(pull: Puller, hub: Hub) -> None:
    hub.cut_after = 1_000_000
    one_sentence(pull(NAME), "connection")
    assert pull.partial.exists()
    hub.cut_after, hub.ranges = None, False
    assert pull(NAME).returncode == 0
    assert (pull.snapshot / "model.safetensors").read_bytes() == WEIGHTS


def test_a_lost_connection_is_one_sentence_and_keeps_what_came(pull: Puller, hub: Hub) -> None:
    hub.cut_after = 1_000_000
    done = pull(NAME)
    one_sentence(done, f"The connection to {hub.url} failed", "goes on where it stopped", "MODELSCOPE_ENDPOINT")
    assert done.stderr.isascii()
    assert pull.partial.stat().st_size >= 900_000
    hub.cut_after = None
    assert pull(NAME).returncode == 0


def test_a_connection_that_breaks_once_is_taken_up_again(pull: Puller, hub: Hub) -> None:
    hub.cut_after, hub.pause = 1_500_000, 0.005
    process = pull.start(NAME, MODELSCOPE_DOWNLOAD_MAX_RETRIES="3")
    while hub.sent < 1_500_000:
        time.sleep(0.005)
    time.sleep(0.1)
    hub.cut_after = None
    assert process.wait(30) == 0
    process.communicate()
    assert any(r.startswith("bytes=") for r in hub.ranges_asked())


def test_no_hub_is_one_sentence(pull: Puller) -> None:
    done = pull(NAME, MODELSCOPE_ENDPOINT="http://127.0.0.1:9")
    one_sentence(done, "The connection to http://127.0.0.1:9 failed", "refused")


def test_a_wrong_name_is_one_sentence(pull: Puller, hub: Hub) -> None:
    one_sentence(pull("Qwen/Nothing"), f"{hub.url} has no model 'Qwen/Nothing'", "MODELSCOPE_API_TOKEN")
    one_sentence(pull("nano"), "neither a directory nor a model name")
    assert not pull.cache.exists()


def test_a_gated_model_says_where_to_ask(pull: Puller, hub: Hub) -> None:
    hub.gated.add(NAME)
    one_sentence(pull(NAME), "gated", f"{hub.url}/models/{NAME}", "MODELSCOPE_API_TOKEN")
    assert pull(NAME, MODELSCOPE_API_TOKEN=TOKEN).returncode == 0
    # The token is for the hub, not for the store that it sends us to.
    assert hub.tokens
    assert not [path for path, _ in hub.tokens if path.startswith("cdn")]


def test_a_saved_login_which_is_a_pickle_is_not_opened(pull: Puller, user: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (user / "sprung",))

    (pull.login / "credentials").mkdir(parents=True)
    (pull.login / "credentials" / "cookies").write_bytes(pickle.dumps(Trap()))
    assert pull(NAME).returncode == 0
    assert not (user / "sprung").exists()


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"Data": null}',
        b'{"Data": {"Files": [3]}}',
        b'{"Data": {"Files": [{"Path": "a", "Size": "b"}]}}',
        b'{"Data": {"Files": [{"Path": "a", "Sha256": 3}]}}',
    ],
)
def test_what_is_no_hub_is_one_sentence(user: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    def no_hub(hub: Hub) -> Any:
        base: Any = modelscope(hub)
        return type("NoHub", (base,), {"_answer": lambda self, body: self._small(answer, {}, body)})

    monkeypatch.setattr(modelscope_client, "_SETTINGS", {})
    monkeypatch.setenv("MODELSCOPE_HOME", str(user / "scope-home"))
    modelscope_client.client.cache_clear()
    with running(Hub(), no_hub) as hub:
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", hub.url)
        with pytest.raises(YunqiError, match=f"{hub.url} did not give '{NAME}'"):
            look_up(NAME)
    modelscope_client.client.cache_clear()


def test_a_model_larger_than_the_disk_is_not_begun(pull: Puller, hub: Hub) -> None:
    hub.claimed_sizes["model.safetensors"] = 10**17
    done = pull(NAME)
    one_sentence(done, "100000.0 TB more", "free", "MODELSCOPE_CACHE")
    assert "licence" in done.stdout
    assert not pull.snapshot.exists()


def test_a_disk_that_fills_up_is_one_sentence_and_resumes(pull: Puller) -> None:
    # The disk is full after a megabyte: as the system reports it, from the write itself.
    code = """
import builtins, errno, io
from yunqi.hub.modelscope_client import client
client()
import modelscope_hub._download as download
class Full(io.FileIO):
    def write(self, data):
        if self.tell() > 1_000_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)
download.open = lambda path, mode: Full(path, mode) if mode in ("ab", "wb") else builtins.open(path, mode)
"""
    one_sentence(pull(NAME, code=code), "no room on the disk", "resumes")
    assert 1_000_000 <= pull.partial.stat().st_size < len(WEIGHTS)
    assert pull(NAME).returncode == 0


def test_damage_on_the_way_is_noticed(pull: Puller, hub: Hub) -> None:
    hub.spoilt = True
    one_sentence(pull(NAME), "arrived damaged")
    assert not pull.partial.exists()
    assert not (pull.snapshot / "model.safetensors").exists()
    hub.spoilt = False
    assert pull(NAME).returncode == 0


def test_pickles_alone_are_refused(pull: Puller, hub: Hub) -> None:
    del hub.models[NAME]["model.safetensors"]
    one_sentence(pull(NAME), "pickled weights (pytorch_model.bin)")


def test_the_index_says_which_shards(pull: Puller, hub: Hub) -> None:
    shards = {f"model-0000{i}-of-00002.safetensors": WEIGHTS[:-i] for i in (1, 2)}
    index = {"weight_map": {f"t{i}": name for i, name in enumerate(shards)}}
    hub.models[NAME] |= shards | {"model.safetensors.index.json": json.dumps(index).encode()}
    assert pull(NAME).returncode == 0
    taken = {p.name for p in pull.snapshot.iterdir()}
    assert taken == TAKEN - {"model.safetensors"} | set(shards) | {"model.safetensors.index.json"}


def test_without_the_client_it_says_what_to_install(pull: Puller) -> None:
    done = pull(NAME, code="sys.modules['modelscope_hub'] = None")
    one_sentence(done, "Fetching from ModelScope", 'pip install "yunqi[modelscope]"')
