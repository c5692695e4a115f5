"""A model of Hugging Face, asked about and fetched through its own client into its own cache.

The cache's layout and its locks are the client's. `refs/main` is written when all files are there, so that a model
fetched before stays in use until the newer one is complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from yunqi.common.files import write_text
from yunqi.hub.checkpoint import INDEX_FILE
from yunqi.hub.client import client, endpoint, refused, told_plainly
from yunqi.hub.places import huggingface_root
from yunqi.hub.receive import receive
from yunqi.hub.remote import RemoteFile, RemoteModel, Report, check_name
from yunqi.hub.wanted import is_safe, wanted_texts, wanted_weights

_REVISION = "main"


@dataclass(frozen=True, kw_only=True, slots=True)
class HuggingFaceModel(RemoteModel):
    """A model at one commit. A file's `digest` names its blob where it is fetched by parts, else the client fetches."""

    cache_variable: ClassVar[str] = "HF_HUB_CACHE"
    commit: str

    @property
    def snapshot(self) -> Path:
        return self.folder / "snapshots" / self.commit

    def present_bytes(self, file: RemoteFile) -> int:
        if (self.snapshot / file.name).exists() or (file.digest and self.blob(file.digest).exists()):
            return file.num_bytes
        partial = self.partial(file.digest) if file.digest else None
        return partial.stat().st_size if partial and partial.is_file() else 0

    def blob(self, digest: str) -> Path:
        return self.folder / "blobs" / digest

    def partial(self, digest: str) -> Path:
        # The ending is the client's own, so that its tools see what this is.
        return self.folder / "blobs" / f"{digest}.yunqi.incomplete"

    def url(self, file_name: str) -> str:
        return client().hf_hub_url(self.name, file_name, revision=self.commit)

    def fetch(self, report: Report) -> None:
        """Raises `pull-damaged` and those of `told_plainly`."""
        with told_plainly(self.name):
            for file in self.files:
                _fetch(self, file, report)
            write_text(self.folder / "refs" / _REVISION, self.commit)


def look_up(name: str) -> HuggingFaceModel:
    """Ask the hub about `OWNER/NAME`. Nothing is written.

    Raises:
        YunqiError: `model-name-invalid`, `extra-missing`, those of `wanted_weights` and of `told_plainly`.
    """
    check_name(name)
    with told_plainly(name):
        info = client().HfApi(library_name="yunqi").model_info(name, revision=_REVISION, files_metadata=True)
        commit = _safe(name, info.sha)
        sizes = {sibling.rfilename: sibling.size for sibling in info.siblings or ()}
        large = {sibling.rfilename for sibling in info.siblings or () if sibling.lfs is not None}
        weights = wanted_weights(name, sizes, lambda: _index(name, commit))
        names = [*weights, *wanted_texts(sizes)]
        files = [_file(name, commit, file, sizes[file], large | set(weights)) for file in names]
    return HuggingFaceModel(
        name=name,
        endpoint=endpoint(),
        commit=commit,
        licence=_licence(info),
        folder=huggingface_root() / f"models--{name.replace('/', '--')}",
        files=tuple(files),
    )


def _fetch(model: HuggingFaceModel, file: RemoteFile, report: Report) -> None:
    if (model.snapshot / file.name).exists():
        return
    if file.digest is not None:
        receive(model, file, report)
    # Of a blob that is there the client only makes the link.
    client().hf_hub_download(
        model.name,
        file.name,
        revision=model.commit,
        cache_dir=model.folder.parent,
        endpoint=endpoint(),
        library_name="yunqi",
    )
    if file.digest is None:
        report(file.num_bytes)


def _index(name: str, commit: str) -> bytes:
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    url = client().hf_hub_url(name, INDEX_FILE, revision=commit)
    response = get_session().get(url, headers=build_hf_headers(library_name="yunqi"))
    hf_raise_for_status(response)
    return response.content


def _file(name: str, commit: str, file: str, size: int | None, by_parts: set[str]) -> RemoteFile:
    if file not in by_parts and size is not None:
        return RemoteFile(name=file, num_bytes=size)
    found = client().get_hf_file_metadata(client().hf_hub_url(name, file, revision=commit), library_name="yunqi")
    size = found.size if found.size is not None else size
    digest = _safe(name, found.etag) if file in by_parts else None
    return RemoteFile(name=file, num_bytes=size or 0, digest=digest)


def _safe(name: str, word: str | None) -> str:
    if word is None or not is_safe(word):
        raise refused(name, "it does not name its versions")
    return word


def _licence(info: Any) -> str | None:
    card = info.card_data.to_dict() if info.card_data is not None else {}
    named = card.get("license_name") or card.get("license")
    tags = [tag.removeprefix("license:") for tag in info.tags or () if tag.startswith("license:")]
    return str(named) if named else next(iter(tags), None)
