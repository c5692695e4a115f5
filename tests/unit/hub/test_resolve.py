from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.hub.conftest import write_checkpoint
from yunqi.common.errors import YunqiError
from yunqi.hub import places
from yunqi.hub.resolve import resolve

SMALL = "models--Qwen--Qwen3-0.6B"


def _huggingface(user: Path, *commits: str, folder: str = SMALL, main: str | None = None) -> list[Path]:
    root = user / ".cache" / "huggingface" / "hub" / folder
    snapshots = [write_checkpoint(root / "snapshots" / commit) for commit in commits]
    if main:
        (root / "refs").mkdir()
        (root / "refs" / "main").write_text(main)
    return snapshots


def _code(name: str | Path) -> str:
    with pytest.raises(YunqiError) as caught:
        resolve(name)
    return caught.value.code


def test_a_directory_is_used_as_it_is(user: Path) -> None:
    path = write_checkpoint(user / "projects" / "mine")
    assert resolve(path) == path
    assert resolve(str(path)) == path
    assert resolve("./mine").resolve() == path.resolve()
    assert resolve("mine").resolve() == path.resolve()
    assert resolve("~/projects/mine") == path


def test_the_snapshot_is_the_one_of_main(user: Path) -> None:
    first, second = _huggingface(user, "aaa", "bbb", main="aaa\n")
    os.utime(second, (2e9, 2e9))
    assert resolve("Qwen/Qwen3-0.6B") == first


def test_without_a_ref_the_newest_snapshot_wins(user: Path) -> None:
    first, second = _huggingface(user, "aaa", "bbb")
    os.utime(first, (2e9, 2e9))
    os.utime(second, (1e9, 1e9))
    assert resolve("Qwen/Qwen3-0.6B") == first


