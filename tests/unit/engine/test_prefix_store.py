"""What is kept on disk: whole or not at all, checked, bounded, shared, and still there after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from hashlib import blake2b
from pathlib import Path

import pytest

from tests.unit.engine.test_scheduling import VOCAB, alone, check_memory, hashed, request
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.prefix_store import SUFFIX, PrefixStore
from yunqi.engine.request import Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.scripted import ScriptedRunner

LARGE = 1 << 30


def called(word: str) -> str:
    """A name as the engine gives them."""
    return blake2b(word.encode(), digest_size=20).hexdigest() + "-block"


A, B, C = map(called, "abc")


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*" + SUFFIX))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path / "deep" / "er", LARGE)
    assert not store.has(A)
    assert store.write(A, b"12345")
    assert store.has(A)
    assert store.flush()
    assert store.has(A)
    other = PrefixStore(store.folder, LARGE)  # as another process would
    assert other.read(A) == store.read(A) == b"12345"
    assert store.read(B) is None
    store.close()
    assert not store.write(C, b"1")
    if os.name == "posix":
        assert store.folder.stat().st_mode & 0o077 == 0
        assert files(store.folder)[0].stat().st_mode & 0o077 == 0


def damaged(content: bytes) -> list[bytes]:
    flipped = bytearray(content)
    flipped[-3] ^= 1
    return [b"", content[:-1], content[:20], bytes(flipped), b"\xff" * 100, content + b"x"]


def test_a_damaged_file_is_missing_and_goes(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, LARGE)
    store.write(A, b"12345" * 10)
    store.close()
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    for content in damaged(whole):
        path.write_bytes(content)
        assert store.read(A) is None
        assert not path.exists()
    path.with_name(B + SUFFIX).write_bytes(whole)  # under a name that is not its own
    assert store.read(B) is None
    path.mkdir()
    assert store.read(A) is None


def test_the_folder_keeps_its_bounds(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, 20_000)
    n = [called(str(i)) for i in range(40)]
    for name in n:
        store.write(name, bytes(1_000))
        assert store.flush()
        store.touch([n[3]])
    names = [path.name.removesuffix(SUFFIX) for path in files(tmp_path)]
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 20_000
    assert len(names) >= 10
    assert {n[39], n[38], n[3]} <= set(names)
    assert n[4] not in names
    store.close()
    PrefixStore(tmp_path, 3_000)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 3_000


def test_of_one_prefix_the_end_goes_first(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, 5_000)
    n = [called(str(depth)) for depth in range(4)]
    for depth in range(4):
        store.write(n[depth], bytes(1_000), depth)
    store.flush()
    store.touch(n)
    store.write(A, bytes(1_000), 0)
    store.close()
    names = [path.name.removesuffix(SUFFIX) for path in files(tmp_path)]
    assert n[0] in names
    assert n[3] not in names


def test_what_a_killed_process_left_aside_is_cleared(tmp_path: Path) -> None:
    old, new, foreign = (tmp_path / f".{name}.tmp" for name in (A + ".old", A + ".new", "foreign"))
    for path in (old, new, foreign):
        path.write_bytes(b"half")
    for path in (old, foreign):
        os.utime(path, (time.time() - 7_200,) * 2)
    PrefixStore(tmp_path, LARGE)
    assert (old.exists(), new.exists(), foreign.exists()) == (False, True, True)


def test_files_of_others_are_neither_counted_nor_removed(tmp_path: Path) -> None:
    weights = [tmp_path / name for name in ("model.safetensors", "model-00001-of-00002.safetensors", "x" + A + SUFFIX)]
    for path in weights:
        path.write_bytes(bytes(9_000))
        os.utime(path, (0, 0))
    store = PrefixStore(tmp_path, 3_000)
    store.write(A, bytes(1_000))
    store.close()
    assert all(path.exists() for path in weights)
    assert PrefixStore(tmp_path, 3_000).read(A) == bytes(1_000)


def test_a_models_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(YunqiError, match=r"prefix_cache_dir=.* holds a model"):
        PrefixStore(tmp_path, LARGE)


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(YunqiError) as caught:
        PrefixStore(tmp_path / "file" / "folder", LARGE)
    assert caught.value.code == "directory-unwritable"


@pytest.mark.parametrize("max_bytes", [0, -1, 1.5, True])
def test_bounds_that_make_no_sense(tmp_path: Path, max_bytes: int) -> None:
    with pytest.raises(YunqiError, match="prefix_cache_bytes"):
        PrefixStore(tmp_path, max_bytes)


def test_a_folder_that_went_away_costs_no_request(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path / "store", LARGE)
    store.folder.rmdir()
    store.write(A, b"1")
    assert store.flush()
    assert store.read(A) is None


def test_what_there_is_no_time_to_write_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PrefixStore(tmp_path, LARGE)
    go_on = threading.Event()
    write = store._write_file
    monkeypatch.setattr(store, "_write_file", lambda *arguments: go_on.wait(60) and write(*arguments))
    for name in (A, B, C):
        store.write(name, bytes(1_000_000))
    began = time.monotonic()
    store.close(0.05)
    store.close()
    assert time.monotonic() - began < 20
    (record,) = caplog.records
    assert "3 pieces of cached prefixes (3.0 MB) were not written" in record.getMessage()
    go_on.set()
    assert store.flush()
    assert [path.name for path in files(tmp_path)] == [A + SUFFIX]  # it was being written


def engine_in(folder: Path, *, slots: int = 0, num_blocks: int = 64) -> Engine:
    runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=num_blocks, block_size=4, num_state_slots=slots)
    config = SchedulerConfig(max_num_seqs=4, snapshot_interval=16, tail_interval=4)
    return Engine(runner, config, PrefixStore(folder, LARGE))


def run(engine: Engine, name: str, prompt: list[int], max_tokens: int = 6) -> Request:
    asked = request(name, prompt, max_tokens)
    engine.add(asked)
    while engine.has_requests:
        engine.step()
        check_memory(engine, [asked])
    assert asked.output_ids == alone(prompt, max_tokens)
    return asked


def close(engine: Engine) -> None:
    spill = engine.scheduler.cache.spill
    assert spill is not None
    spill.store.close()


PROMPT = list(range(30))


@pytest.mark.parametrize("slots", [0, 20])
def test_an_engine_goes_on_where_another_ended(tmp_path: Path, slots: int) -> None:
    first = engine_in(tmp_path, slots=slots)
    told = run(first, "a", PROMPT)
    close(first)
    second = engine_in(tmp_path, slots=slots)
    assert run(second, "b", told.token_ids).num_cached == 32
    assert second.stats().counters["restored_blocks"] == 8
    assert run(second, "c", [*PROMPT[:13], 90]).num_cached == (12 if slots == 0 else 0)
    assert run(second, "d", [90, *PROMPT]).num_cached == 0
    close(second)


@pytest.mark.parametrize("slots", [0, 20])
def test_damage_is_computed_again(tmp_path: Path, slots: int) -> None:
    """Whichever file is damaged or gone, the answer is right, and what comes before the damage is used."""
    first = engine_in(tmp_path, slots=slots)
    told = run(first, "a", PROMPT)
    close(first)
    contents = {path: path.read_bytes() for path in files(tmp_path)}
    assert len(contents) >= 8
    hits = set()
    for path in contents:
        path.write_bytes(contents[path][:-2])
        engine = engine_in(tmp_path, slots=slots)
        hits.add(run(engine, "b", told.token_ids, 2).num_cached)
        close(engine)
        for other, content in contents.items():
            other.write_bytes(content)
    assert hits >= ({0, 4, 8, 12, 16, 20, 24, 28} if slots == 0 else {0, 16, 28, 32})


def test_what_is_given_up_comes_back(tmp_path: Path) -> None:
    engine = engine_in(tmp_path, num_blocks=12)
    run(engine, "a", PROMPT)
    for i in range(5):
        run(engine, f"b{i}", [50 + i] * 30)
    spill = engine.scheduler.cache.spill
    assert spill is not None
    spill.store.flush()
    assert engine.stats().counters["evictions"] > 10
    assert run(engine, "c", PROMPT).num_cached == 28
    close(engine)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.engine.test_prefix_store import PROMPT, engine_in, run
engine = engine_in(Path(sys.argv[1]), slots=20)
run(engine, "a", PROMPT)
assert engine.scheduler.cache.spill.store.flush()
engine.scheduler.cache.spill.store.write("0" * 40 + "-block", bytes(1 << 20))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_process_leaves_what_it_kept(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=100, check=False)
    assert done.returncode == -signal.SIGKILL
    engine = engine_in(tmp_path, slots=20)
    assert run(engine, "b", PROMPT).num_cached == 28
    close(engine)


STOPPED = """
import os, socket, sys, time
from pathlib import Path
from tests.unit.engine.test_prefix_store import PROMPT, engine_in, run
from yunqi.engine import messages as m, process
from yunqi.engine.script import Script
folder, seconds, seconds_to_flush = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
engine = engine_in(folder)
store = engine.scheduler.cache.spill.store
write = store._write_file
store._write_file = lambda *arguments: (time.sleep(seconds), write(*arguments))
run(engine, "a", PROMPT)
process.load = lambda start: process.Served(engine=engine, tokenizer=None, max_model_len=64)
process._SECONDS_TO_FLUSH = seconds_to_flush
ours, theirs = socket.socketpair()
ours.sendall(m.frame(m.Start(script=Script(vocab_size=50))) + m.frame(m.Close()))
os._exit(process.serve(theirs))
"""


@pytest.mark.parametrize("in_time", [True, False])
def test_a_stopped_process_writes_what_waits(tmp_path: Path, in_time: bool) -> None:
    arguments = [str(tmp_path), *(("0.03", "60") if in_time else ("60", "0.1"))]
    done = subprocess.run([sys.executable, "-c", STOPPED, *arguments], timeout=50, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("were not written" in done.stderr) is not in_time
    engine = engine_in(tmp_path)
    assert run(engine, "b", PROMPT).num_cached == (28 if in_time else 0)
    close(engine)
