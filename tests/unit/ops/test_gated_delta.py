"""The recurrent ops: every form equals the naive one, forward and backward, and carries its state on."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.native import Replayed, pack_linears, require_native
from yunqi.common.hybrid import HybridConfig
from yunqi.layers.gated_delta_net import GatedDeltaNetCore, GroupedGatedDeltaNet, SplitGatedDeltaNet
from yunqi.ops import table as ops
from yunqi.ops.context import Backend, ForwardContext, Plan, RecurrentState
from yunqi.ops.native import library as native

HIDDEN = 20
SIZES = {
    "vocab_size": 9,
    "hidden_size": HIDDEN,
    "intermediate_size": 8,
    "num_hidden_layers": 4,
    "num_attention_heads": 1,
    "head_dim": 8,
}
SHAPES = ((2, 6, 5, 7, 4), (3, 3, 8, 4, 2), (1, 2, 16, 16, 4))  # key and value heads, their sizes, width
LENGTHS = [5, 0, 133, 1, 64, 70, 2]
LAYERS = (GroupedGatedDeltaNet, SplitGatedDeltaNet)


def layer_of(shape: tuple[int, ...], layer_class: type[GatedDeltaNetCore], seed: int) -> Any:
    names = ("num_key_heads", "num_value_heads", "key_head_dim", "value_head_dim", "conv_kernel_dim")
    linear = {f"linear_{name}": size for name, size in zip(names, shape, strict=True)}
    layer = layer_class(HybridConfig.from_dict(SIZES | linear), 0)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layer.parameters():
            scale, shift = (0.5, 0.3) if parameter.dim() == 1 else (parameter.shape[-1] ** -0.5, 0.0)
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + shift)
    return layer


def inputs(lengths: list[int], seed: int = 0) -> Tensor:
    return torch.randn(sum(lengths), HIDDEN, generator=torch.Generator().manual_seed(seed))


def near(found: Tensor, wanted: Tensor) -> bool:
    return bool((found - wanted).abs().max() <= 2e-5 * wanted.abs().max())


def trained(layer: Any, x_TD: Tensor, lengths: list[int], backend: Backend) -> dict[str, Tensor]:
    """The output and all gradients of one step."""
    layer.zero_grad()
    leaf = x_TD.clone().requires_grad_()
    out = layer(leaf, None, ForwardContext.training(np.cumsum([0, *lengths]), backend=backend))
    (out.pow(2) * torch.arange(1, HIDDEN + 1)).sum().backward()
    gradients = {"x": leaf.grad, **{name: p.grad for name, p in layer.named_parameters()}}
    return {"out": out.detach()} | {name: x for name, x in gradients.items() if x is not None}


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_form_equals_the_naive_one(shape: tuple[int, ...], layer_class: type[GatedDeltaNetCore]) -> None:
    layer, x_TD = layer_of(shape, layer_class, 1), inputs(LENGTHS)
    wanted = trained(layer, x_TD, LENGTHS, "naive")
    for backend in ("torch", "exact"):
        found = trained(layer, x_TD, LENGTHS, backend)
        assert len(wanted) == 2 + len(list(layer.parameters()))
        assert not {name for name in wanted if not near(found[name], wanted[name])}, backend


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize("backend", ["naive", "torch", "exact"])
def test_packed_is_separate_is_left_padded(backend: Backend, layer_class: type[GatedDeltaNetCore]) -> None:
    """Outputs, and gradients of inputs and parameters. A padded row is zero, as where a mask has zeroed it."""
    layer, lengths = layer_of(SHAPES[0], layer_class, 2), [7, 33, 0, 1, 19, 67]
    x_TD = inputs(lengths)
    together = trained(layer, x_TD, lengths, backend)
    alone: list[dict[str, Tensor]] = []
    padded: list[dict[str, Tensor]] = []
    for start, stop in itertools.pairwise(np.cumsum([0, *(n for n in lengths if n)])):
        pad = max(lengths) + 2 - (stop - start)
        alone.append(trained(layer, x_TD[start:stop], [int(stop - start)], backend))
        found = trained(layer, torch.cat((x_TD.new_zeros(pad, HIDDEN), x_TD[start:stop])), [max(lengths) + 2], backend)
        assert not found["out"][:pad].any()
        padded.append(found | {name: found[name][pad:] for name in ("out", "x")})
    for name, wanted in together.items():
        for apart in (alone, padded):
            parts = [one[name] for one in apart]
            assert near(torch.cat(parts) if name in ("out", "x") else torch.stack(parts).sum(0), wanted), name


class Served:
    """A layer with memory for a few sequences, fed in steps."""

    def __init__(self, layer: Any, num_slots: int, backend: Backend) -> None:
        self.layer = layer
        self.backend: Backend = backend
        kinds = {None: torch.float32, "float32": torch.float32}
        tensors = {
            name: torch.zeros((num_slots, *spec.shape), dtype=kinds[spec.dtype])
            for name, spec in layer.memory_spec.tensors.items()
        }
        self.memory = RecurrentState(tensors=tensors)

    @torch.inference_mode()
    def step(self, parts: dict[int, Tensor], *, padding: int = 0) -> dict[int, Tensor]:
        """Each slot's next tokens -> what the layer makes of them."""
        lengths = [len(x) for x in parts.values()]
        offsets = np.cumsum([0, *lengths]).astype(np.int32)
        ctx = ForwardContext(
            plan=Plan(backend=self.backend, num_tokens=int(offsets[-1]) + padding),
            cu_seqlens=offsets,
            context_lens=np.asarray(lengths, dtype=np.int32),
            state_slots=np.asarray(list(parts), dtype=np.int32),
            memory={0: self.memory},
        )
        first = next(iter(parts.values()))
        x_TD = torch.cat((*parts.values(), first.new_ones(padding, HIDDEN)))
        out = self.layer(x_TD, None, ctx)
        return dict(zip(parts, out[: offsets[-1]].split(lengths), strict=True))


