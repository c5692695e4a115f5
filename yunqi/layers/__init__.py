"""Shared blocks that families are wired from. They hold parameters; the arithmetic is in `yunqi.ops`."""
