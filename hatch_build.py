"""Builds the native core with CMake while the package is installed; without a compiler Yunqi installs without it.

The library lands in `yunqi/_native/`, for an editable install as for a wheel. `yunqi doctor` says whether it is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NativeCore(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [tool for tool in ("cmake", "ninja") if shutil.which(tool) is None]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        try:
            build(root / "native", root / "build" / "native", root)
        except (OSError, subprocess.CalledProcessError) as error:
            if os.environ.get("YUNQI_REQUIRE_NATIVE"):
                raise
            print(f"The native core was not built ({error}); Yunqi will compute with torch alone.", file=sys.stderr)
            return
        build_data["pure_python"], build_data["infer_tag"] = False, False
        build_data["tag"] = f"py3-none-{platform_tag()}"
        build_data["artifacts"].append("yunqi/_native/*")


def build(source: Path, work: Path, target: Path) -> None:
    """Configure, compile and install into `target`."""
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    commands = (
        ["cmake", "-S", str(source), "-B", str(work), "-DCMAKE_BUILD_TYPE=Release", *generator],
        ["cmake", "--build", str(work), "--config", "Release", "--parallel"],
        ["cmake", "--install", str(work), "--config", "Release", "--prefix", str(target)],
    )
    for command in commands:
        subprocess.run(command, check=True, stdout=sys.stderr)


def platform_tag() -> str:
    """One wheel serves every Python of a platform: the core is plain C to it."""
    from packaging.tags import platform_tags

    return next(iter(platform_tags()))
