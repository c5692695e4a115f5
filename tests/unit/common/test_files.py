"""Folders that appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_folder


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


@pytest.mark.parametrize("number, code", [(errno.ENOSPC, "disk-full"), (errno.EACCES, "directory-unwritable")])
def test_an_error_leaves_nothing(tmp_path: Path, number: int, code: str) -> None:
    def fail(error: BaseException) -> None:
        with atomic_folder(tmp_path / "made") as folder:
            (folder / "a").write_text("a")
            raise error

    with pytest.raises(YunqiError) as caught:
        fail(OSError(number, "no"))
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt):
        fail(KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path, tmp_path / "file"):
        with pytest.raises(YunqiError, match="not empty"), atomic_folder(target):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