@pytest.mark.parametrize("backend", ["naive", "torch", "exact"])
def test_the_state_carries_on(backend: Backend) -> None:
    """Cut anywhere, in any company: what one step over the whole sequence gives; to the bit where that is promised."""
    layer, length = layer_of(SHAPES[0], SplitGatedDeltaNet, 3), 90
    x_TD, other = inputs([length]), inputs([length], seed=5)
    whole, cut = Served(layer, 3, backend), Served(layer, 3, backend)
    wanted = whole.step({1: x_TD})[1]
    parts = []
    for start, stop in itertools.pairwise([0, 1, 2, 5, 40, 41, 42, 71, length]):
        parts.append(cut.step({2: other[start : start + 3], 1: x_TD[start:stop]}, padding=start % 3)[1])
    states = [(whole.memory.tensors[name][1], cut.memory.tensors[name][1]) for name in ("conv", "delta")]
    for one, two in ((wanted, torch.cat(parts)), *states):
        assert torch.equal(one, two) if backend == "exact" else near(one, two)
    assert not whole.memory.tensors["delta"][[0, 2]].any(), "other slots are left alone"
    assert not cut.memory.tensors["delta"][0].any()


def test_strong_decay_overflows_nothing() -> None:
    """A state that is forgotten at once, and gates at their ends."""
    layer = layer_of(SHAPES[0], GroupedGatedDeltaNet, 4)
    with torch.no_grad():
        layer.A_log.fill_(6.0)
        layer.dt_bias.copy_(torch.linspace(-40, 40, 6))
    x_TD = 30 * inputs([70])
    found = {backend: trained(layer, x_TD, [70], backend) for backend in ("naive", "torch", "exact")}
    assert near(found["torch"]["out"], found["naive"]["out"])
    assert near(found["exact"]["out"], found["naive"]["out"])
    assert all(gradient.isfinite().all() for gradient in found["torch"].values())


