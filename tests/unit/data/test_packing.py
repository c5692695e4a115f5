"""Packing: nothing lost, nothing cut, nothing across a border; the loss sees the assistant's tokens and no others."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.conversations import Conversation, Mix, sample
from yunqi.data.packing import Example, fill_windows, pack
from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.rendering import ConversationEncoder
from yunqi.data.stream import Phase, Stream
from yunqi.processing.build import train_bpe
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.processing.chat.thoughts import STOP_SENTENCE
from yunqi.protocol.messages import Message

MIX = Mix(skills=dict.fromkeys(SKILLS, 1.0), history_share=0.3, soft_switch_share=0.2, system_share=0.2)


@st.composite
def examples(draw) -> list[Example]:
    found = []
    for size in draw(st.lists(st.integers(3, 60), max_size=40)):
        start = draw(st.integers(1, size - 2))
        end = draw(st.integers(start + 1, size))
        found.append(Example(ids=tuple(range(100, 100 + size)), loss_start=start, loss_end=end))
    return found


@given(found=examples(), num_windows=st.integers(1, 5))
def test_packing_keeps_every_example_whole(found: list[Example], num_windows: int) -> None:
    rows = fill_windows(found, num_windows=num_windows, window=64)
    batch = pack(rows, window=64, pad_id=0)
    packed = [example for row in rows for example in row]
    assert batch.num_tokens == num_windows * 64
    assert batch.num_examples == len(packed)
    assert batch.longest == max((len(e.ids) for e in packed), default=0)
    assert batch.num_loss_tokens == sum(e.loss_end - e.loss_start for e in packed)
    borders = batch.cu_seqlens.tolist()
    assert borders[0] == 0
    assert borders[-1] == batch.num_tokens
    sequences = [batch.ids[a:b].tolist() for a, b in pairwise(borders)]
    assert [s for s in sequences if any(s)] == [list(e.ids) for e in packed]
    for a, b in pairwise(borders):
        assert a // 64 == (b - 1) // 64, "a sequence crosses its window"
        assert batch.positions[a:b].tolist() == list(range(b - a))


@given(found=examples())
def test_targets_are_the_next_tokens_of_the_span(found: list[Example]) -> None:
    rows = fill_windows(found, num_windows=3, window=64)
    batch = pack(rows, window=64, pad_id=0)
    assert np.array_equal(batch.ids[batch.loss_rows + 1], batch.targets)
    wanted = [token for row in rows for e in row for token in e.ids[e.loss_start : e.loss_end]]
    assert batch.targets.tolist() == wanted


@given(found=examples(), cut=st.integers(0, 4))
def test_rows_split_a_batch_without_loss(found: list[Example], cut: int) -> None:
    batch = pack(fill_windows(found, num_windows=4, window=64), window=64, pad_id=0)
    parts = [part for part in (batch.rows(0, cut), batch.rows(cut, 4)) if part.num_tokens]
    assert np.array_equal(np.concatenate([p.ids for p in parts]), batch.ids)
    assert np.array_equal(np.concatenate([p.targets for p in parts]), batch.targets)
    for part in parts:
        assert np.array_equal(part.ids[part.loss_rows + 1], part.targets)
        assert part.cu_seqlens[0] == 0
        assert part.cu_seqlens[-1] == part.num_tokens


@pytest.fixture(scope="module")
def encoder() -> ConversationEncoder:
    alphabet = train_bpe((), 256 + 26)
    plain = ConversationEncoder(NativeRenderer(QWEN3, alphabet), alphabet)
    random = Random(0)
    tokenizer = train_bpe((plain.text(sample(MIX, "train", random)) for _ in range(200)), 400)
    return ConversationEncoder(NativeRenderer(QWEN3, tokenizer), tokenizer)


def _pad_id(encoder: ConversationEncoder) -> int:
    assert encoder.tokenizer.pad_id is not None
    return encoder.tokenizer.pad_id  # never in a conversation


def _stream(encoder: ConversationEncoder, seed: int = 0) -> Stream:
    phases = (
        Phase(name="text", until=0.5, window=256, mix=MIX, loss_on="text"),
        Phase(name="answers", until=1.0, window=512, mix=MIX),
    )
    return Stream(phases=phases, encode=encoder, pad_id=_pad_id(encoder), tokens_per_step=2048, steps=4, seed=seed)


def test_a_batch_depends_on_seed_and_step_alone(encoder: ConversationEncoder) -> None:
    stream = _stream(encoder)
    later = stream.batch(2)
    assert np.array_equal(stream.batch(2).ids, later.ids)
    assert not np.array_equal(stream.batch(3).ids, later.ids)
    assert not np.array_equal(_stream(encoder, seed=1).batch(2).ids, later.ids)
    assert (stream.batch(1).window, stream.batch(2).window) == (256, 512)


def test_a_truncated_thought_ends_in_the_stop_sentence_and_only_the_answer_counts(encoder: ConversationEncoder) -> None:
    mix = dataclasses.replace(MIX, thinking_share=1.0, truncated_share=1.0)
    random, tokenizer = Random(2), encoder.tokenizer
    for _ in range(40):
        conversation = sample(mix, "train", random)
        thought = conversation.messages[-1].reasoning_content or ""
        example = encoder(conversation)
        before = tokenizer.decode(list(example.ids[: example.loss_start]), skip_special_tokens=False)
        counted = tokenizer.decode(list(example.ids[example.loss_start : example.loss_end]), skip_special_tokens=False)
        assert before.endswith(STOP_SENTENCE)
        kept = before.removesuffix(STOP_SENTENCE).rsplit("<think>", 1)[1]
        assert f"\n{thought}\n".startswith(kept)
        assert "<think>" not in counted
        assert counted.endswith("<|im_end|>")
        assert counted.removesuffix("<|im_end|>").startswith(conversation.messages[-1].text)


def test_pretraining_counts_every_token_but_each_first(encoder: ConversationEncoder) -> None:
    batch = _stream(encoder).batch(0)
    firsts = int((batch.positions == 0).sum())
    padding = int((batch.ids == _pad_id(encoder)).sum())
    newlines = batch.num_examples  # behind each end token, which nobody has to write
    paddings = firsts - batch.num_examples
    assert batch.num_loss_tokens == batch.num_tokens - padding - batch.num_examples - newlines
    assert paddings <= batch.num_tokens // batch.window
    assert _stream(encoder).batch(2).num_loss_tokens < 0.8 * batch.num_tokens


def test_windows_are_well_filled(encoder: ConversationEncoder) -> None:
    batch = _stream(encoder).batch(0)
    assert (batch.ids != _pad_id(encoder)).mean() > 0.85


def test_the_loss_covers_thought_answer_and_end_token(encoder: ConversationEncoder) -> None:
    messages = (
        Message(role="user", content="2 + 3"),
        Message(role="assistant", content="5"),
        Message(role="user", content="What is 4 + 4?"),
        Message(role="assistant", content="The answer is 8.", reasoning_content="4+4=8"),
    )
    assert _counted(encoder, messages, thinking=True) == "<think>\n4+4=8\n</think>\n\nThe answer is 8.<|im_end|>"


def test_the_empty_thought_belongs_to_the_prompt(encoder: ConversationEncoder) -> None:
    messages = (Message(role="user", content="2 + 3"), Message(role="assistant", content="The answer is 5."))
    assert _counted(encoder, messages, thinking=False) == "The answer is 5.<|im_end|>"


def test_a_soft_switch_makes_the_model_write_the_empty_thought(encoder: ConversationEncoder) -> None:
    messages = (Message(role="user", content="2 + 3 /no_think"), Message(role="assistant", content="The answer is 5."))
    assert _counted(encoder, messages, thinking=True) == "<think>\n\n</think>\n\nThe answer is 5.<|im_end|>"


def _counted(encoder: ConversationEncoder, messages: tuple[Message, ...], *, thinking: bool) -> str:
    example = encoder(Conversation(messages=messages, enable_thinking=thinking))
    return encoder.tokenizer.decode(example.ids[example.loss_start : example.loss_end])


@given(seed=st.integers(0, 2**32))
def test_the_prompt_of_an_example_is_what_serving_renders(encoder: ConversationEncoder, seed: int) -> None:
    conversation = sample(MIX, "train", Random(seed))
    example = encoder(conversation)
    options = {"tools": conversation.tools, "enable_thinking": conversation.enable_thinking}
    prompt = encoder.renderer.render(conversation.messages[:-1], **options)
    assert list(example.ids[: example.loss_start]) == prompt.token_ids
    assert example.ids[example.loss_end - 1] == encoder.tokenizer.im_end_id
