"""The compiled core behind its plain C interface (`native/yunqi_native.h`), found beside the package."""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import POINTER, Structure, c_float, c_int, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from yunqi.common.errors import YunqiError
from yunqi.common.machine import allowed_cores

Level = Literal["scalar", "avx2", "avx512", "neon"]
LEVELS: tuple[Level, ...] = ("scalar", "avx2", "avx512", "neon")
VERSION = 8
NO_MEMORY = -2
MAX_GROUP = 4
MAX_INPUTS = 5
_NAMES = {"win32": "libyunqi_native.dll", "darwin": "libyunqi_native.dylib"}


class Matrix(Structure):
    _fields_ = (("kind", c_int32), ("group", c_int32), ("rows", c_int64), ("columns", c_int64), ("data", c_void_p))


class Rows(Structure):
    _fields_ = (("data", c_void_p), ("stride", c_int64), ("gap", c_int64), ("width", c_int32), ("run", c_int32))


class Op(Structure):
    _fields_ = (
        ("code", c_int32),
        ("count", c_int32),
        ("matrix", Matrix * MAX_GROUP),
        ("bias", c_void_p * MAX_GROUP),
        ("out", c_void_p * MAX_GROUP),
        ("out_stride", c_int64 * MAX_GROUP),
        ("input", Rows * MAX_INPUTS),
        ("weight", c_void_p * 2),
        ("key", c_void_p),
        ("value", c_void_p),
        ("block_stride", c_int64),
        ("head_stride", c_int64),
        ("state", c_void_p),
        ("slot_stride", c_int64),
        ("experts", c_void_p),
        ("num_experts", c_int32),
        ("num_chosen", c_int32),
        ("has_shared", c_int32),
        ("normalise", c_int32),
        ("cache_kind", c_int32),
        ("width", c_int32),
        ("num_heads", c_int32),
        ("num_kv_heads", c_int32),
        ("head_dim", c_int32),
        ("window", c_int32),
        ("over_logits", c_int32),
        ("log_length", c_int32),
        ("eps", c_float),
        ("scale", c_float),
    )


class Step(Structure):
    _fields_ = (
        ("num_tokens", c_int64),
        ("num_seqs", c_int64),
        ("num_logits", c_int64),
        ("ids", c_void_p),
        ("positions", c_void_p),
        ("slots", c_void_p),
        ("logit_rows", c_void_p),
        ("offsets", c_void_p),
        ("lengths", c_void_p),
        ("tables", c_void_p),
        ("table_width", c_int64),
        ("state_slots", c_void_p),
        ("frequencies", c_void_p),
    )


class Delta(Structure):
    _fields_ = (
        ("kind", c_int32),
        *((name, c_int64) for name in ("num_keys", "num_values", "key_size", "value_size")),
        ("offsets", c_void_p),
        ("num_seqs", c_int64),
        *((name, c_void_p) for name in ("q", "k", "v")),
        *((name, c_int64) for name in ("q_stride", "k_stride", "v_stride")),
        *((name, c_void_p) for name in ("decay", "beta", "rest", "states", "out")),
    )


class DeltaGradients(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("out", "q", "k", "v")),
        ("stride", c_int64),
        *((name, c_void_p) for name in ("decay", "beta")),
    )


