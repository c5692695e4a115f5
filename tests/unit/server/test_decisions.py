"""What the server decides before the engine sees a request: thinking, keys, addresses, signatures, billing lines."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.common.errors import YunqiError
from yunqi.protocol.messages import Message
from yunqi.protocol.requests import ModelCard, Origin
from yunqi.server.access import check_address, is_loopback, keys_from
from yunqi.server.billing import strip_billing
from yunqi.server.bodies import parse
from yunqi.server.config import ThinkingPolicy
from yunqi.server.dialects.anthropic import reading as anthropic
from yunqi.server.dialects.anthropic.wire import MessagesBody
from yunqi.server.dialects.openai.reading import chat_request
from yunqi.server.dialects.openai.wire import ChatBody
from yunqi.server.signature import check, installation_secret, sign
from yunqi.server.thinking import EFFORTS, Wish, decide

CARD = ModelCard(name="nano", max_model_len=4096, created=1, thinking="hybrid")
PLAIN = ModelCard(name="plain", max_model_len=4096, created=1)
ASK = [{"role": "user", "content": "hi"}]
SECRET = b"s" * 32


def openai(card: ModelCard = CARD, policy: ThinkingPolicy | None = None, **fields: Any) -> tuple[Any, Any, bool]:
    body = ChatBody.model_validate({"messages": ASK, **fields})
    asked = chat_request(body, card, policy or ThinkingPolicy(), Origin())
    return asked.enable_thinking, asked.params.thinking_budget, asked.preserve_thinking


def messages(card: ModelCard = CARD, policy: ThinkingPolicy | None = None, **fields: Any) -> tuple[Any, Any, bool]:
    body = MessagesBody.model_validate({"messages": ASK, "max_tokens": 4000, **fields})
    asked = anthropic.chat_request(body, card, policy or ThinkingPolicy(), Origin(), SECRET)
    return asked.enable_thinking, asked.params.thinking_budget, asked.preserve_thinking


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, (None, None, False)),
        ({"enable_thinking": False}, (False, None, False)),
        ({"enable_thinking": True}, (True, None, False)),
        ({"thinking_budget": 20}, (True, 20, False)),
        ({"thinking_token_budget": 20}, (True, 20, False)),
        ({"thinking_budget": 0}, (False, None, False)),
        ({"enable_thinking": False, "thinking_budget": 0}, (False, None, False)),
        ({"reasoning_effort": "none"}, (False, None, False)),
        ({"reasoning_effort": "low"}, (True, EFFORTS["low"], False)),
        ({"reasoning_effort": "max"}, (True, None, False)),
        ({"reasoning_effort": "high", "thinking_budget": 7}, (True, 7, False)),
        ({"chat_template_kwargs": {"enable_thinking": False}}, (False, None, False)),
        ({"chat_template_kwargs": {"preserve_thinking": True}}, (None, None, True)),
        ({"preserve_thinking": True}, (None, None, True)),
    ],
)
def test_openai_thinking_fields(fields: dict[str, Any], wanted: object) -> None:
    assert openai(**fields) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, (False, None, False)),
        ({"thinking": {"type": "disabled"}}, (False, None, False)),
        ({"thinking": {"type": "enabled", "budget_tokens": 30}}, (True, 30, False)),
        ({"thinking": {"type": "adaptive"}}, (True, None, False)),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, (True, 1024, False)),
        ({"output_config": {"effort": "high"}}, (False, None, False)),
        ({"thinking_budget": 9}, (True, 9, False)),
    ],
)
def test_anthropic_thinking_fields(fields: dict[str, Any], wanted: object) -> None:
    assert messages(**fields) == wanted


@pytest.mark.parametrize(
    "fields",
    [
        {"enable_thinking": False, "thinking_budget": 5},
        {"enable_thinking": True, "thinking_budget": 0},
        {"enable_thinking": True, "chat_template_kwargs": {"enable_thinking": False}},
        {"thinking_budget": 5, "thinking_token_budget": 6},
        {"reasoning_effort": "none", "thinking_budget": 5},
        {"reasoning_effort": "low", "enable_thinking": False},
        {"max_tokens": 5, "max_completion_tokens": 6},
        {"reasoning_effort": "much"},
        {"response_format": {"type": "json_schema"}},
        {"top_logprobs": 3},
        {"tool_choice": "required"},
        {"tool_choice": {"type": "function", "function": {"name": "add"}}},
    ],
)
def test_contradictions_of_openai_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(YunqiError):
        openai(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"thinking": {"type": "enabled"}},
        {"thinking": {"type": "enabled", "budget_tokens": 0}},
        {"thinking": {"type": "enabled", "budget_tokens": 4000}},
        {"thinking": {"type": "disabled"}, "enable_thinking": True},
        {"thinking": {"type": "disabled", "budget_tokens": 5}},
        {"tool_choice": {"type": "any"}},
        {"tools": [{"name": "a", "input_schema": {}}], "tool_choice": {"type": "tool", "name": "b"}},
        {"messages": [{"role": "assistant", "content": [{"type": "thinking", "thinking": "x", "signature": "y"}]}]},
        {"messages": [{"role": "assistant", "content": [{"type": "thinking", "thinking": "x"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "tool_use", "id": "1", "name": "a", "input": {}}]}]},
    ],
)
def test_contradictions_of_anthropic_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(YunqiError):
        messages(**fields)


@given(budget=st.none() | st.integers(0, 9000), default=st.none() | st.integers(1, 9000), cap=st.integers(1, 9000))
def test_no_request_thinks_beyond_the_cap(budget: int | None, default: int | None, cap: int) -> None:
    wish = Wish(budget=(("thinking_budget", budget),))
    decision = decide(wish, CARD, ThinkingPolicy(default_budget=default, cap=cap))
    assert decision.enable is False or (decision.budget is not None and decision.budget <= cap)
    if budget:
        assert decision.budget == min(budget, cap)


def test_the_servers_own_wishes_spare_models_without_thoughts() -> None:
    policy = ThinkingPolicy(default_budget=5, cap=9)
    assert openai(PLAIN, policy)[:2] == (None, None)
    assert openai(CARD, policy)[:2] == (None, 5)
    assert openai(CARD, policy, enable_thinking=False)[:2] == (False, None)


def test_turns_and_tools_of_anthropic_become_messages() -> None:
    thought = "40 + 2"
    body = MessagesBody.model_validate(
        {
            "max_tokens": 100,
            "system": [
                {"type": "text", "text": "x-anthropic-billing-header: a=1;"},
                {"type": "text", "text": "Be brief."},
            ],
            "messages": [
                {"role": "user", "content": "Add."},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": thought, "signature": sign(SECRET, thought)},
                        {"type": "text", "text": "Let me see."},
                        {"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 40, "b": 2}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "42"}]},
                        {"type": "text", "text": "Well?"},
                    ],
                },
            ],
            "tools": [{"name": "add", "description": "Add.", "input_schema": {"type": "object"}}],
        }
    )
    asked = anthropic.chat_request(body, CARD, ThinkingPolicy(), Origin(), SECRET)
    assert [(m.role, m.text) for m in asked.messages] == [
        ("system", "Be brief."),
        ("user", "Add."),
        ("assistant", "Let me see."),
        ("tool", "42"),
        ("user", "Well?"),
    ]
    assert asked.messages[2].reasoning_content == thought
    assert asked.messages[2].tool_calls[0].arguments == {"a": 40, "b": 2}
    assert asked.tools[0].definition["function"] == {
        "name": "add",
        "description": "Add.",
        "parameters": {"type": "object"},
    }


def test_tools_are_shown_as_they_were_sent() -> None:
    tool = {"function": {"parameters": {}, "more": 1, "name": "add"}, "type": "function"}
    body = parse(
        ChatBody,
        b'{"messages": [{"role": "user", "content": "x"}], "tools": [' + str(tool).replace("'", '"').encode() + b"]}",
    )
    asked = chat_request(body, CARD, ThinkingPolicy(), Origin())
    assert list(asked.tools[0].definition["function"]) == ["parameters", "more", "name"]


@pytest.mark.parametrize(
    ("system", "kept"),
    [
        ("x-anthropic-billing-header: cc_version=1; cch=abc;\nBe brief.", "Be brief."),
        ("x-anthropic-billing-header: a\nX-Anthropic-Billing-Header: b\n\nBe brief.", "Be brief."),
        ("Be brief.\nx-anthropic-billing-header: a", "Be brief.\nx-anthropic-billing-header: a"),
        ("x-anthropic-billing-header: a", None),
    ],
)
def test_billing_lines_at_the_head_are_stripped(system: str, kept: str | None) -> None:
    user = Message(role="user", content="hi")
    found = strip_billing((Message(role="system", content=system), user))
    assert [m.text for m in found] == ([kept, "hi"] if kept else ["hi"])


def test_a_signature_belongs_to_its_thought() -> None:
    check(SECRET, "well", sign(SECRET, "well"))
    for secret, thought, signature in (
        (SECRET, "Well", sign(SECRET, "well")),
        (b"o" * 32, "well", sign(SECRET, "well")),
    ):
        with pytest.raises(YunqiError):
            check(secret, thought, signature)


def test_the_installation_keeps_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "server" / "secret"
    secret = installation_secret(path)
    assert installation_secret(path) == secret
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_keys_come_from_the_environment_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# two keys\nfirst-key-1\n\nsecond-key\n", encoding="utf-8")
    assert keys_from("from-environment", file) == ("from-environment", "first-key-1", "second-key")
    assert keys_from(None, None) == ()
    file.write_text("short\n", encoding="utf-8")
    for wrong in (file, tmp_path / "missing", tmp_path):
        with pytest.raises(YunqiError):
            keys_from(None, wrong)


def test_a_comment_may_be_indented(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("  # an-old-key\n  first-key-1  \n", encoding="utf-8")
    assert keys_from(None, file) == ("first-key-1",)


@pytest.mark.parametrize(
    ("own", "line", "blamed"), [("short", "long-enough", "YUNQI_API_KEY"), (None, "short", "keys")]
)
def test_a_bad_key_is_blamed_on_its_source(tmp_path: Path, own: str | None, line: str, blamed: str) -> None:
    file = tmp_path / "keys"
    file.write_text(f"good-enough\n{line}\n", encoding="utf-8")
    with pytest.raises(YunqiError) as caught:
        keys_from(own, file)
    assert str(caught.value.details["source"]).endswith(blamed)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"])
def test_this_machine_needs_no_key(host: str) -> None:
    assert is_loopback(host)
    check_address(host, ())


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.168.1.4", "example.org", "localhost.example.org"])
def test_other_addresses_need_a_key(host: str) -> None:
    with pytest.raises(YunqiError, match="no API key"):
        check_address(host, ())
    check_address(host, ("a-long-enough-key",))