@pytest.mark.parametrize(
    "variable, below",
    [("HF_HOME", "hub"), ("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("XDG_CACHE_HOME", "huggingface/hub")],
)
def test_the_hub_cache_follows_its_variables(
    user: Path, monkeypatch: pytest.MonkeyPatch, variable: str, below: str
) -> None:
    monkeypatch.setenv(variable, str(user / "elsewhere"))
    path = write_checkpoint(user / "elsewhere" / below / SMALL / "snapshots" / "c0")
    assert resolve("Qwen/Qwen3-0.6B") == path


@pytest.mark.parametrize("below", ["models/Qwen", "Qwen"])
@pytest.mark.parametrize("configured", [True, False])
def test_modelscope_escapes_dots(user: Path, monkeypatch: pytest.MonkeyPatch, below: str, configured: bool) -> None:
    root = user / "scope" if configured else user / ".cache" / "modelscope" / "hub"
    if configured:
        monkeypatch.setenv("MODELSCOPE_CACHE", str(root))
    path = write_checkpoint(root / below / "Qwen3-0___6B")
    assert resolve("Qwen/Qwen3-0.6B") == path


@pytest.mark.parametrize("configured", [True, False])
def test_modelscope_keeps_snapshots(user: Path, monkeypatch: pytest.MonkeyPatch, configured: bool) -> None:
    root = user / "scope" if configured else user / ".cache" / "modelscope"
    if configured:
        monkeypatch.setenv("MODELSCOPE_CACHE", str(root))
    older = write_checkpoint(root / "hub" / "models" / "Qwen" / "Qwen3-0___6B")
    assert resolve("Qwen/Qwen3-0.6B") == older
    snapshots = root / "models" / "Qwen--Qwen3-0.6B" / "snapshots"
    tagged = write_checkpoint(snapshots / "v1.0")
    assert resolve("Qwen/Qwen3-0.6B") == tagged
    usual = write_checkpoint(snapshots / "master")
    os.utime(usual, (1, 1))
    assert resolve("Qwen/Qwen3-0.6B") == usual
    (usual / "config.json").unlink()  # half a download
    assert resolve("Qwen/Qwen3-0.6B") == older


def test_configured_folders_hold_names_and_owners(user: Path) -> None:
    (user / "yunqi").mkdir()
    (user / "yunqi" / "config.toml").write_text('model_dirs = ["~/models"]')
    tuned = write_checkpoint(user / "models" / "tuned")
    owned = write_checkpoint(user / "models" / "me" / "other")
    assert resolve("tuned") == tuned
    assert resolve("me/other") == owned


def test_case_and_owner_may_be_left_out(user: Path) -> None:
    (path,) = _huggingface(user, "c0")
    assert resolve("qwen/qwen3-0.6b") == path
    assert resolve("qwen3-0.6B") == path
    _huggingface(user, "c0", folder="models--other--Qwen3-0.6B")
    assert resolve("Qwen/Qwen3-0.6B") == path
    assert _code("Qwen3-0.6B") == "model-name-close"


def test_a_bundled_name_wins_over_a_folder_of_that_name(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = write_checkpoint(user / "package" / "nano")
    monkeypatch.setattr(places, "bundled_root", lambda: user / "package")
    local = write_checkpoint(user / "projects" / "nano")
    assert resolve("nano") == bundled
    assert resolve(Path("nano")).resolve() == local.resolve()
    assert resolve("./nano").resolve() == local.resolve()


def test_a_complete_copy_wins_over_half_a_download(user: Path) -> None:
    half = user / ".cache/huggingface/hub" / SMALL / "snapshots" / "c0"
    half.mkdir(parents=True)
    (half / "config.json").write_text("{}")
    assert _code("Qwen/Qwen3-0.6B") == "model-directory-empty"
    whole = write_checkpoint(user / ".cache/modelscope/hub/models/Qwen/Qwen3-0___6B")
    assert resolve("Qwen/Qwen3-0.6B") == whole


def test_a_near_name_is_suggested(user: Path) -> None:
    _huggingface(user, "c0")
    with pytest.raises(YunqiError, match=r"Did you mean Qwen/Qwen3-0\.6B\?"):
        resolve("Qwen/Qwen-0.6B")


def test_an_unknown_name_says_where_it_looked(user: Path) -> None:
    with pytest.raises(YunqiError) as caught:
        resolve("Qwen/Nothing-Like-It")
    assert caught.value.code == "model-not-found"
    for part in ("huggingface", "modelscope"):
        assert str(user / ".cache" / part) in str(caught.value)


def test_folders_that_are_no_checkpoint(user: Path) -> None:
    empty = user / "empty"
    empty.mkdir()
    assert _code(empty) == "model-directory-empty"
    assert _code(user / "missing") == "model-not-found"
    (empty / "config.json").write_text("{}")
    assert _code(empty) == "model-directory-empty"
    (empty / "pytorch_model.bin").write_bytes(b"\x80\x02")
    assert _code(empty) == "weights-pickle"
    assert _code(empty / "pytorch_model.bin") == "weights-pickle"
    assert _code(empty / "config.json") == "model-not-a-directory"
    (empty / "config.json").unlink()
    assert _code(empty) == "weights-pickle"


def test_pickles_beside_safetensors_do_no_harm(user: Path) -> None:
    path = write_checkpoint(user / "both")
    (path / "training_args.bin").write_bytes(b"\x80")
    assert resolve(path) == path


@pytest.mark.parametrize(
    "name", ["", "  ", "Qwen/../../etc", "a/b/../c", "Qwen/..", "a\0b", "a b?", "x" * 10_000, "Qwen//x"]
)
def test_names_that_are_no_names(user: Path, name: str) -> None:
    assert _code(name) in ("model-name-invalid", "model-unreadable", "model-not-found")


def test_no_name_leaves_its_place(user: Path) -> None:
    write_checkpoint(user / ".cache" / "huggingface" / "secret")
    write_checkpoint(user / "secret")
    for name in ("../secret", "x/../../secret", "Qwen/../../secret", "--/secret", "..--secret"):
        if name != "../secret":  # a path of the user's own, as it stands
            assert _code(name).startswith("model-n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(name=st.text(max_size=40))
def test_any_text_ends_in_our_error(user: Path, name: str) -> None:
    with pytest.raises(YunqiError):
        resolve(name)


def test_what_is_not_here_is_told_with_the_command_that_fetches_it(user: Path) -> None:
    for name, wanted in (("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B"), (str(user / "missing"), "OWNER/NAME")):
        with pytest.raises(YunqiError) as caught:
            resolve(name)
        assert f"`yunqi pull {wanted}`" in str(caught.value.remedy), name
