"""`qwen.tiktoken` (one base64 token and its rank per line) as a byte-pair backend.

A rank file names tokens, not merges. The merge that made a token is what byte-pair encoding leaves of it when only
lower ranks may merge: exactly two parts.
"""

from __future__ import annotations

import base64
import binascii
from itertools import pairwise
from pathlib import Path

from tokenizers import Tokenizer, models

from yunqi.common.errors import YunqiError
from yunqi.processing.vocabulary import QWEN3_ADDED, Added, append_added, byte_alphabet, byte_level_bpe


def read_ranks(path: str | Path) -> dict[bytes, int]:
    """The tokens of a rank file, in rank order. Raises `tokenizer-unreadable`."""
    ranks: dict[bytes, int] = {}
    try:
        for line in Path(path).read_bytes().splitlines():
            if line:
                token, rank = line.split()
                ranks[base64.b64decode(token, validate=True)] = int(rank)
    except (OSError, ValueError, binascii.Error) as error:
        raise YunqiError("tokenizer-unreadable", file=path, reason=error) from error
    if sorted(ranks.values()) != list(range(len(ranks))) or any(bytes([byte]) not in ranks for byte in range(256)):
        raise YunqiError("tokenizer-unreadable", file=path, reason="its ranks are not complete")
    return dict(sorted(ranks.items(), key=lambda item: item[1]))


def from_tiktoken(path: str | Path, added: tuple[Added, ...] = QWEN3_ADDED) -> Tokenizer:
    """The backend of a rank file with `added` after it. Raises `tokenizer-unreadable`."""
    ranks = read_ranks(path)
    alphabet = byte_alphabet()
    names = {token: "".join(alphabet[byte] for byte in token) for token in ranks}
    merges: list[tuple[str, str]] = []
    for token, rank in ranks.items():
        if len(token) == 1:
            continue
        parts = _split_below(token, rank, ranks)
        if len(parts) != 2:
            raise YunqiError("tokenizer-unreadable", file=path, reason=f"no two tokens make up the one of rank {rank}")
        merges.append((names[parts[0]], names[parts[1]]))
    model = models.BPE(vocab={names[token]: rank for token, rank in ranks.items()}, merges=merges)
    backend = byte_level_bpe(model)
    append_added(backend, added)
    return backend


def _split_below(token: bytes, limit: int, ranks: dict[bytes, int]) -> list[bytes]:
    """Byte-pair encoding of `token` with the merges below rank `limit`."""
    parts = [token[place : place + 1] for place in range(len(token))]
    while len(parts) > 2:
        found = [ranks.get(left + right, limit) for left, right in pairwise(parts)]
        best = min(found)
        if best >= limit:
            break
        place = found.index(best)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts
