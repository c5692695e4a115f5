"""Requests in, tokens out. Only `loader` and the `torch_` modules (and `llm` when it builds one) import torch."""
