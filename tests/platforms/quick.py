"""A customer with a workspace on a platform whose runs take no time and touch no AWS."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER
from tests.platforms.fake.execution import Applied, Job, Output, Quick
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.scene import WORKSPACE, on_platform

# A recipient that nobody here can open for.
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
ACCESS = """\
gatepass: customer
version: 1
account: "{account}"
grants:
  support: {{provider: "{provider}", permissions: [SecurityAudit], seal_to: {recipient}}}
  audit: {{provider: "{provider}", permissions: [SecurityAudit], seal_to: {recipient}}}
"""


class RolesOfDoors(Quick):
    """Runs that give out a role for each door of the variable, as the root module does; the repository tells whose."""

    def apply(self, job: Job) -> Applied:
        """Do it."""
        applied = super().apply(job)
        if not applied.resources:
            return applied
        (doors,) = (each.value for each in job.variables if each.key == "doors")
        path = f"arn:aws:iam::{job.repository.rpartition('/')[2]}:role/gatepass/ServiceProvider-{PROVIDER}"
        roles = {name: f"{path}-{name}" for name in json.loads(doors)}
        return Applied({"role_arns": Output(roles, type=["map", "string"])}, len(roles))


def customer(home: Path, platform: FakePlatform, name: str = "workspace.yml", account: str = CUSTOMER) -> Person:
    """Write a customer's files, and return whoever has them and a token, and no AWS credentials."""
    home.mkdir(exist_ok=True)
    folder = home / Path(name).stem
    folder.mkdir()
    access = ACCESS.format(account=account, provider=PROVIDER, recipient=RECIPIENT)
    (folder / "access.yml").write_text(access, encoding="utf-8")
    is_scalr = platform.api is Api.SCALR
    text = WORKSPACE.format(
        platform=platform.api.value,
        where="environment: aws-access" if is_scalr else "project: aws-access",
        account=account,
        connection=platform.connection.attributes.get("name", platform.connection.id),
        repository=f"acme/{account}",
    )
    text = text.replace("repository/access.yml", f"{folder.name}/access.yml").replace("own_access: platform\n", "")
    (home / name).write_text(text, encoding="utf-8")
    return Person(home, on_platform(platform))
