"""Fetch a model from a hub into that hub's own cache, where every tool finds it: `look_up` first, then `pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from yunqi.hub.checkpoint import check_checkpoint
from yunqi.hub.disk import check_room
from yunqi.hub.remote import RemoteModel, Report

Hub = Literal["huggingface", "modelscope"]
HUBS: tuple[Hub, ...] = get_args(Hub)


def look_up(name: str, hub: Hub = "huggingface") -> RemoteModel:
    """Ask a hub about `OWNER/NAME`. Nothing is written. Raises what the hub's own `look_up` says."""
    if hub == "modelscope":
        from yunqi.hub import modelscope

        return modelscope.look_up(name)
    from yunqi.hub import huggingface

    return huggingface.look_up(name)


def pull(model: RemoteModel, report: Report) -> Path:
    """Fetch what is missing and return the checkpoint's folder. `report` is told of bytes as they come.

    Raises:
        YunqiError: `disk-too-small`, `pull-damaged`, and what the hub's client says of name, connection and disk.
    """
    check_room(model)
    model.fetch(report)
    return check_checkpoint(model.snapshot)
