"""The mixture of experts: by token, by expert and in tiles it is one function, and in tiles each row keeps its bits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.native import Replayed, pack_linears, require_native
from yunqi.common.errors import YunqiError
from yunqi.layers.linear import PackedLinear
from yunqi.layers.moe import SparseMoE
from yunqi.ops import experts
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext
from yunqi.ops.native import library as native
from yunqi.ops.native.matrix import KINDS, Kind, PackedMatrix

ROUTERS = ("gate", "shared_expert_gate")
Sizes = dict[str, Any]
SIZES = st.fixed_dictionaries(
    {
        "hidden_size": st.integers(1, 40),
        "moe_intermediate_size": st.integers(1, 40),
        "num_experts": st.sampled_from([1, 2, 3, 8, 17, 40]),
        "num_experts_per_tok": st.integers(1, 9),
        "norm_topk_prob": st.booleans(),
        "shared_expert_intermediate_size": st.none() | st.integers(1, 30),
    }
)


def layer(sizes: Sizes, seed: int, dtype: torch.dtype = torch.float32) -> Any:
    sizes = sizes | {"num_experts_per_tok": min(sizes["num_experts_per_tok"], sizes["num_experts"])}
    module = SparseMoE(SimpleNamespace(**sizes))  # pyright: ignore
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=draw) * weight.shape[1] ** -0.5)
    return module.to(dtype)


def rows(count: int, sizes: Sizes, seed: int) -> Tensor:
    return torch.randn(count, sizes["hidden_size"], generator=torch.Generator().manual_seed(seed))


def run(module: Any, x_TD: Tensor, backend: str) -> Tensor:
    return module(x_TD, ForwardContext.training([0, len(x_TD)], backend=backend))  # pyright: ignore


@settings(max_examples=25)
@given(sizes=SIZES, count=st.integers(1, 24), seed=st.integers(0, 999))
def test_all_backends_equal_the_formula(sizes: Sizes, count: int, seed: int) -> None:
    x, up = rows(count, sizes, seed), rows(count, sizes, seed + 1)
    results = []
    for backend in ("naive", "torch", "exact"):
        module, leaf = layer(sizes, seed), x.clone().requires_grad_()
        out = run(module, leaf, backend)
        (out * up).sum().backward()
        assert backend != "torch" or all(weight.grad is not None for weight in module.parameters())
        gradients = [torch.zeros_like(w) if w.grad is None else w.grad for w in module.parameters()]
        results.append([out, leaf.grad, *gradients])
    for wanted, *others in zip(*results, strict=True):
        for found in others:
            torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not hasattr(torch.nn.functional, "grouped_mm"), reason="torch has no product of groups")
@settings(max_examples=10)
@given(
    sizes=st.fixed_dictionaries(
        {
            "hidden_size": st.sampled_from([8, 32]),
            "moe_intermediate_size": st.sampled_from([16, 40]),
            "num_experts": st.sampled_from([1, 3, 8]),
            "num_experts_per_tok": st.integers(1, 3),
            "norm_topk_prob": st.booleans(),
            "shared_expert_intermediate_size": st.none() | st.integers(1, 30),
        }
    ),
    count=st.integers(1, 200),
    seed=st.integers(0, 999),
)
def test_products_of_all_experts_at_once_are_those_of_each(sizes: Sizes, count: int, seed: int) -> None:
    """What a GPU runs; experts that nobody chose have gradients, too."""
    x = rows(count, sizes, seed).bfloat16()
    results = []
    for together in (False, True):
        module, leaf = layer(sizes, seed, torch.bfloat16), x.clone().requires_grad_()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(experts, "_together", lambda *_, together=together: together)
            out = run(module, leaf, "torch")
            (out * x).sum().backward()
        results.append([out, leaf.grad, *(weight.grad for weight in module.parameters())])
    for wanted, found in zip(*results, strict=True):
        assert (found - wanted).abs().max() <= 0.02 * wanted.abs().max()


@settings(max_examples=25)
@given(
    sizes=SIZES, count=st.integers(2, 50), dtype=st.sampled_from([torch.float32, torch.bfloat16]), data=st.data(),
    seed=st.integers(0, 999),
)  # fmt: skip
def test_a_row_keeps_its_bits_in_any_company(
    sizes: Sizes, count: int, dtype: torch.dtype, data: st.DataObject, seed: int
) -> None:
    module, x = layer(sizes, seed, dtype), rows(count, sizes, seed).to(dtype)
    chosen = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=60))
    with torch.inference_mode():
        assert run(module, x[chosen], "exact").equal(run(module, x, "exact")[chosen])


def test_the_weights_of_a_token_are_its_highest_probabilities() -> None:
    """Worked by hand: experts that multiply by 1, 10 and 100, and a router with p = 1/7, 4/7 and 2/7."""
    module: Any = SimpleNamespace(
        gate=lambda x, ctx: torch.tensor([[1.0, 4.0, 2.0]]).log().expand(len(x), 3),
        experts=[lambda x, ctx, times=times: x * times for times in (1, 10, 100)],
        num_experts_per_tok=2,
        norm_topk_prob=False,
        shared_expert=lambda x, ctx: -x,
        shared_expert_gate=lambda x, ctx: torch.zeros(len(x), 1),
    )
    x = torch.tensor([[7.0], [14.0]])
    for backend in ("naive", "torch", "exact"):
        ctx = ForwardContext.training([0, 2], backend=backend)  # pyright: ignore
        for module.norm_topk_prob, times in ((False, 240 / 7), (True, 240 / 6)):
            torch.testing.assert_close(ops.moe(x, module, ctx), x * (times - 0.5))


@pytest.mark.parametrize("backend", ["naive", "torch", "exact"])
def test_the_router_decides_in_float32(backend: str) -> None:
    """Probabilities of 0.49975 and 0.50025, which in bfloat16 would be one number."""
    module: Any = SimpleNamespace(
        gate=lambda x, ctx: torch.tensor([[0.0, 0.001]], dtype=torch.bfloat16).expand(len(x), 2),
        experts=[lambda x, ctx, times=times: x * times for times in (1, 2)],
        num_experts_per_tok=1,
        norm_topk_prob=False,
        shared_expert=None,
        shared_expert_gate=None,
    )
    x = torch.ones(3, 4, dtype=torch.bfloat16)
    out = ops.moe(x, module, ForwardContext.training([0, 3], backend=backend))  # pyright: ignore
    assert out.equal(torch.full_like(x, 1.0))  # twice x, of weight 0.5


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12)
@given(sizes=SIZES, count=st.integers(1, 40), seed=st.integers(0, 999), threads=st.integers(1, 2))
def test_the_core_equals_the_formula(kind: Kind, sizes: Sizes, count: int, seed: int, threads: int) -> None:
    """With the packed weights, and the same choice of experts; each row alone has the bits that it has in company."""
    require_native()
    module, x = pack_linears(layer(sizes, seed), kind, ROUTERS), rows(count, sizes, seed)
    replayed = Replayed(module, sizes["hidden_size"], 40, threads=threads)
    found = replayed(x)
    with torch.inference_mode():
        wanted = run(module, x, "naive")
    rounding = 0.06 if kind in ("int8", "int4") else 1e-5  # activations of quantised products have eight bits
    assert (found - wanted).abs().max() <= rounding * wanted.abs().max() + 1e-6
    for start in (0, count // 2, count - 1):
        assert replayed(x[start : start + 1]).equal(found[start : start + 1])
    assert replayed(x[count // 3 :]).equal(found[count // 3 :])
    assert len(replayed(x[:0])) == 0


def test_many_rows_keep_the_bits_of_one() -> None:
    """More than an expert takes at once, at every level."""
    require_native()
    sizes = {
        "hidden_size": 70,
        "moe_intermediate_size": 150,
        "num_experts": 3,
        "num_experts_per_tok": 2,
        "norm_topk_prob": True,
        "shared_expert_intermediate_size": 40,
    }
    x = rows(130, sizes, 5)
    for kind in KINDS:
        replayed, found = Replayed(pack_linears(layer(sizes, 5), kind), 70, 130), []
        for level in native.levels():
            native.set_level(level)
            found.append(replayed(x))
            assert found[-1].equal(torch.cat([replayed(row[None]) for row in x]))
        assert all(one.equal(found[0]) for one in found)


def test_a_shared_expert_may_be_packed_otherwise() -> None:
    """As in checkpoints that leave it unquantised; routed experts of one layer are alike."""
    require_native()
    sizes = {
        "hidden_size": 64,
        "moe_intermediate_size": 64,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "norm_topk_prob": True,
        "shared_expert_intermediate_size": 30,
    }
    module, x = pack_linears(layer(sizes, 1), "int8", ROUTERS), rows(9, sizes, 1)
    for name in ("gate_proj", "up_proj", "down_proj"):
        plain = layer(sizes, 1).get_submodule(f"shared_expert.{name}").weight.detach()
        setattr(module.shared_expert, name, PackedLinear(PackedMatrix.pack(plain, "float32"), None))
    replayed = Replayed(module, 64, 16)
    found = replayed(x)
    with torch.inference_mode():
        wanted = run(module, x, "naive")
    assert (found - wanted).abs().max() <= 0.03 * wanted.abs().max()
    assert replayed(x[4:5]).equal(found[4:5])
    odd = module.experts[1]
    odd.down_proj = PackedLinear(PackedMatrix.pack(odd.down_proj.weight, "float32"), None)
    with pytest.raises(YunqiError, match="packed in different ways") as caught:
        Replayed(module, 64, 16)
    assert caught.value.code == "native-unsupported"


def test_logits_that_are_no_numbers_choose_experts_all_the_same() -> None:
    require_native()
    sizes = {
        "hidden_size": 8,
        "moe_intermediate_size": 8,
        "num_experts": 5,
        "num_experts_per_tok": 3,
        "norm_topk_prob": True,
        "shared_expert_intermediate_size": None,
    }
    x = rows(3, sizes, 1)
    x[1] = float("nan")
    replayed = Replayed(pack_linears(layer(sizes, 1), "float32"), 8, 3)
    found = replayed(x)
    assert found[1].isnan().all()
    assert found[::2].equal(replayed(x[::2]))
