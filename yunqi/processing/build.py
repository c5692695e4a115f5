"""Train a small tokenizer of Qwen's kind: byte-level pairs, NFC, single digits, Qwen's added tokens at the end."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import models, pre_tokenizers, trainers

from yunqi.common.errors import YunqiError
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import ENDOFTEXT, IM_END, QWEN3_ADDED, append_added, byte_level_bpe


def train_bpe(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """A tokenizer of at most `vocab_size` tokens; fewer where the texts hold no more pairs. Deterministic.

    Raises:
        YunqiError: `option-invalid` where `vocab_size` does not hold the 256 bytes and the added tokens.
    """
    num_pairs = vocab_size - len(QWEN3_ADDED)
    if num_pairs < 256:
        rule = f"It is at least {256 + len(QWEN3_ADDED)}: the bytes and the added tokens."
        raise YunqiError("option-invalid", option="vocab_size", value=vocab_size, rule=rule)
    backend = byte_level_bpe(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=num_pairs, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    backend.train_from_iterator(texts, trainer)
    append_added(backend, QWEN3_ADDED)
    ids = backend.get_vocab()
    return Tokenizer(backend, eos_ids=(ids[ENDOFTEXT], ids[IM_END]), pad_id=ids[ENDOFTEXT])
