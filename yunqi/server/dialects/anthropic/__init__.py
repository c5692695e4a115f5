"""Anthropic's dialect: messages and count_tokens."""
