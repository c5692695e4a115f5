from __future__ import annotations

import time
from typing import Any

import pytest

from yunqi.common.errors import YunqiError
from yunqi.processing.chat import ChatRenderer, renderer_for, sandbox
from yunqi.processing.tokenizer import Tokenizer

ASK = {"role": "user", "content": "Hi"}
TURNS = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"


def renderer(template: str, tokenizer: Tokenizer) -> ChatRenderer:
    found = renderer_for(Tokenizer(tokenizer.backend, chat_template=template, token_texts={"bos_token": "<s>"}))
    assert found is not None
    return found


def text(template: str, tokenizer: Tokenizer, **options: Any) -> str:
    return renderer(template, tokenizer).render([ASK], **options).text


def test_the_names_that_templates_rely_on(small: Tokenizer) -> None:
    assert text("{{ bos_token }}{{ {'b': 'é<', 'a': [1]} | tojson }}", small) == '<s>{"b": "é<", "a": [1]}'
    assert text("{{ [1] | tojson(indent=2) }}", small) == "[\n  1\n]"
    assert len(text("{{ strftime_now('%Y') }}", small)) == 4
    assert text("{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", small) == "1"
    assert text("a{% generation %}b{{ 1 }}{% endgeneration %}c", small) == "ab1c"
    assert text("  {% if tools %}\n  T\n  {% endif %}\nend", small) == "end"
    assert text("{{ tools[0].function.name }}", small, tools=[{"name": "f"}]) == "f"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ raise_exception('no system role.') }}", "no system role"),
        ("{% for %}", "expression"),
        ("{{ messages[0].content + 1 }}", "concatenate"),
        ("{{ messages.append(1) }}", "append"),
        ("{{ ''.__class__.__mro__ }}", "__class__"),
        ("{{ 'a' * 999999999 }}", "too large"),
        ("{{ 10 ** 999999999 }}", "too large"),
        ("{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}", "too much"),
        ("{% for i in range(999999999) %}{% endfor %}", "too big"),
    ],
)
def test_bad_templates_fail_with_a_sentence(template: str, reason: str, small: Tokenizer) -> None:
    with pytest.raises(YunqiError, match=reason) as caught:
        text(template, small)
    assert caught.value.code == "template-failed"


def test_slow_templates_are_stopped(small: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.1)
    start = time.monotonic()
    with pytest.raises(YunqiError, match="too long"):
        text("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", small)
    assert time.monotonic() - start < 5


def test_thinking_is_read_from_the_generation_prompt(small: Tokenizer) -> None:
    always = TURNS + "{% if add_generation_prompt %}<|im_start|>assistant\n<think>{% endif %}"
    hybrid = TURNS + (
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking %}<think>\n{% else %}"
        "<think>\n\n</think>\n\n{% endif %}{% endif %}"
    )
    plain = TURNS + "{% if add_generation_prompt %}<|im_start|>assistant!\n{% endif %}"
    states = {"always": always, "hybrid": hybrid, "none": plain}
    for mode, template in states.items():
        assert renderer(template, small).mode == mode
    assert renderer(always, small).render([ASK]).thinking == "open"
    found = [renderer(hybrid, small).render([ASK], enable_thinking=on).thinking for on in (None, True, False)]
    assert found == ["off", "open", "off"]
    assert renderer(plain, small).render([{"role": "user", "content": "<think>"}]).thinking == "off"


def test_messages_come_in_the_form_templates_expect(small: Tokenizer) -> None:
    template = (
        "{% for m in messages %}[{{ m.role }}:{{ m.content + '' }}:{{ m.reasoning_content }}"
        "{% for c in m.tool_calls %}:{{ c.function.name }}{% for k, v in c.function.arguments|items %}{{ k }}{{ v }}"
        "{% endfor %}{% endfor %}]{% endfor %}"
    )
    call = {"function": {"name": "f", "arguments": '{"a": 1}'}}
    empty = {"function": {"name": "g", "arguments": ""}}
    messages = [
        {"role": "developer", "content": [{"type": "text", "text": "S"}]},
        {"role": "assistant", "content": None, "reasoning": "Hm", "tool_calls": [call, empty]},
    ]
    assert renderer(template, small).render(messages).text == "[system:S:][assistant::Hm:fa1:g]"


def test_the_final_message_can_be_continued(small: Tokenizer) -> None:
    messages = [ASK, {"role": "assistant", "content": "It is "}]
    rendered = renderer(TURNS + "!", small).render(messages, continue_final_message=True)
    assert rendered.text == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nIt is "
    with pytest.raises(YunqiError, match="continue"):
        renderer("nothing", small).render(messages, continue_final_message=True)


def test_a_tokenizer_without_chat_tokens_uses_its_template(small: Tokenizer) -> None:
    from yunqi.processing.vocabulary import byte_level_bpe

    bare = Tokenizer(byte_level_bpe(small.backend.model))
    rendered = renderer("{% for m in messages %}{{ m.content }}\n{% endfor %}", bare).render([ASK])
    assert (rendered.text, rendered.stable_lengths) == ("Hi\n", ())
    assert renderer_for(bare, architecture="Qwen3ForCausalLM") is None
