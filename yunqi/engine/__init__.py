"""Requests in, tokens out. Only `loader` and `torch_runner` (and `llm` when it builds one) import torch."""
