"""Try the wheel in a clean environment, alone and with the sandbox: ``make dist``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path


def main(folder: Path) -> None:
    """Install the one wheel in the folder as a stranger would, and run it.

    Raises:
        CalledProcessError: it does not install or run.
    """
    (wheel,) = folder.glob("gatepass-*.whl")
    constraints = Path("constraints.txt").resolve()
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = Path(place) / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(constraints)]
        subprocess.run([*install, str(wheel)], check=True)
        gatepass = python.with_name("gatepass")
        subprocess.run([str(gatepass), "--version"], check=True)
        without = subprocess.run([str(gatepass), "sandbox", "start"], check=False, capture_output=True, text=True)
        if without.returncode != 1 or "gatepass[sandbox]" not in without.stderr:
            sys.exit(f"without the extra, sandbox must say what to install; it said: {without.stderr}")
        subprocess.run([*install, f"{wheel}[sandbox]"], check=True)
        subprocess.run([str(gatepass), "demo", "--json"], check=True, stdout=subprocess.DEVNULL)
    print(f"{wheel.name} installs and plays the demo in a clean environment")  # noqa: T201 - printing is the purpose


if __name__ == "__main__":
    main(Path(sys.argv[1]))
