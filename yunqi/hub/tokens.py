"""Whether the files of a checkpoint's tokenizer can be what their names say, told without loading a tokenizer."""

from __future__ import annotations

from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json

_SETTINGS = ("tokenizer_config.json", "generation_config.json")


def damaged_file(path: Path) -> str | None:
    """The name of the first file that is damaged, None where none is. There may be no tokenizer at all."""
    names = (*_SETTINGS, *_vocabulary(path))
    return next((name for name in names if (path / name).is_file() and not _is_sound(path / name)), None)


def _vocabulary(path: Path) -> tuple[str, ...]:
    """The files that hold the tokens: the first kind that is there."""
    kinds = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("qwen.tiktoken",))
    return next((kind for kind in kinds if all((path / name).is_file() for name in kind)), ())


def _is_sound(file: Path) -> bool:
    try:
        if file.suffix != ".json":
            return _holds_pairs(file.read_text(encoding="utf-8"))
        content = read_json(file)
    except (YunqiError, OSError, UnicodeDecodeError):
        return False
    if file.name == "tokenizer.json":
        model = content.get("model") if isinstance(content, dict) else None
        content = model.get("vocab") if isinstance(model, dict) else None
    return file.name in _SETTINGS or (isinstance(content, dict) and bool(content))


def _holds_pairs(text: str) -> bool:
    """A merge is two tokens, a rank line a token and its rank; merges may begin with a comment."""
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(len(line.split()) == 2 for line in lines)
