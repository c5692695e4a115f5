from __future__ import annotations

import sys
from pathlib import Path

import pytest

from yunqi.common.errors import YunqiError
from yunqi.common.home import home, settings


def test_the_variable_names_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "x"))
    assert home() == tmp_path / "x"
    assert not home().exists()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the rule of Linux")
def test_without_it_the_user_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YUNQI_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home() == tmp_path / ".local" / "share" / "yunqi"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home() == tmp_path / "data" / "yunqi"


def test_settings_default_and_relative_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path))
    assert settings().model_dirs == ()
    (tmp_path / "config.toml").write_text('model_dirs = ["here", "/abs"]')
    assert settings().model_dirs == (tmp_path / "here", Path("/abs"))


@pytest.mark.parametrize(
    "content", [b"model_dirs = [", b"\xff\xfe", b"model_dirs = 'x'", b"model_dirs = [3]", b"model_dir = ['x']"]
)
def test_bad_settings_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(YunqiError) as caught:
        settings()
    assert caught.value.code == "settings-invalid"
