"""The session that docs/engineer.md shows: how it is played, and how it is compared.

``python -m tests.cli.engineer_page`` writes today's output into the page; a test compares it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import CustomerName, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.local_store import local_store

PAGE = Path(__file__).parents[2] / "docs" / "engineer.md"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"
ID = "gp1.7KQ2M9XW4T.DOCUMENTEDCODEDOCUMENTEDCO"
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
_BLOCK = re.compile(r"(<!-- session: begin -->\n```\n).*?(```\n<!-- session: end -->)", re.DOTALL)
# What differs in every run: clocks, keys, links, folders.
_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?Z"), "2026-11-22 08:00:00Z"),
    (re.compile(r"\d\d:\d\d:\d\dZ"), "09:00:00Z"),
    (re.compile(r"\b\d+ (min|s)\b|\b\d+m\b"), "59 min"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), r"\1EXAMPLEEXAMPLE00"),
    (re.compile(r"(SigninToken=)\S+"), r"\1..."),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://signin.aws.amazon.com"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


def settled(text: str, home: Path) -> str:
    """Return what was printed without what differs in every run."""
    text = text.replace(str(home), "~")
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text


def shown() -> str:
    """Return the session that the page shows."""
    found = _BLOCK.search(PAGE.read_text(encoding="utf-8"))
    return found[0].removeprefix(found[1]).removesuffix(found[2]) if found else ""


def commands(block: str) -> list[str]:
    """Return what is typed in the session."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def played(typed: list[str], home: Path) -> str:
    """Play the commands against the sandbox, and return the session with today's output."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        engineer = _engineer(cloud, home)
        lines = []
        for command in typed:
            first, _, second = command.partition(" 2>&1 | ")
            words, _, source = first.partition(" < ")
            stdin = (home / source).read_text(encoding="utf-8") if source else ""
            printed = engineer.types(words, stdin).stdout
            printed = engineer.types(second, printed).stdout if second else printed
            lines += [f"$ {command}", settled(printed, home).rstrip(), ""]
        return "\n".join(lines).rstrip() + "\n"


def _engineer(cloud: Cloud, home: Path) -> Person:
    keys = cloud.user(PROVIDER, "maria", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
    (home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    (home / "keys.txt").write_text(
        f"export AWS_ACCESS_KEY_ID={keys[0]}\nexport AWS_SECRET_ACCESS_KEY={keys[1]}\n", encoding="utf-8"
    )
    name = provider_secret_name(TeamName("netops"), CustomerName("acme-prod"), GrantName("support"))
    local_store(home).put(name, kept_text(KeptFactor(RoleArn(ROLE), Factor(ExternalId(ID)))))
    _role(cloud)
    return Person(home, {"AWS_ENDPOINT_URL": cloud.aws.endpoint, "GATEPASS_STORE": "file"})


def _role(cloud: Cloud) -> None:
    customer = cloud.aws.root_credentials(CUSTOMER)
    who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}}
    trust = [
        {**who, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": ID}}},
        {**who, "Action": ["sts:SetSourceIdentity", "sts:TagSession"]},
    ]
    looks = {"Effect": "Allow", "Action": ["s3:List*", "iam:ListAccountAliases"], "Resource": "*"}
    iam = cloud.client("iam", customer)
    name = ROLE.rsplit("/", 1)[1]
    iam.create_role(RoleName=name, Path="/gatepass/", AssumeRolePolicyDocument=_policy(*trust))
    iam.put_role_policy(RoleName=name, PolicyName="look", PolicyDocument=_policy(looks))
    iam.create_account_alias(AccountAlias="acme-production")
    cloud.client("s3", customer).create_bucket(Bucket="acme-invoices")


def _policy(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _lines() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield played(commands(shown()), Path(folder))


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    (session,) = _lines()
    PAGE.write_text(_BLOCK.sub(lambda found: found[1] + session + found[2], text), encoding="utf-8")