def test_the_op_equals_the_reference() -> None:
    from transformers.models.qwen3_next.modeling_qwen3_next import torch_chunk_gated_delta_rule

    layer, generator = layer_of(SHAPES[0], SplitGatedDeltaNet, 6), torch.Generator().manual_seed(7)
    q, k = (torch.randn(77, 2, 5, generator=generator) for _ in range(2))
    v = torch.randn(77, 6, 7, generator=generator)
    b, a = (torch.randn(77, 6, generator=generator) for _ in range(2))
    with torch.no_grad():
        g = -layer.A_log.exp() * torch.nn.functional.softplus(a + layer.dt_bias)
        wanted, _ = torch_chunk_gated_delta_rule(
            *(x[None] for x in (q, k, v, g, b.sigmoid())), use_qk_l2norm_in_kernel=True
        )
        for backend in ("naive", "torch", "exact"):
            ctx = ForwardContext.training([0, 77], backend=backend)
            assert near(ops.gated_delta(q, k, v, b, a, layer, ctx), wanted[0])


def in_core(layer: Any, num_slots: int = 8, threads: int = 1) -> tuple[Replayed, RecurrentState]:
    require_native()
    memory = Served(pack_linears(layer, "float32"), num_slots, "native").memory
    return Replayed(layer, HIDDEN, 300, memory={0: memory}, threads=threads), memory


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize("shape", [*SHAPES, (2, 4, 40, 150, 3), (1, 1, 3, 3, 2)])
def test_the_core_equals_the_naive_one(shape: tuple[int, ...], layer_class: type[GatedDeltaNetCore]) -> None:
    """What comes out and the states left behind, of long and short sequences and of one without tokens."""
    layer = layer_of(shape, layer_class, 8)
    served = Served(layer, 8, "naive")
    parts = {slot: inputs([length], seed=slot) for slot, length in enumerate(LENGTHS, 1)}
    wanted = torch.cat(list(served.step(parts).values()))
    replayed, memory = in_core(layer, threads=2)
    found = replayed(torch.cat(list(parts.values())), LENGTHS, list(parts))
    assert near(found, wanted)
    for name, tensor in memory.tensors.items():
        assert near(tensor, served.memory.tensors[name]), name
    assert not memory.tensors["delta"][[0, 2]].any(), "other slots are left alone"


@pytest.mark.parametrize("shape", [SHAPES[0], (1, 2, 12, 130, 4)])
def test_the_core_carries_the_state_on(shape: tuple[int, ...]) -> None:
    """Cut anywhere, in any company, at every level: the same bits."""
    length = 90
    x_TD, other = inputs([length]), inputs([length], seed=5)
    results = []
    for level in native.levels():
        native.set_level(level)
        layer = layer_of(shape, GroupedGatedDeltaNet, 3)
        (whole, wanted), (cut, memory) = in_core(layer), in_core(layer, threads=2)
        results.append(whole(x_TD))
        parts = []
        for start, stop in itertools.pairwise([0, 1, 2, 5, 40, 41, 42, 71, length]):
            both = torch.cat((other[start : start + 3], x_TD[start:stop]))
            parts.append(cut(both, [len(both) - (stop - start), stop - start], [2, 1])[-(stop - start) :])
        assert torch.cat(parts).equal(results[-1])
        assert all(tensor[1].equal(wanted.tensors[name][1]) for name, tensor in memory.tensors.items())
    assert all(one.equal(results[0]) for one in results)


def test_strong_decay_overflows_nothing_in_the_core() -> None:
    layer = layer_of(SHAPES[0], GroupedGatedDeltaNet, 4)
    with torch.no_grad():
        layer.A_log.fill_(6.0)
        layer.dt_bias.copy_(torch.linspace(-40, 40, 6))
    x_TD = 30 * inputs([70])
    wanted = Served(layer, 2, "naive").step({1: x_TD})[1]
    assert near(in_core(layer)[0](x_TD), wanted)


def test_what_is_computed_outside_an_op_is_not_recorded() -> None:
    """Else a recording would replay stale numbers."""
    require_native()
    layer = layer_of(SHAPES[0], SplitGatedDeltaNet, 4)
    forward = layer.forward
    layer.forward = lambda x, positions, ctx: forward(x + 1, positions, ctx)
    with pytest.raises(AssertionError, match="outside an op"):
        in_core(layer)
