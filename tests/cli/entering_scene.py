"""A provider's engineer with one registered customer, in an AWS that decides for real, and her installed commands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gatepass.domain.documents import policy
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, Quarantine, kept_text
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import CustomerName, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.sandbox.embedded import EmbeddedAws
from tests.conftest import CUSTOMER, PROVIDER, Cloud

MARKER = "gp1.7KQ2M9XW4T.MARKER"
ROLE = RoleArn(f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support")
REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{iam_groups: [NetOps]}}
customers:
  acme-prod:
    company: acme
    account: "{CUSTOMER}"
    key: 7KQ2M9XW4T
    roles: {{support: {ROLE}}}
    teams: {{support: [netops]}}
"""
_WORK = '{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession", "ssm:GetParameter*"], "Resource": "*"}'


@dataclass
class Engineer:
    """Maria at her machine.

    Attributes:
        environment: what her commands see; change it for what comes.
        printed: everything that her commands said.
    """

    cloud: Cloud
    home: Path
    environment: dict[str, str]
    printed: list[str] = field(default_factory=list)

    def begins(self, *words: str) -> subprocess.Popen[str]:
        """Start gatepass as it is installed."""
        return subprocess.Popen(
            [sys.executable, "-m", "gatepass", *words], cwd=self.home, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run gatepass as it is installed."""
        process = self.begins(*words)
        out, err = process.communicate()
        self.printed += [out, err]
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def runs(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another program of the machine."""
        done = subprocess.run(command, cwd=self.home, env=self.environment, check=False, text=True, capture_output=True)
        self.printed += [done.stdout, done.stderr]
        return done

    def keeps(self, kept: KeptFactor | Quarantine) -> None:
        """Let this lie in the team's store."""
        name = provider_secret_name(TeamName("netops"), CustomerName("acme-prod"), GrantName("support"))
        ssm = self.cloud.client("ssm", self.cloud.aws.root_credentials(PROVIDER))
        ssm.put_parameter(Name=f"/gatepass/{name}", Value=kept_text(kept), Type="SecureString", Overwrite=True)

    def calls(self, name: str) -> int:
        """Return how often AWS was asked for this."""
        return sum(event["eventName"] == name for event in self.cloud.aws.events())

    @property
    def sessions(self) -> Path:
        """The folder of the sessions that are ready."""
        return self.home / "cache" / "gatepass" / "sessions"

    def shorten(self, seconds_left: int) -> None:
        """Let the sessions that are ready end so soon, as if time had passed."""
        import time  # noqa: PLC0415 - beside its use

        for path in self.sessions.glob("session-*"):
            _, rest = path.read_text().split("\n", 1)
            path.write_text(f"{int(time.time()) + seconds_left}\n{rest}")


@contextmanager
def engineer(home: Path) -> Iterator[Engineer]:
    """Return her, in an AWS of her own."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        trusted = {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
        known = {"StringEquals": {"sts:ExternalId": MARKER}}
        trust = policy(
            {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole", "Condition": known},
            {"Effect": "Allow", "Principal": trusted, "Action": ["sts:SetSourceIdentity", "sts:TagSession"]},
        )
        iam = cloud.client("iam", aws.root_credentials(CUSTOMER))
        iam.create_role(Path=ROLE.path, RoleName=str(ROLE.name), AssumeRolePolicyDocument=trust.text)
        may = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
        iam.put_role_policy(RoleName=str(ROLE.name), PolicyName="work", PolicyDocument=may)
        key, secret = cloud.user(PROVIDER, "maria", _WORK)
        (home / "customers.yml").write_text(REGISTER, encoding="utf-8")
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "XDG_CACHE_HOME": str(home / "cache"),
            "AWS_ENDPOINT_URL": aws.endpoint, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
            "GATEPASS_REGISTER": str(home / "customers.yml"), "NO_COLOR": "1",
        }  # fmt: skip
        maria = Engineer(cloud, home, environment)
        maria.keeps(KeptFactor(ROLE, Factor(ExternalId(MARKER))))
        yield maria


def secrets_in(text: str) -> list[str]:
    """Return what must not be shown: external IDs of ours."""
    return re.findall(r"gp1\.[A-Za-z0-9.-]+|MARKER", text)
