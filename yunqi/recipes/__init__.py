"""Recipes: named runs as plain functions that return a config, and `run_recipe`, which carries one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yunqi.recipes.run import run_recipe as run_recipe

__all__ = ["run_recipe"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'yunqi.recipes' has no attribute {name!r}")
    from yunqi.recipes.run import run_recipe

    return run_recipe
