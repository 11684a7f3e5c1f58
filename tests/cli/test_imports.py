"""Commands load what they need and no more; people wait for imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from gatepass.domain.identifiers import ExternalId, GrantName
from gatepass.domain.kept_factor import KeptFactor, kept_text
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import CustomerName, TeamName
from gatepass.domain.sealed_factors import Factor
from tests.cli.entering_scene import MARKER, ROLE, Engineer, engineer
from tests.local_store import local_store

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


# What may be loaded while somebody waits: everything else costs more than the work itself.
BARE = ("gc", "__future__", "gatepass", "gatepass.adapters", "gatepass.adapters.warm_answers", "gatepass.fast", "time")
PROMPT = (
    *BARE,
    "gatepass.adapters.prompt_label",
    "gatepass.adapters.terminal",
    "gatepass.render",
    "gatepass.render.prompt_segment",
)
COLD_MAY_NOT = (
    *HEAVY, "click", "http", "http.client", "email", "urllib3", "urllib.request", "ssl", "logging", "argparse", "inspect",
    "secrets", "random", "difflib", "gatepass.adapters.provider_file", "gatepass.domain.packing",
    "gatepass.domain.grant", "gatepass.domain.permission_sets", "gatepass.usecases.explain_refusal",
)  # fmt: skip
LOADED = """
import os
import sys
before = set(sys.modules)
from gatepass.fast import main
os._exit = sys.exit
try:
    main()
except SystemExit as leaving:
    code = leaving.code
names = set(sys.modules) - before
# A module that is put off stands there and is not loaded.
print("", code, *(name for name in names if type(sys.modules[name]).__name__ != "PutOff"), sep="\\n", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def maria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engineer]:
    with engineer(tmp_path_factory.mktemp("maria")) as found:
        yield found


def loaded(maria: Engineer, *words: str) -> set[str]:
    """Return what a command loads beyond what Python has loaded before it begins."""
    done = maria.runs(sys.executable, "-c", LOADED, *words)
    said, code, names = done.stderr.partition("\n0\n")
    assert code, said
    return set(names.split())


def test_ready_credentials_and_the_prompt_load_next_to_nothing(maria: Engineer) -> None:
    """Nobody makes the hot path slower without changing this list."""
    maria.types("credential-process", "acme-prod")
    maria.types("sudo", "acme-prod")

    assert loaded(maria, "credential-process", "acme-prod") <= set(BARE)
    assert loaded(maria, "prompt", "--shell", "bash") <= set(PROMPT)


@pytest.mark.parametrize("words", [("credential-process", "acme-prod"), ("sudo", "acme-prod")])
def test_entering_loads_neither_boto3_nor_the_command_line(maria: Engineer, words: tuple[str, ...]) -> None:
    maria.types("sudo", "acme-prod")
    maria.types("leave", "--forget")
    entered = maria.calls("AssumeRole")

    names = loaded(maria, *words)

    assert maria.calls("AssumeRole") == entered + 1
    assert "gatepass.usecases.enter_role" in names
    assert not names & set(COLD_MAY_NOT)


def test_entering_from_the_local_store_loads_no_keyring_and_no_passphrase(maria: Engineer) -> None:
    """Either takes longer than everything else; the key of a store that was made with nothing set up is in a file."""
    name = provider_secret_name(TeamName("netops"), CustomerName("acme-prod"), GrantName("support"))
    local_store(maria.home).put(name, kept_text(KeptFactor(ROLE, Factor(ExternalId(MARKER)))))
    maria.types("sudo", "acme-prod")
    maria.types("leave", "--forget")
    maria.environment["GATEPASS_STORE"] = "file"
    try:
        names = loaded(maria, "sudo", "acme-prod")
    finally:
        del maria.environment["GATEPASS_STORE"]

    assert "cryptography.hazmat.primitives.ciphers.aead" in names
    assert not names & {*COLD_MAY_NOT, "keyring", "getpass", "tempfile", "sqlite3"}
