"""The facts every Qwen tokenizer shares: the split rule, the byte alphabet and the added tokens.

A control token ("special") is hidden by `skip_special_tokens`; the tags of thoughts, tools and code infilling are added
tokens but not special, because parsers need to see them.
"""

from __future__ import annotations

from typing import NamedTuple

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

ENDOFTEXT, IM_START, IM_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
TOOL_CALL_OPEN, TOOL_CALL_CLOSE = "<tool_call>", "</tool_call>"

# Contractions | one other sign and letters | a single digit | a space and signs and line ends | white space.
SPLIT_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Added(NamedTuple):
    """A token beside the byte pairs; `special` ones are control tokens."""

    text: str
    special: bool


_CONTROL = (
    *(ENDOFTEXT, IM_START, IM_END),
    *("<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>"),
    *("<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
)
_VISIBLE = (
    *(TOOL_CALL_OPEN, TOOL_CALL_CLOSE),
    *("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
    *("<tool_response>", "</tool_response>", THINK_OPEN, THINK_CLOSE),
)

QWEN3_ADDED = tuple(Added(text, True) for text in _CONTROL) + tuple(Added(text, False) for text in _VISIBLE)
QWEN7B_ADDED = tuple(Added(t, True) for t in (ENDOFTEXT, IM_START, IM_END, *(f"<|extra_{i}|>" for i in range(205))))


def byte_alphabet() -> dict[int, str]:
    """The printable character that stands for each byte in a byte-level vocabulary (GPT-2's map)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(printable)]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


def byte_level_bpe(model: models.BPE) -> Tokenizer:
    """A backend with Qwen's normalisation, split and byte level around `model`."""
    backend = Tokenizer(model)
    backend.normalizer = normalizers.NFC()
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT_PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    backend.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    return backend


def append_added(backend: Tokenizer, added: tuple[Added, ...]) -> None:
    """Give each token of `added` the next free id, in order."""
    for token in added:
        entry = AddedToken(token.text, special=token.special, normalized=False)
        (backend.add_special_tokens if token.special else backend.add_tokens)([entry])
