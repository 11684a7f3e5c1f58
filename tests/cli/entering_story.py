"""A customer with two doors, one that asks for no second factor, and the provider's engineer before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

OPEN = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-open"
LOCKED = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-locked"
ACCESS = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  open: {{provider: "{PROVIDER}", permissions: [AmazonS3FullAccess], second_factor: none, session: 2h}}
  locked: {{provider: "{PROVIDER}", permissions: [AmazonS3FullAccess]}}
"""
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
    roles: {{support: {OPEN}}}
    teams: {{support: [netops]}}
  acme-test:
    company: acme
    account: "777788889999"
    key: 8KQ2M9XW4T
    roles: {{support: "arn:aws:iam::777788889999:role/gatepass/ServiceProvider-{PROVIDER}-support"}}
    teams: {{support: [netops]}}
"""
# What it allows beyond the role, the role still refuses.
NARROW = {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "iam:ListUsers"], "Resource": "*"}


@dataclass(frozen=True)
class Scene:
    """The two sides.

    Attributes:
        keys: the engineer's own.
    """

    cloud: Cloud
    keys: tuple[str, str]

    def engineer(self, home: Path, **environment: str) -> Person:
        """Return the provider's engineer, who keeps second factors in a private file."""
        person = self.cloud.person(home, self.keys)
        person.environment.update({"GATEPASS_STORE": "file", **environment})
        text = json.dumps({"Version": "2012-10-17", "Statement": NARROW})
        (home / "narrow.json").write_text(text, encoding="utf-8")
        return person

    def external_id(self) -> str:
        """Return the second factor of the locked door."""
        iam = self.cloud.client("iam", self.cloud.aws.root_credentials(CUSTOMER))
        trust = iam.get_role(RoleName=LOCKED.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
        (found,) = {
            value
            for statement in trust["Statement"]
            for value in [statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")]
            if value
        }
        return str(found)

    def last_entry(self) -> dict[str, object]:
        """Return the last request to enter one of the customer's roles, as the customer's CloudTrail keeps it."""
        trail = self.cloud.client("cloudtrail", self.cloud.aws.root_credentials(CUSTOMER))
        wanted = [{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}]
        (event, *_) = trail.lookup_events(LookupAttributes=wanted)["Events"]
        asked: dict[str, object] = json.loads(event["CloudTrailEvent"])["requestParameters"]
        return asked


@contextmanager
def entering_scene(home: Path) -> Iterator[Scene]:
    """Let the customer grant both doors."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        keys = cloud.user(PROVIDER, "netops-1", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
        (home / "access.yml").write_text(ACCESS, encoding="utf-8")
        applied = cloud.administrator(home).types("gatepass apply access.yml --yes --wait 0s")
        assert applied.returncode == 0, applied.stdout
        yield Scene(cloud, keys)


def chained(scene: Scene, home: Path, source_identity: str | None) -> Person:
    """Return somebody whose own credentials are a session of a role of the provider's."""
    iam = scene.cloud.client("iam", scene.cloud.aws.root_credentials(PROVIDER))
    name = f"Engineers-{home.name[:40]}"
    whoever = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}, "Action": json.loads(ENTER)}
    enters = {"Effect": "Allow", "Action": json.loads(ENTER), "Resource": "*"}
    trust, policy = (json.dumps({"Version": "2012-10-17", "Statement": each}) for each in (whoever, enters))
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="enters", PolicyDocument=policy)
    sts = scene.cloud.client("sts", scene.keys)
    carried = {"SourceIdentity": source_identity} if source_identity else {}
    found = sts.assume_role(RoleArn=arn, RoleSessionName="laptop", **carried)["Credentials"]
    person = scene.engineer(home, AWS_SESSION_TOKEN=found["SessionToken"])
    person.environment |= {"AWS_ACCESS_KEY_ID": found["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"]}
    return person
