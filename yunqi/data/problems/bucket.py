"""The place of a problem among a hundred, by the hash of its canonical form; the first ones stay out of training."""

from __future__ import annotations

from hashlib import blake2b

HELD_OUT_PERCENT = 15


def bucket(skill: str, canonical: str) -> int:
    """From 0 to 99, the same in every run."""
    digest = blake2b(f"{skill}|{canonical}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 100


def held_out(skill: str, canonical: str) -> bool:
    return bucket(skill, canonical) < HELD_OUT_PERCENT
