"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_folder, atomic_path


@pytest.mark.parametrize("empty_before", [False, True])
def test_a_folder_appears_whole(tmp_path: Path, empty_before: bool) -> None:
    target = tmp_path / "deep" / "made"
    if empty_before:
        target.mkdir(parents=True)
    with atomic_folder(target) as folder:
        (folder / "a").write_text("a")
        assert not target.exists() or not any(target.iterdir())
    assert [path.name for path in target.iterdir()] == ["a"]
    assert [path.name for path in target.parent.iterdir()] == ["made"]


Atomic = Callable[[Path], AbstractContextManager[Path]]


def _fail(kind: Atomic, target: Path, make: Callable[[Path], BaseException]) -> None:
    with kind(target) as path:
        raise make(path)


@pytest.mark.parametrize("kind", [atomic_path, atomic_folder])
@pytest.mark.parametrize(
    "make, code",
    [
        (lambda _: OSError(errno.ENOSPC, "no"), "disk-full"),
        (lambda path: OSError(errno.ENOSPC, "no", str(path)), "disk-full"),
        (lambda path: PermissionError(errno.EACCES, "no", str(path / "a")), "directory-unwritable"),
    ],
)
def test_an_error_of_writing_leaves_nothing(
    tmp_path: Path, kind: Atomic, make: Callable[[Path], BaseException], code: str
) -> None:
    with pytest.raises(YunqiError) as caught:
        _fail(kind, tmp_path / "made", make)
    assert caught.value.code == code
    assert caught.value.details["path"] == tmp_path / "made"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [atomic_path, atomic_folder])
def test_an_error_of_something_else_keeps_its_name(tmp_path: Path, kind: Atomic) -> None:
    def read_what_is_not_there(_: Path) -> BaseException:
        return ValueError((tmp_path / "source").read_text())

    with pytest.raises(FileNotFoundError) as caught:
        _fail(kind, tmp_path / "made", read_what_is_not_there)
    assert caught.value.filename == str(tmp_path / "source")
    elsewhere = OSError(errno.ENOSPC, "no", "/elsewhere/file")
    with pytest.raises(OSError) as full:
        _fail(kind, tmp_path / "made", lambda _: elsewhere)
    assert full.value is elsewhere
    with pytest.raises(KeyboardInterrupt):
        _fail(kind, tmp_path / "made", lambda _: KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [atomic_path, atomic_folder])
def test_a_place_that_refuses_is_told(tmp_path: Path, kind: Atomic) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(YunqiError) as caught:
        _fail(kind, tmp_path / "file" / "made", lambda _: AssertionError("never begun"))
    assert caught.value.code == "directory-unwritable"


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path, tmp_path / "file"):
        with pytest.raises(YunqiError, match="not empty"), atomic_folder(target):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
