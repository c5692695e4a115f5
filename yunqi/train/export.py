"""A trained model as a folder in the official layout, which transformers and every other reader load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yunqi.common.files import write_json, write_text
from yunqi.engine.loader import save_model
from yunqi.processing.tokenizer import Tokenizer

# The hybrid chat format in the template language, for readers that have no renderer of their own: system, user and
# assistant turns; thoughts only after the last question; the empty thought where thinking is switched off.
CHAT_TEMPLATE = """\
{%- set place = namespace(query=-1) -%}
{%- for message in messages -%}
{%- if message.role == 'user' -%}{%- set place.query = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{%- for message in messages -%}
{%- set content = message.content if message.content is string else '' -%}
{%- if message.role == 'assistant' -%}
{%- set thought = message.reasoning_content if message.reasoning_content is string else '' -%}
{%- if not thought and '</think>' in content -%}
{%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') -%}
{%- set content = content.split('</think>')[-1].lstrip('\\n') -%}
{%- endif -%}
{{- '<|im_start|>assistant\\n' -}}
{%- if loop.index0 > place.query and (loop.last or thought) -%}
{{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') -}}
{%- else -%}
{{- content -}}
{%- endif -%}
{{- '<|im_end|>\\n' -}}
{%- else -%}
{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\\n' -}}
{%- if enable_thinking is defined and enable_thinking is false -%}{{- '<think>\\n\\n</think>\\n\\n' -}}{%- endif -%}
{%- endif -%}
"""


def export(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Write config.json, model.safetensors (bfloat16), the tokenizer, its template and generation_config.json."""
    save_model(model, folder, dtype="bfloat16")
    tokenizer.save(folder)
    write_text(folder / "chat_template.jinja", CHAT_TEMPLATE)
    write_json(
        folder / "generation_config.json",
        {
            "do_sample": False,  # a worked sum has one right next digit
            "eos_token_id": sorted(tokenizer.eos_ids),
            "pad_token_id": tokenizer.pad_id,
        },
    )
