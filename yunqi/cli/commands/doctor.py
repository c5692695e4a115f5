"""`yunqi doctor`: what this machine is, what is missing, and the remedy."""

from __future__ import annotations

import dataclasses

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import columns, say, say_json


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Check the machine and the installation. Exits with 1 where something needed is missing."""
    from yunqi.cli.diagnosis import diagnose

    checks = list(diagnose())
    complete = not any(check.level == "missing" for check in checks)
    if as_json:
        say_json({"complete": complete, "checks": [dataclasses.asdict(check) for check in checks]})
    else:
        for line in columns([(check.name, check.value) for check in checks]):
            say(line)
        concerns = [check for check in checks if check.remedy]
        say("\nNothing is missing." if not concerns else "")
        for check in concerns:
            say(f"{check.level}: {check.name}: {check.remedy}", bold=check.level == "missing")
    return 0 if complete else 1