_CONV = (c_void_p, c_int, c_void_p, c_void_p, c_int64, c_int, c_void_p, c_int64)
_GATED_NORM = (c_void_p, c_int, c_void_p, c_void_p, c_void_p, c_float, c_int64, c_int64)
_NORM = (c_void_p, c_int, c_void_p, c_void_p, c_float, c_float, c_int64, c_int64)
_SWIGLU = (c_void_p, c_int, c_void_p, c_void_p, c_int64, c_int64)
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "yq_version": (c_int, ()),
    "yq_best_level": (c_int, ()),
    "yq_level": (c_int, ()),
    "yq_has_level": (c_int, (c_int,)),
    "yq_set_level": (c_int, (c_int,)),
    "yq_team_new": (c_void_p, (c_int,)),
    "yq_team_free": (None, (c_void_p,)),
    "yq_packed_bytes": (c_size_t, (c_int, c_int64, c_int64, c_int)),
    "yq_pack": (
        c_int,
        (c_void_p, c_int, c_int, c_int64, c_int64, c_int64, c_int64, c_void_p, c_int, c_void_p),
    ),
    "yq_pack_groups": (
        c_int,
        (c_void_p, c_int, c_int, c_int64, c_int64, c_void_p, c_int64, c_void_p, c_void_p, c_void_p),
    ),
    "yq_checksum": (c_uint64, (c_void_p, c_size_t)),
    "yq_unpack": (None, (POINTER(Matrix), c_int64, c_int64, c_void_p)),
    "yq_program_new": (c_void_p, (POINTER(Op), c_int, c_int64)),
    "yq_program_free": (None, (c_void_p,)),
    "yq_program_run": (c_int, (c_void_p, c_void_p, POINTER(Step))),
    "yq_linear": (c_int, (c_void_p, POINTER(Matrix), c_void_p, c_void_p, c_int64, c_void_p)),
    "yq_conv_forward": (c_int, (*_CONV, c_void_p)),
    "yq_conv_backward": (c_int, (*_CONV, c_void_p, c_void_p, c_void_p)),
    "yq_delta_chunks": (c_int64, (c_void_p, c_int64)),
    "yq_delta_forward": (c_int, (c_void_p, POINTER(Delta))),
    "yq_delta_backward": (c_int, (c_void_p, POINTER(Delta), POINTER(DeltaGradients))),
    "yq_gated_norm_forward": (c_int, (*_GATED_NORM, c_void_p)),
    "yq_gated_norm_backward": (c_int, (*_GATED_NORM, c_void_p, c_void_p, c_void_p, c_void_p)),
    "yq_norm_forward": (c_int, (*_NORM, c_void_p)),
    "yq_norm_backward": (c_int, (*_NORM, c_void_p, c_void_p, c_void_p)),
    "yq_swiglu_forward": (c_int, (*_SWIGLU, c_void_p)),
    "yq_swiglu_backward": (c_int, (*_SWIGLU, c_void_p, c_void_p, c_void_p)),
}


def _went_well(result: int, *_: Any) -> int:
    if result == NO_MEMORY:
        raise YunqiError("native-memory")
    return result


def _made(result: int | None, *_: Any) -> int:
    if result is None:
        raise YunqiError("native-memory")
    return result


_CHECKS: dict[Any, Any] = {c_int: _went_well, c_void_p: _made}


def path() -> Path:
    """Where the library is or would be; YUNQI_NATIVE names another place."""
    named = os.environ.get("YUNQI_NATIVE")
    if named:
        return Path(named)
    return Path(__file__).parents[2] / "_native" / _NAMES.get(sys.platform, "libyunqi_native.so")


def problem() -> str | None:
    """Why the native core cannot be used here; None where it can."""
    try:
        library()
    except YunqiError as error:
        return str(error.details["reason"])
    return None


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL:
    """The loaded library. Its functions raise `native-memory` where memory or threads run out.

    Raises:
        YunqiError: `native-missing` where it was not built, does not load or belongs to another version.
    """
    file = path()
    if not file.is_file():
        raise YunqiError("native-missing", reason=f"{file} is not there")
    try:
        found = ctypes.CDLL(str(file))
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(found, name)
            function.restype, function.argtypes = result, arguments
            if result in _CHECKS:
                function.errcheck = _CHECKS[result]
    except (OSError, AttributeError) as error:
        raise YunqiError("native-missing", reason=error) from error
    if found.yq_version() != VERSION:
        raise YunqiError("native-missing", reason=f"{file} has version {found.yq_version()}, not {VERSION}")
    return found


def level() -> Level:
    """The instruction sets that its kernels use."""
    return LEVELS[library().yq_level()]


def set_level(name: Level) -> None:
    """Use the kernels of another level, for tests and measurements."""
    if library().yq_set_level(LEVELS.index(name)) != 0:
        raise YunqiError("option-invalid", option="level", value=name, rule=f"This machine has {best_level()} at best.")


def levels() -> list[Level]:
    """Those that this machine can use, the scalar one first."""
    return [name for i, name in enumerate(LEVELS) if library().yq_has_level(i)]


def best_level() -> Level:
    return LEVELS[library().yq_best_level()]


class Team:
    """Threads that compute together."""

    def __init__(self, num_threads: int) -> None:
        self.num_threads = num_threads
        self._library = library()
        self.handle = c_void_p(self._library.yq_team_new(num_threads))

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            self._library.yq_team_free(self.handle)


@lru_cache(maxsize=1)
def default_team() -> Team:
    """One thread for each core that may be used."""
    return Team(allowed_cores())
