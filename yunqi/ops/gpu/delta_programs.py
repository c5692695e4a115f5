"""The gated delta rule token by token, forward and backward, as Triton programs.

A program has one sequence, one value head and a tile of a value's elements: the state's columns change each by
themselves. S sequences, N value heads, M key heads, H the size of a key, P that of a value, BP the tile.
"""

# Triton comes with torch's wheels for a GPU alone, and its language is checked by its own compiler.
# pyright: basic, reportMissingImports=false
# ruff: noqa: SIM102

from __future__ import annotations

import triton
import triton.language as tl

KEPT_EVERY = 32  # tokens between the states that the way back begins again from


@triton.jit
def _changed(state, key, value, write):
    """The state (BH, BP), already decayed, after a token: what it gives for the key moves towards the value (BP)."""
    change = write * (value - tl.sum(state * key[:, None], 0))
    return state + key[:, None] * change[None, :]


@triton.jit
def forward(
    q, k, v, g, beta, initial, offsets, chunks, out, last, kept,
    N: tl.constexpr, M: tl.constexpr, H: tl.constexpr, P: tl.constexpr, BH: tl.constexpr, BP: tl.constexpr,
    EVERY: tl.constexpr, KEEP: tl.constexpr,
):  # fmt: skip
    """q, k (T, M, H) float32, v (T, N, P), g the logarithm of the decay and beta (T, N) float32, initial (S, N, H, P)
    float32, offsets (S+1) of tokens -> out (T, N, P) and last (S, N, H, P); with KEEP also the states before each
    sequence's tokens 0, EVERY, 2 EVERY, ..., kept (J, N, H, P), a sequence's from `chunks` (S+1) on."""
    # 64 bits: the states of a long step have more elements than 32 bits count.
    sequence, head, tile = tl.program_id(0).to(tl.int64), tl.program_id(1), tl.program_id(2)
    start, stop = tl.load(offsets + sequence).to(tl.int64), tl.load(offsets + sequence + 1).to(tl.int64)
    chunk = tl.load(chunks + sequence).to(tl.int64)
    rows, columns = tl.arange(0, BH), tile * BP + tl.arange(0, BP)
    inside = (rows < H)[:, None] & (columns < P)[None, :]
    where = ((sequence * N + head) * H + rows)[:, None] * P + columns[None, :]
    state = tl.load(initial + where, mask=inside, other=0.0)
    key_head = head // (N // M)
    for token in range(start, stop):
        if KEEP:  # decided when it is compiled, so apart from what is decided as it runs
            if (token - start) % EVERY == 0:
                at = chunk + (token - start) // EVERY
                place = ((at * N + head) * H + rows)[:, None] * P + columns[None, :]
                tl.store(kept + place, state, mask=inside)
        key = tl.load(k + (token * M + key_head) * H + rows, mask=rows < H, other=0.0)
        query = tl.load(q + (token * M + key_head) * H + rows, mask=rows < H, other=0.0)
        value = tl.load(v + (token * N + head) * P + columns, mask=columns < P, other=0.0).to(tl.float32)
        decay, write = tl.exp(tl.load(g + token * N + head)), tl.load(beta + token * N + head)
        state = _changed(state * decay, key, value, write)
        given = tl.sum(state * query[:, None], 0)
        tl.store(out + (token * N + head) * P + columns, given.to(out.dtype.element_ty), mask=columns < P)
    tl.store(last + where, state, mask=inside)


@triton.jit
def backward(
    q, k, v, g, beta, kept, offsets, chunks, slots, scratch,
    dout, dq, dk, dv, dg, dbeta, T,
    N: tl.constexpr, M: tl.constexpr, H: tl.constexpr, P: tl.constexpr, BH: tl.constexpr, BP: tl.constexpr,
    EVERY: tl.constexpr,
):  # fmt: skip
    """dout (T, N, P) -> dv (T, N, P), and for each tile its part of dq and dk (tiles, T, N, H), dg and dbeta
    (tiles, T, N). The states of at most EVERY tokens of a sequence are worked out again at a time, into `scratch`
    (rows, N, tiles, BH, BP), a sequence's from `slots` (S+1) on."""
    # 64 bits: the states of a long step have more elements than 32 bits count.
    sequence, head, tile = tl.program_id(0).to(tl.int64), tl.program_id(1), tl.program_id(2)
    start, stop = tl.load(offsets + sequence).to(tl.int64), tl.load(offsets + sequence + 1).to(tl.int64)
    chunk = tl.load(chunks + sequence).to(tl.int64)
    rows, columns = tl.arange(0, BH), tile * BP + tl.arange(0, BP)
    inside = (rows < H)[:, None] & (columns < P)[None, :]
    key_head = head // (N // M)
    tiles = tl.num_programs(2)
    line = (tl.load(slots + sequence).to(tl.int64) * N + head) * tiles + tile
    own = scratch + line * BH * BP + rows[:, None] * BP + tl.arange(0, BP)[None, :]
    stride = N * tiles * BH * BP  # from the state of a token to that of the next
    dstate = tl.zeros((BH, BP), dtype=tl.float32)
    count = (stop - start + EVERY - 1) // EVERY
    for behind in range(0, count):
        part = count - 1 - behind
        first = start + part * EVERY
        end = tl.minimum(first + EVERY, stop)
        place = (((chunk + part) * N + head) * H + rows)[:, None] * P + columns[None, :]
        state = tl.load(kept + place, mask=inside, other=0.0)
        for token in range(first, end):
            tl.store(own + (token - first) * stride, state)
            key = tl.load(k + (token * M + key_head) * H + rows, mask=rows < H, other=0.0)
            value = tl.load(v + (token * N + head) * P + columns, mask=columns < P, other=0.0).to(tl.float32)
            decay, write = tl.exp(tl.load(g + token * N + head)), tl.load(beta + token * N + head)
            state = _changed(state * decay, key, value, write)
        tl.debug_barrier()
        for back in range(0, end - first):
            token = end - 1 - back
            key = tl.load(k + (token * M + key_head) * H + rows, mask=rows < H, other=0.0)
            query = tl.load(q + (token * M + key_head) * H + rows, mask=rows < H, other=0.0)
            value = tl.load(v + (token * N + head) * P + columns, mask=columns < P, other=0.0).to(tl.float32)
            given = tl.load(dout + (token * N + head) * P + columns, mask=columns < P, other=0.0).to(tl.float32)
            decay, write = tl.exp(tl.load(g + token * N + head)), tl.load(beta + token * N + head)
            before = tl.load(own + (token - first) * stride) * decay
            missing = value - tl.sum(before * key[:, None], 0)
            change = write * missing
            after = before + key[:, None] * change[None, :]
            dquery = tl.sum(after * given[None, :], 1)
            dstate = dstate + query[:, None] * given[None, :]
            dchange = tl.sum(dstate * key[:, None], 0)
            dmissing = write * dchange
            dkey = tl.sum(dstate * change[None, :] - before * dmissing[None, :], 1)
            dstate = dstate - key[:, None] * dmissing[None, :]
            line = (tile.to(tl.int64) * T + token) * N + head
            tl.store(dq + line * H + rows, dquery, mask=rows < H)
            tl.store(dk + line * H + rows, dkey, mask=rows < H)
            tl.store(dv + (token * N + head) * P + columns, dmissing.to(dv.dtype.element_ty), mask=columns < P)
            tl.store(dbeta + line, tl.sum(dchange * missing, 0))
            tl.store(dg + line, tl.sum(tl.sum(dstate * before, 1), 0))
            dstate = dstate * decay
        tl.debug_barrier()
