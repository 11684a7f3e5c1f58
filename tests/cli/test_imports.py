"""Commands load what they need and no more; people wait for imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("boto3", "botocore", "pydantic", "ruamel", "rich", "moto", "flask")


@pytest.mark.parametrize(
    ("command", "may_load"),
    [
        (["--help"], ()),
        (["sudo", "--help"], ("boto3", "botocore")),
        (["creds", "--help"], ("boto3", "botocore")),
        (["schema", "customer"], ("boto3", "botocore", "pydantic", "ruamel")),
        (["sandbox", "status"], ()),
    ],
)
def test_a_command_loads_only_its_own_libraries(command: list[str], may_load: tuple[str, ...]) -> None:
    program = (
        "import sys; from gatepass.cli.main import run; run(sys.argv[2:]);"
        "print('loaded:', *(name for name in sys.argv[1].split(',') if name in sys.modules), sep='\\n')"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program, ",".join(HEAVY), *command], check=True, capture_output=True, text=True
    )

    loaded = finished.stdout.partition("loaded:\n")[2].split()
    assert set(loaded) <= set(may_load)
