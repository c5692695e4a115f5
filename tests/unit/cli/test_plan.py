"""`yunqi plan` as it is printed."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Program

HARDWARE = '[[device]]\nname = "x"\nmemory_gb = 80\nbandwidth_gb_s = 50\ntflops = 1\n'


def test_what_is_remembered_is_that_of_the_cache_asked_for(program: Program, tmp_path: Path) -> None:
    (tmp_path / "hardware.toml").write_text(HARDWARE, encoding="utf-8")
    found = {}
    for kind in ("auto", "int8"):
        line = ("plan", "Qwen/Qwen3-0.6B", "--hardware", str(tmp_path / "hardware.toml"), "--kv-cache-dtype", kind)
        done = program(*line)
        assert (done.code, done.err) == (0, "")
        found[kind] = done.out.split("; ")[1].split(" of cache a token")[0]
    assert found == {"auto": "115 kB", "int8": "59 kB"}  # 28 layers, keys and values of 8 heads of 128
