"""A customer with a workspace on a platform, its provider, and the AWS between them, each at a terminal of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.handover import REGISTER, done
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.platforms.fake.aws import SCALR_ACCOUNT
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.fake.real import terraform_platform
from tests.terraform.runs import HCL

# Where the customer's agents of HCP Terraform run.
AGENTS = "777788889999"
REPOSITORY = "acme/aws-access"
# What Terraform asks AWS for when it keeps roles under /gatepass/; its own role is fenced off by every grant's limits.
RIGHTS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicies", "iam:ListRoles"],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": [
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ],
            "Resource": f"arn:aws:iam::{CUSTOMER}:role/gatepass/*",
        },
    ],
}
OWN = """\
gatepass: customer
version: 1
account: "{account}"
grants:
  platform:
    provider: {provider}
    custom_policy: rights.json
    keeps_roles: true
"""
WORKSPACE = """\
gatepass: workspace
version: 1
platform: {platform}
{where}
workspace: access-{account}
access: repository/access.yml
repository: {{connection: {connection}, identifier: {repository}}}
own_access: platform
"""
_PROFILE = "[{name}]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"


@dataclass
class Scene:
    """Everybody.

    Attributes:
        admin: the customer's administrator, with AWS credentials.
        cron: the same home without AWS credentials: what a nightly job has.
        lead: the provider's access lead.
        engineer: the provider's engineer, who reads the lead's register and her team's second factors.
        platform_account: where the platform itself acts from.
        platform_keys: who it is there.
    """

    cloud: Cloud
    platform: FakePlatform
    admin: Person
    cron: Person
    lead: Person
    engineer: Person
    platform_account: str
    platform_keys: tuple[str, str]

    @property
    def verb(self) -> str:
        """What is typed before the verbs of the platform."""
        return f"gatepass {self.platform.api.value}"

    def carries(self, name: str, *, back: bool = False) -> None:
        """Carry a file from the customer to the provider, or back."""
        if self.lead.home == self.admin.home:
            return
        homes = (self.lead.home, self.admin.home) if back else (self.admin.home, self.lead.home)
        (homes[1] / name).parent.mkdir(exist_ok=True)
        shutil.copy(homes[0] / name, homes[1] / name)

    def enters(self) -> bool:
        """Say whether the engineer gets into the customer's account by name."""
        forgotten = self.engineer.types("gatepass leave --forget")
        assert forgotten.returncode == 0, forgotten.stdout
        return self.engineer.types("gatepass exec acme-prod -- true").returncode == 0


@contextmanager
def scene(api: Api, home: Path, configuration: Path, *, together: bool = False) -> Iterator[Scene]:
    """Return the scene in which the provider's offer is accepted, and nothing of it is in AWS yet.

    Args:
        api: whose platform.
        home: for everybody's homes.
        configuration: the CLI configuration that finds the stand-in for hashicorp/aws.
        together: whether both sides are one company's, at one machine.
    """
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        account = SCALR_ACCOUNT if api is Api.SCALR else AGENTS
        keys = cloud.user(account, "platform", '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}')
        repository = home / "customer" / "repository"
        repository.mkdir(parents=True)
        with terraform_platform(api, aws.endpoint, keys, configuration, {REPOSITORY: repository}) as platform:
            admin = cloud.person(home / "customer", aws.root_credentials(CUSTOMER))
            admin.environment |= on_platform(platform)
            cron = replace(admin, environment=on_platform(platform))
            lead, engineer = _provider(cloud, home, "customer" if together else "provider")
            made = Scene(cloud, platform, admin, cron, lead, engineer, account, keys)
            _accept_offer(made)
            _write_files(made, account)
            yield made


def on_platform(platform: FakePlatform) -> dict[str, str]:
    """Return the environment of somebody with a token."""
    if platform.api is Api.SCALR:
        return {"SCALR_HOSTNAME": platform.host, "SCALR_TOKEN": platform.token, "SCALR_ACCOUNT": platform.owner}
    return {"TFE_HOSTNAME": platform.host, "TFE_TOKEN": platform.token, "TFE_ORGANIZATION": platform.owner}


def _provider(cloud: Cloud, home: Path, name: str) -> tuple[Person, Person]:
    """Return the access lead with keys, register and a verifier, and an engineer."""
    enter = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'
    keeps = '{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}'
    keys = cloud.user(PROVIDER, "lead-1", keeps)
    lead = cloud.person(home / name, keys)
    profiles = {"lead": keys, "gatepass-verifier": cloud.user(PROVIDER, "gatepass-verifier", enter)}
    text = "".join(_PROFILE.format(name=each, key=own[0], secret=own[1]) for each, own in profiles.items())
    (lead.home / "credentials").write_text(text, encoding="utf-8")
    (lead.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    done(lead, "gatepass keys init --name Harbour")
    works = f'{enter}, {{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}}'
    engineer = cloud.person(home / "engineer", cloud.user(PROVIDER, "maria", works))
    engineer.environment["GATEPASS_REGISTER"] = str(lead.home / "customers.yml")
    return lead, engineer


def _accept_offer(scene: Scene) -> None:
    asked = f"--customer-account {CUSTOMER} --grant support --permissions AmazonS3ReadOnlyAccess --reason Backups"
    done(scene.lead, f"gatepass offer acme-prod {asked} --for 90d -o acme.offer.json")
    scene.carries("acme.offer.json", back=True)
    done(scene.admin, "gatepass accept acme.offer.json --file repository/access.yml --yes --trust-key")


def _write_files(scene: Scene, account: str) -> None:
    """Write what the customer writes: the platform's own access, the workspace, and the repository's root module."""
    home, platform = scene.admin.home, scene.platform
    is_scalr = platform.api is Api.SCALR
    (home / "rights.json").write_text(json.dumps(RIGHTS), encoding="utf-8")
    provider = "scalr" if is_scalr else f'"{account}"'
    (home / "own.yml").write_text(OWN.format(account=CUSTOMER, provider=provider), encoding="utf-8")
    workspace = WORKSPACE.format(
        platform=platform.api.value,
        where="environment: aws-access" if is_scalr else "project: aws-access",
        account=CUSTOMER,
        connection=platform.connection.attributes.get("name", platform.connection.id),
        repository=REPOSITORY,
    )
    clock = 'schedule: "0 3 * * *"\n' if is_scalr else ""
    (home / "workspace.yml").write_text(workspace + clock, encoding="utf-8")
    for name in ("passes", "receipts"):
        (home / name).mkdir()
    rendered = f"gatepass render terraform repository/access.yml --for {platform.api.value} -o repository"
    done(scene.admin, rendered)
    modules = "modules/service-provider-access"
    shutil.copytree(HCL / modules, home / "repository" / modules, ignore=shutil.ignore_patterns(".terraform*"))
