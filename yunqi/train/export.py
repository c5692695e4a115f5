"""A trained model as a folder in the official layout, which transformers and every other reader load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yunqi.common.files import write_json, write_text
from yunqi.engine.loader import save_model
from yunqi.processing.chat.own import qwen3_template
from yunqi.processing.tokenizer import Tokenizer


def export(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Write config.json, model.safetensors (bfloat16), the tokenizer, its template and generation_config.json."""
    save_model(model, folder, dtype="bfloat16")
    tokenizer.save(folder)
    write_text(folder / "chat_template.jinja", qwen3_template())
    write_json(
        folder / "generation_config.json",
        {
            "do_sample": False,  # a worked sum has one right next digit
            "max_new_tokens": 1024,  # far more than any thought it was taught
            "eos_token_id": sorted(tokenizer.eos_ids),
            "pad_token_id": tokenizer.pad_id,
        },
    )
