"""A model's name or folder -> the folder. Names are looked up, never joined to a path: none can leave its place."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.hub.checkpoint import check_checkpoint, is_checkpoint
from yunqi.hub.places import places

_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*(/[\w.-]*[A-Za-z0-9_][\w.-]*)?", re.ASCII)
_PATH_STARTS = ("/", "./", "../", "~", ".\\", "..\\", "\\")


def resolve(name_or_path: str | Path) -> Path:
    """The folder of a checkpoint: a directory as it is, a bundled name (`nano`), or a hub name found on this machine.

    A name is matched exactly, then without regard to case, then by its last part where only one model has it.

    Raises:
        YunqiError: `model-not-found` (says where it looked), `model-name-close` (says what is near),
            `model-name-invalid`, and those of `check_checkpoint`.
    """
    text = str(name_or_path)
    try:
        return check_checkpoint(_locate(text, is_path=isinstance(name_or_path, Path) or _looks_like_path(text)))
    except OSError as error:
        raise YunqiError("model-unreadable", path=text, reason=error.strerror or error) from error


def _locate(text: str, *, is_path: bool) -> Path:
    if not text.strip() or "\0" in text:
        raise YunqiError("model-name-invalid", name=text.replace("\0", "\\0"))
    path = _expand(text)
    if is_path:
        if not path.exists():
            raise _not_found(text)
        return path
    if ".." in path.parts:
        raise YunqiError("model-name-invalid", name=text)
    # A checkpoint below the working directory goes before a hub name spelt alike; a single word is a name first.
    if "/" in text and is_checkpoint(path):
        return path
    found = _find(text)
    if found is None and path.exists():
        return path
    if found is None:
        raise _near_or_not_found(text)
    return found


def _expand(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # `~nobody`
        raise YunqiError("model-name-invalid", name=text) from error


def _looks_like_path(text: str) -> bool:
    return text.startswith(_PATH_STARTS) or text in (".", "..") or Path(text).is_absolute()


def _find(name: str) -> Path | None:
    models = [model for place in places() for model in place.models()]
    for key in (str, str.lower):
        matches = [path for other, path in models if key(other) == key(name)]
        if matches:
            # A complete checkpoint further down wins over half a download.
            return next((path for path in matches if is_checkpoint(path)), matches[0])
    last = {other.lower(): path for other, path in models if other.lower().rpartition("/")[2] == name.lower()}
    return next(iter(last.values())) if len(last) == 1 else None


def _near_or_not_found(name: str) -> YunqiError:
    if not _NAME.fullmatch(name):
        return YunqiError("model-name-invalid", name=name)
    known = {other.lower(): other for place in places() for other, _ in place.models()}
    tails = {other.rpartition("/")[2]: other for other in known}
    near = difflib.get_close_matches(name.lower(), [*known, *tails], n=3, cutoff=0.7)
    if near:
        names = dict.fromkeys(known[tails.get(match, match)] for match in near)
        return YunqiError("model-name-close", name=name, near=" or ".join(names))
    return _not_found(name)


def _not_found(name: str) -> YunqiError:
    # Of ModelScope's layouts only the newest is worth naming.
    roots = {place.root if place.source == "folder" else place.source: place.root for place in reversed(places()[1:])}
    searched = ", ".join(str(root) for root in reversed(roots.values()))
    wanted = name if "/" in name and _NAME.fullmatch(name) else "OWNER/NAME"
    return YunqiError("model-not-found", name=name, wanted=wanted, searched=searched)
