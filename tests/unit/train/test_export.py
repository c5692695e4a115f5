"""What training writes others read: transformers loads the folder, and its template renders as our renderer does."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from tests.unit.train import micro
from yunqi.data.conversations import Mix, sample
from yunqi.data.problems.catalogue import SKILLS
from yunqi.engine.loader import load_model
from yunqi.ops.context import ForwardContext
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import Message
from yunqi.train.run import run

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(micro.config(), tmp_path_factory.mktemp("run"), silent=True)


def _as_dict(message: Message) -> dict[str, Any]:
    found = {"role": message.role, "content": message.text}
    calls = [{"type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in message.tool_calls]
    found |= {"tool_calls": calls} if calls else {}
    return found | ({"reasoning_content": message.reasoning_content} if message.reasoning_content else {})


def test_the_template_in_the_folder_renders_as_our_renderer(folder: Path) -> None:
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer = Tokenizer.from_directory(folder)
    ours = NativeRenderer(QWEN3, tokenizer)
    mix = Mix(skills=dict.fromkeys(SKILLS, 1.0), history_share=0.6, system_share=0.4, soft_switch_share=0.3)
    random = Random(0)
    for _ in range(60):
        conversation = sample(mix, "train", random)
        messages = [_as_dict(m) for m in conversation.messages]
        tools = [tool.definition for tool in conversation.tools]
        whole = ours.render(conversation.messages, tools=tools, add_generation_prompt=False)
        assert theirs.apply_chat_template(messages, tools=tools or None, tokenize=False) == whole.text
        prompt = ours.render(conversation.messages[:-1], tools=tools, enable_thinking=conversation.enable_thinking)
        text = theirs.apply_chat_template(
            messages[:-1],
            tools=tools or None,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=conversation.enable_thinking,
        )
        assert text == prompt.text
        assert theirs(text)["input_ids"] == prompt.token_ids


def test_transformers_computes_the_same_logits(folder: Path) -> None:
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ours = load_model(folder, dtype="float32")
    ids = torch.arange(1, 60)
    ctx = ForwardContext.training([0, len(ids)])
    with torch.no_grad():
        wanted = theirs(ids[None]).logits[0]
        found = ours.compute_logits(ours(ids, torch.arange(len(ids)), ctx), ctx)
    assert (wanted - found).abs().max() <= 1e-4 * wanted.abs().max()


def test_weights_are_stored_in_bfloat16(folder: Path) -> None:
    model = load_model(folder, dtype="bfloat16")
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    assert model.lm_head.weight is model.model.embed_tokens.weight
    num_parameters = sum(p.numel() for p in model.parameters())
    assert (folder / "model.safetensors").stat().st_size == pytest.approx(2 * num_parameters, rel=0.1)
