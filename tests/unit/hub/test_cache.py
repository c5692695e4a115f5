from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.hub.conftest import WEIGHTS, write_checkpoint
from yunqi.hub import places
from yunqi.hub.cache import CachedModel, cached_models, find_cached, remove
from yunqi.hub.resolve import resolve

COMMITS = ("a" * 40, "b" * 40)


def cached(root: Path, name: str, *commits: str, main: bool = True) -> Path:
    """A model as the client lays it out: blobs, links to them, a ref."""
    folder = root / f"models--{name.replace('/', '--')}"
    (folder / "blobs").mkdir(parents=True)
    for commit in commits:
        snapshot = write_checkpoint(folder / "snapshots" / commit)
        for file in list(snapshot.iterdir()):
            blob = folder / "blobs" / f"{file.name}-{commit[:4]}"
            file.rename(blob)
            file.symlink_to(Path("../../blobs") / blob.name)
    if main:
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(commits[0])
    return folder


@pytest.fixture
def root(user: Path) -> Path:
    return user / ".cache/huggingface/hub"


def everything(path: Path) -> set[Path]:
    return set(path.rglob("*"))


@pytest.fixture(params=["client", "no client"])
def _client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "client":
        pytest.importorskip("huggingface_hub")
    else:
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)


@pytest.mark.usefixtures("_client")
def test_a_model_goes_with_all_versions_and_nothing_else(root: Path) -> None:
    # Copies of a repository share its commits: only the named one may go.
    gone = cached(root, "Qwen/Gone", *COMMITS)
    kept = cached(root, "Me/Copy", *COMMITS)
    (root / "datasets--Qwen--Gone").mkdir()
    (gone / "blobs" / "ff.yunqi.incomplete").write_bytes(b"half")
    (root / ".locks" / gone.name).mkdir(parents=True)
    before = everything(kept)
    (model,) = find_cached("Qwen/Gone")
    assert (model.complete, model.num_partial_bytes) == (True, 4)
    assert model.num_bytes > 2 * len(WEIGHTS)
    remove(model)
    assert not gone.exists()
    assert everything(kept) == before
    assert resolve("Me/Copy").name == COMMITS[0]
    assert [model.name for model in cached_models()] == ["Me/Copy"]
    assert (root / "datasets--Qwen--Gone").is_dir()
    assert not (root / ".locks" / gone.name).exists()


@pytest.mark.usefixtures("_client")
def test_half_a_model_can_go_too(root: Path) -> None:
    folder = root / "models--Qwen--Half"
    (folder / "blobs").mkdir(parents=True)
    (folder / "blobs" / "ab.yunqi.incomplete").write_bytes(bytes(1000))
    (model,) = cached_models()
    assert (model.name, model.complete, model.num_bytes, model.num_partial_bytes) == ("Qwen/Half", False, 1000, 1000)
    remove(model)
    assert not folder.exists()


@pytest.mark.usefixtures("_client")
def test_links_are_not_followed_out_of_the_cache(root: Path, user: Path) -> None:
    outside = write_checkpoint(user / "precious")
    folder = cached(root, "Qwen/Linked", COMMITS[0])
    (folder / "snapshots" / COMMITS[0] / "more").symlink_to(outside)
    (root / "models--Qwen--Alias").symlink_to(outside)
    assert [model.name for model in cached_models()] == ["Qwen/Linked"]
    remove(cached_models()[0])
    assert not folder.exists()
    assert (outside / "model.safetensors").read_bytes() == WEIGHTS


def test_modelscope_goes_with_its_link(user: Path) -> None:
    scope = user / ".cache/modelscope/hub/models/Qwen"
    write_checkpoint(scope / "Qwen3-1___7B")
    (scope / "Qwen3-1.7B").symlink_to(scope / "Qwen3-1___7B")
    write_checkpoint(scope / "Other")
    (model,) = find_cached("Qwen/Qwen3-1.7B")
    remove(model)
    assert [path.name for path in scope.iterdir()] == ["Other"]


def test_modelscope_goes_with_all_its_snapshots(user: Path) -> None:
    models = user / ".cache/modelscope/models"
    write_checkpoint(models / "Qwen--Qwen3-1.7B" / "snapshots" / "master")
    (models / "Qwen--Qwen3-1.7B" / "snapshots" / "v1").mkdir()
    (models / "Qwen--Qwen3-1.7B" / "snapshots" / "v1" / "model.safetensors.incomplete").write_bytes(bytes(7))
    half = models / "Qwen--Half" / "snapshots" / "master"
    half.mkdir(parents=True)
    (half / "model.safetensors.incomplete").write_bytes(bytes(5))
    found = [(model.name, model.complete, model.num_partial_bytes) for model in cached_models()]
    assert found == [("Qwen/Half", False, 5), ("Qwen/Qwen3-1.7B", True, 7)]
    remove(find_cached("Qwen/Qwen3-1.7B")[0])
    assert [path.name for path in models.iterdir()] == ["Qwen--Half"]


def test_own_folders_and_bundled_models_are_no_cache(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "bundled_root", lambda: user / "package")
    write_checkpoint(user / "package" / "nano")
    write_checkpoint(user / "models" / "tuned")
    (user / "yunqi").mkdir()
    (user / "yunqi" / "config.toml").write_text('model_dirs = ["~/models"]')
    assert cached_models() == ()
    for name in ("nano", "tuned", "../models/tuned", str(user / "models/tuned"), ""):
        with pytest.raises(ValueError, match="No cache holds"):
            find_cached(name)


def test_a_folder_outside_its_cache_is_not_deleted(user: Path) -> None:
    outside = write_checkpoint(user / "precious")
    model = CachedModel(
        name="x",
        source="modelscope",
        root=user / "cache",
        path=outside,
        num_bytes=0,
        num_partial_bytes=0,
        complete=True,
    )
    with pytest.raises(AssertionError):
        remove(model)
    assert (outside / "model.safetensors").exists()
