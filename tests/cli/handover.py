"""A customer's administrators and a provider's access lead at their terminals, for the tests of both."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

OTHER = "777788889999"
ACCESS = """\
gatepass: customer
version: 1
account: "{account}"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3FullAccess, IAMFullAccess]
    {more}
"""
REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{iam_groups: [NetOps]}}
customers: {{}}
"""
EXTERNAL_ID = re.compile(r"gp1\.[A-Z0-9]+\.[A-Z0-9]+")
ROLE_NAME = f"ServiceProvider-{PROVIDER}-support"
SECRET = "/gatepass/netops/acme-prod/support"


@dataclass
class Stage:
    """Two customers' administrators, and the provider's access lead with a verifier and a stranger."""

    cloud: Cloud
    acme: Person
    other: Person
    lead: Person
    recipient: str

    def applies(self, person: Person, account: str, more: str = "session: 1h") -> None:
        """Let the customer's administrator make the role."""
        text = ACCESS.format(account=account, more=more)
        (person.home / "access.yml").write_text(text, encoding="utf-8")
        done(person, "gatepass apply --yes --wait 0s")

    def hands_over(self, person: Person, name: str = "acme.pass") -> None:
        """Let the administrator write a pass, and carry it to the access lead."""
        (person.home / name).unlink(missing_ok=True)
        done(person, f"gatepass pass support -o {name} --seal-to {self.recipient}")
        shutil.copy(person.home / name, self.lead.home / name)

    def admits(self, words: str = "--name acme-prod --team support=netops", name: str = "acme.pass") -> str:
        return done(self.lead, f"gatepass admit {name} {words} --yes")

    def iam(self, account: str = CUSTOMER) -> Any:  # noqa: ANN401 - boto3's
        return self.cloud.client("iam", self.cloud.aws.root_credentials(account))

    def opens_to_anybody(self) -> None:
        """Let somebody in the customer's account take the external ID out of the trust, by hand."""
        trust = self.iam().get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
        for statement in trust["Statement"]:
            statement.pop("Condition", None)
        self.iam().update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=json.dumps(trust))

    def kept(self, name: str = SECRET) -> str | None:
        """Return what the teams' store holds, as somebody else would read it."""
        ssm = self.cloud.client("ssm", self.cloud.aws.root_credentials(PROVIDER))
        found = ssm.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
        return str(found[0]["Value"]) if found else None

    def probes(self) -> list[dict[str, Any]]:
        """Return every attempt to enter that the customers' log tells of."""
        return [event for event in self.cloud.aws.events() if event["eventName"] == "AssumeRole"]

    def customers(self) -> str:
        return (self.lead.home / "customers.yml").read_text(encoding="utf-8")


def done(person: Person, command: str) -> str:
    finished = person.types(command)
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


def refused(person: Person, command: str, words: str, code: int = 1) -> str:
    finished = person.types(command)
    assert finished.returncode == code, finished.stdout
    assert words in finished.stdout, finished.stdout
    assert "Traceback" not in finished.stdout
    return finished.stdout


def handover(cloud: Cloud, tmp_path: Path) -> Stage:
    """Return the stage with the first customer's role applied and its pass handed over."""
    enter = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'
    keep = '{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}'
    lead = cloud.person(tmp_path / "lead", cloud.user(PROVIDER, "lead-1", keep))
    profiles = {
        "gatepass-verifier": cloud.user(PROVIDER, "gatepass-verifier", enter),
        "helpdesk": cloud.user(PROVIDER, "helpdesk-1", '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'),
        "netops": cloud.user(PROVIDER, "netops-1", enter),
        "elsewhere": cloud.user(OTHER, "gatepass-verifier", enter),
    }
    text = "".join(
        f"[{name}]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"
        for name, (key, secret) in profiles.items()
    )
    (lead.home / "credentials").write_text(text, encoding="utf-8")
    (lead.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    shown = done(lead, "gatepass keys init --name Harbour --json")
    other = cloud.person(tmp_path / "other", cloud.aws.root_credentials(OTHER))
    stage = Stage(cloud, cloud.administrator(tmp_path / "acme"), other, lead, re.findall(r"age1[a-z0-9]{58}", shown)[0])
    stage.applies(stage.acme, CUSTOMER)
    stage.hands_over(stage.acme)
    return stage
