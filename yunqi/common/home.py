"""The one folder we write to, and the settings the user keeps there.

`YUNQI_HOME` names it; else it is the per-user data folder of the operating system. Nothing is created by asking.
"""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What `config.toml` may say. `model_dirs` are folders that hold checkpoint folders, up to two levels down."""

    model_dirs: tuple[Path, ...] = ()


def home() -> Path:
    """The folder of everything Yunqi writes."""
    chosen = os.environ.get("YUNQI_HOME")
    return Path(chosen).expanduser() if chosen else _user_data() / "yunqi"


def settings_path() -> Path:
    """Where the user's settings are read from."""
    return home() / "config.toml"


def settings() -> Settings:
    """The user's settings; the defaults where there is no file.

    Raises:
        YunqiError: `settings-invalid` where the file cannot be read, is not TOML or holds a key we do not know.
    """
    path = settings_path()
    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise YunqiError("settings-invalid", file=path, reason=error) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise YunqiError("settings-invalid", file=path, reason=error) from error
    return Settings(model_dirs=_directories(data, path))


def _directories(data: dict[str, Any], path: Path) -> tuple[Path, ...]:
    unknown = sorted(set(data) - {"model_dirs"})
    if unknown:
        raise YunqiError("settings-invalid", file=path, reason=f"'{unknown[0]}' is not a setting")
    names = data.get("model_dirs", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise YunqiError("settings-invalid", file=path, reason="model_dirs is not a list of folder names")
    return tuple(path.parent / Path(name).expanduser() for name in names)


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
