"""`python -m yunqi` is the `yunqi` command."""

from __future__ import annotations

from yunqi.cli.main import main

if __name__ == "__main__":
    main()
