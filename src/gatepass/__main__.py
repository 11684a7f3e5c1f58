"""Run the command line: ``python -m gatepass``."""

from __future__ import annotations

from gatepass.fast import main

if __name__ == "__main__":
    main()
