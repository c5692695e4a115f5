"""A model as its hub describes it: which of its files Yunqi wants, how large they are, what is already here.

Wanted are the safetensors that the index names (else `model.safetensors`, else all in the top folder), the config, the
tokenizer, the chat template, and the README and licence. Pickled weights and code are left where they are.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.hub.checkpoint import CONFIG_FILE, INDEX_FILE, PICKLE_SUFFIXES
from yunqi.hub.client import client, endpoint, told_plainly
from yunqi.hub.places import huggingface_root

REVISION = "main"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SMALL_FILES = (
    *("generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
    *("added_tokens.json", "vocab.json", "merges.txt", "qwen.tiktoken", "chat_template.jinja", "chat_template.json"),
)
_ABOUT = re.compile(r"(README|LICEN[CS]E|NOTICE)(\.(md|txt))?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteFile:
    """One file of the hub. `etag` names its blob where it is fetched by parts, None where the client fetches it."""

    name: str
    num_bytes: int
    etag: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteModel:
    """A model at one commit; `folder` is its place in the Hugging Face cache. The config comes last of the files."""

    name: str
    endpoint: str
    commit: str
    licence: str | None
    folder: Path
    files: tuple[RemoteFile, ...]

    @property
    def num_bytes(self) -> int:
        return sum(file.num_bytes for file in self.files)

    @property
    def snapshot(self) -> Path:
        return self.folder / "snapshots" / self.commit

    @property
    def missing_bytes(self) -> int:
        """What is not here yet; a file that was fetched in part counts with its rest."""
        return sum(max(0, file.num_bytes - self.present_bytes(file)) for file in self.files)

    def present_bytes(self, file: RemoteFile) -> int:
        if (self.snapshot / file.name).exists() or (file.etag and self.blob(file.etag).exists()):
            return file.num_bytes
        partial = self.partial(file.etag) if file.etag else None
        return partial.stat().st_size if partial and partial.is_file() else 0

    def blob(self, etag: str) -> Path:
        return self.folder / "blobs" / etag

    def partial(self, etag: str) -> Path:
        # The ending is the client's own, so that its tools see what this is.
        return self.folder / "blobs" / f"{etag}.yunqi.incomplete"

    def url(self, file_name: str) -> str:
        return client().hf_hub_url(self.name, file_name, revision=self.commit)


def look_up(name: str) -> RemoteModel:
    """Ask the hub about `OWNER/NAME`. Nothing is written.

    Raises:
        YunqiError: `model-name-invalid`, `weights-pickle` where it has no other weights, `model-directory-empty`,
            `weights-missing-shard`, `extra-missing`, and those of `told_plainly`.
    """
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise YunqiError("model-name-invalid", name=name)
    with told_plainly(name):
        info = client().HfApi(library_name="yunqi").model_info(name, revision=REVISION, files_metadata=True)
        commit = _safe(name, info.sha)
        sizes = {sibling.rfilename: sibling.size for sibling in info.siblings or ()}
        large = {sibling.rfilename for sibling in info.siblings or () if sibling.lfs is not None}
        weights = _weights(name, commit, set(sizes))
        small = [file for file in sorted(sizes) if file in _SMALL_FILES or file == INDEX_FILE or _ABOUT.fullmatch(file)]
        # The config last: without it the folder is no checkpoint, and half a download is never taken for one.
        names = [*weights, *small, CONFIG_FILE]
        files = [_file(name, commit, file, sizes[file], large | set(weights)) for file in names]
    return RemoteModel(
        name=name,
        endpoint=endpoint(),
        commit=commit,
        licence=_licence(info),
        folder=huggingface_root() / f"models--{name.replace('/', '--')}",
        files=tuple(files),
    )


def _weights(name: str, commit: str, names: set[str]) -> list[str]:
    weights = sorted(file for file in names if file.endswith(".safetensors") and "/" not in file)
    if not weights:
        pickles = sorted(file for file in names if Path(file).suffix.lower() in PICKLE_SUFFIXES)
        if pickles:
            raise YunqiError("weights-pickle", path=name, file=pickles[0])
        raise YunqiError("model-directory-empty", path=name, missing="a .safetensors file")
    if CONFIG_FILE not in names:
        raise YunqiError("model-directory-empty", path=name, missing=CONFIG_FILE)
    if INDEX_FILE in names:
        weights = _shards(name, commit)
        if missing := sorted(set(weights) - names):
            raise YunqiError("weights-missing-shard", file=missing[0], path=name)
    elif "model.safetensors" in weights:
        weights = ["model.safetensors"]
    return weights


def _shards(name: str, commit: str) -> list[str]:
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    url = client().hf_hub_url(name, INDEX_FILE, revision=commit)
    response = get_session().get(url, headers=build_hf_headers(library_name="yunqi"))
    hf_raise_for_status(response)
    try:
        weight_map = json.loads(response.content)["weight_map"]
        shards = sorted(set(weight_map.values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise YunqiError("config-unreadable", file=f"{name}/{INDEX_FILE}", reason="it names no shards") from error
    if not all(
        isinstance(shard, str) and _SAFE.fullmatch(shard) and shard.endswith(".safetensors") for shard in shards
    ):
        raise YunqiError("config-unreadable", file=f"{name}/{INDEX_FILE}", reason="it has no map of file names")
    return shards


def _file(name: str, commit: str, file: str, size: int | None, by_parts: set[str]) -> RemoteFile:
    if file not in by_parts and size is not None:
        return RemoteFile(name=file, num_bytes=size)
    found = client().get_hf_file_metadata(client().hf_hub_url(name, file, revision=commit), library_name="yunqi")
    size = found.size if found.size is not None else size
    etag = _safe(name, found.etag) if file in by_parts else None
    return RemoteFile(name=file, num_bytes=size or 0, etag=etag)


def _safe(name: str, word: str | None) -> str:
    """A word that becomes the name of a file here: none may lead out of its folder."""
    if not word or not _SAFE.fullmatch(word):
        raise YunqiError("pull-refused", endpoint=endpoint(), name=name, reason="it does not name its versions")
    return word


def _licence(info: Any) -> str | None:
    card = info.card_data.to_dict() if info.card_data is not None else {}
    named = card.get("license_name") or card.get("license")
    tags = [tag.removeprefix("license:") for tag in info.tags or () if tag.startswith("license:")]
    return str(named) if named else next(iter(tags), None)
