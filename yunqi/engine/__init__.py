"""Requests in, tokens out. Only `loader`, `packing` and the runners (and `llm` when it builds one) import torch."""
