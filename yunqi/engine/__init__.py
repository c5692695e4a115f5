"""Requests in, tokens out.

Only what loads, packs and quantises weights, and the runners (and `llm` when it builds one), import torch.
"""
