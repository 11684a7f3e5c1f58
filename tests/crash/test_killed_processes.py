"""Real commands, killed by the kernel in the middle of a known call, and typed again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatepass.sandbox.memory.faults import FaultKind
from tests.crash.customer import ADMINISTRATOR, Customer
from tests.crash.scenarios import SCENARIOS
from tests.crash.trial import Trial
from tests.people import CUSTOMER, OTHER_PROVIDER, PROVIDER

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

FILE = """
gatepass: customer
version: 1
account: "{account}"
naming: {{org: HIO}}
grants:
  support: {{provider: "{provider}", permissions: [{permission}], session: {session}}}
"""
OWN = FILE.format(account=CUSTOMER, provider=PROVIDER, permission="Storage", session="1h")
OTHERS = FILE.format(account=CUSTOMER, provider=OTHER_PROVIDER, permission="Audit", session="4h")
CLOSE, OPEN, APPLY = "close support --wait 0s", "open support", "apply access.yml --yes --wait 0s"
BEFORE, AFTER = FaultKind.HANG_BEFORE, FaultKind.HANG_AFTER


@dataclass(frozen=True)
class Death:
    """A command that dies while it waits for the answer to a call.

    Attributes:
        scenario: what the command does, by its name in the table.
        kind: whether the call has its effect.
    """

    scenario: str
    command: str
    kind: FaultKind
    call: str
    file: str = OWN

    def __str__(self) -> str:
        """Return what the test is called."""
        return f"{self.scenario} {self.kind.value} {self.call}".replace(" ", "-")


DEATHS = (
    Death("close", CLOSE, BEFORE, "PutRolePolicy"),
    Death("close", CLOSE, AFTER, "PutRolePolicy"),
    Death("open", OPEN, AFTER, "UpdateAssumeRolePolicy"),
    Death("apply: another provider, longer sessions", APPLY, AFTER, "UpdateAssumeRolePolicy", OTHERS),
    Death("apply: another provider, longer sessions", APPLY, BEFORE, "AttachRolePolicy", OTHERS),
    Death("rotate", "rotate support --overlap 24h", AFTER, "UpdateAssumeRolePolicy"),
    Death("withdraw", "withdraw support --yes", AFTER, "DeleteRolePolicy"),
)


@pytest.mark.parametrize("death", DEATHS, ids=str)
def test_a_command_that_is_killed_can_be_typed_again(customer: Customer, death: Death, tmp_path: Path) -> None:
    trial = Trial(customer, next(each for each in SCENARIOS if each.name == death.scenario))
    assert trial.calm.after != trial.before
    (tmp_path / "access.yml").write_text(death.file, encoding="utf-8")
    customer.aws.stage_fault(death.kind, death.call, principal=ADMINISTRATOR)

    with typed(customer, tmp_path, death.command) as killed:
        assert customer.aws.wait_until_held(), killed.communicate()[0]
        trial.judge("while it waits")
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    customer.aws.clear_faults()

    trial.judge("killed")
    with typed(customer, tmp_path, death.command) as again:
        said, _ = again.communicate()
    assert again.returncode == 0, said
    assert trial.settled() == trial.calm.after


def typed(customer: Customer, home: Path, command: str) -> subprocess.Popen[str]:
    """Start a command as the administrator."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": customer.aws.endpoint,
        "AWS_ACCESS_KEY_ID": customer.keys[0],
        "AWS_SECRET_ACCESS_KEY": customer.keys[1],
        "NO_COLOR": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "gatepass", *command.split()],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home, env=environment,
    )  # fmt: skip
