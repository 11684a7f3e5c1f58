"""A provider's file with access: role-per-customer, planned, applied and used: two hops under one name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from gatepass.adapters.secret_ssm import SsmSecrets
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text
from gatepass.domain.kept_secrets import provider_secret_name
from gatepass.domain.register import CustomerName, TeamName
from tests.cli.rights_story import stage, typed
from tests.cli.test_team_commands import ACCESS, AUDIT, REGISTER, SUPPORT, Provider
from tests.conftest import CUSTOMER, PROVIDER

BY_ROLE = REGISTER + "    access: role-per-customer\n"
# The customer trusts exactly the one role, and nobody else of the provider's account.
ONE_ROLE = ACCESS.replace(
    "  support: {", "  support: {principals: [role/gatepass/customers/netops/gatepass-netops.acme-prod], "
)
OWN = f"arn:aws:iam::{PROVIDER}:role/gatepass/customers"
NETOPS = f"{OWN}/netops/gatepass-netops.acme-prod"
AUDITORS = f"{OWN}/auditors/gatepass-auditors.acme-prod"


def keep(provider: Provider, team: str, grant: str, role: str) -> None:
    """Keep in the team's store that the role asks for no second factor."""
    session = boto3.Session(*provider.root, region_name="us-east-1")
    name = provider_secret_name(TeamName(team), CustomerName("acme-prod"), GrantName(grant))
    SsmSecrets(session, "us-east-1").put(name, kept_text(KeptFactor(RoleArn(role), None)))


def credentials(answer: Any) -> tuple[tuple[str, str], str]:  # noqa: ANN401 - boto3's
    found = answer["Credentials"]
    return (found["AccessKeyId"], found["SecretAccessKey"]), found["SessionToken"]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with stage(tmp_path) as cloud:
        (tmp_path / "access.yml").write_text(ONE_ROLE, encoding="utf-8")
        (tmp_path / "customers.yml").write_text(BY_ROLE, encoding="utf-8")
        assert typed("apply --yes --wait 0s", cloud.aws.root_credentials(CUSTOMER)).code == 0
        made = Provider(cloud)
        keep(made, "netops", "support", SUPPORT)
        keep(made, "auditors", "audit", AUDIT)
        yield made


def test_a_team_of_identity_center_alone_is_refused_at_its_line(provider: Provider, tmp_path: Path) -> None:
    text = BY_ROLE.replace("{iam_groups: [NetOps]}", "{identity_center_group: NetOps}")
    (tmp_path / "customers.yml").write_text(text, encoding="utf-8")

    came = typed("plan customers.yml", provider.root)

    assert came.code == 1
    line = text.splitlines().index("    access: role-per-customer") + 1
    assert f"customers.yml:{line}:" in came.text
    assert "has neither an IAM group nor an IAM role" in came.text


def test_the_team_gets_in_by_two_hops_under_its_own_names_and_by_no_other_way(
    provider: Provider, tmp_path: Path
) -> None:
    planned = typed("plan customers.yml", provider.root)
    assert planned.code == 3
    assert "netops: 1 customer by 1 role of their own, +1" in planned.text
    assert "make the role gatepass-netops.acme-prod, which may do nothing yet" in planned.text
    came = typed("apply customers.yml --yes", provider.root)
    assert came.code == 0, came.text
    assert "and every role of ours for one customer (2); nobody but the assigned teams gets in" in came.text
    assert typed("plan customers.yml", provider.root).code == 0

    # Not without a name, not under another, not by another team's role, not past the role, and not as a stranger.
    for keys, role, name in (
        (provider.maria, NETOPS, ""), (provider.maria, NETOPS, "olaf"), (provider.maria, AUDITORS, "maria"),
        (provider.maria, SUPPORT, "maria"), (provider.olaf, NETOPS, "olaf"), (provider.olaf, AUDITORS, "olaf"),
    ):  # fmt: skip
        with pytest.raises(ClientError, match="AccessDenied"):
            provider.enter(keys, role, name)
    keys, token = credentials(provider.enter(provider.maria, NETOPS, "maria"))
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.enter(keys, AUDIT, token=token)
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.enter(keys, SUPPORT, "olaf", token)
    assert provider.enter(keys, SUPPORT, "maria", token)
    keys, token = credentials(provider.enter(provider.olaf, f"arn:aws:iam::{PROVIDER}:role/Auditors", "olaf"))
    keys, token = credentials(provider.enter(keys, AUDITORS, token=token))
    assert provider.enter(keys, AUDIT, token=token)

    # Who goes past the role is refused by the customer too.
    keys = provider.cloud.user(PROVIDER, "eve", '{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}')
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.enter(keys, SUPPORT, "eve")
    provider.iam.delete_user_policy(UserName="eve", PolicyName="work")

    # sudo makes both hops, and the customer's CloudTrail tells the role and the person.
    entered = typed("sudo acme-prod/support --for 8h --ticket ABC-1", provider.maria)
    assert entered.code == 0, entered.text
    assert "as maria until" in entered.text
    assert "one hour at most" in entered.text
    seen: list[Any] = [event for event in provider.cloud.aws.events() if event["eventName"] == "AssumeRole"][-2:]
    assert [event["requestParameters"]["roleArn"] for event in seen] == [NETOPS, SUPPORT]
    assert seen[1]["userIdentity"]["arn"].endswith(":assumed-role/gatepass-netops.acme-prod/maria")
    assert seen[1]["userIdentity"]["sessionContext"]["sourceIdentity"] == "maria"
    refused = typed("sudo acme-prod/audit", provider.maria)
    assert refused.code == 1
    assert "maria gets into no role of account 111122223333 for acme-prod/audit" in refused.text
    assert "it is for: auditors" in refused.text

    # The last customer gone, nothing is left.
    (tmp_path / "customers.yml").write_text(BY_ROLE[: BY_ROLE.index("    teams: {support")], encoding="utf-8")
    came = typed("apply customers.yml --yes --json", provider.root)
    assert [team["lost"] for team in json.loads(came.text)["teams"]] == [[CUSTOMER], [CUSTOMER]]
    assert provider.iam.list_roles(PathPrefix="/gatepass/customers/")["Roles"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.enter(provider.maria, NETOPS, "maria")


def test_a_stranger_who_can_enter_such_a_role_is_found_and_told_in_the_plan_too(provider: Provider) -> None:
    provider.cloud.user(PROVIDER, "eve", f'{{"Effect": "Allow", "Action": "sts:*", "Resource": "{OWN}/*"}}')

    for command in ("plan customers.yml", "apply customers.yml --yes"):
        came = typed(command, provider.root)
        assert came.code == 3
        assert f"- arn:aws:iam::{PROVIDER}:user/eve: {NETOPS}" in came.text
    assert "somebody gets in who is not assigned" in came.text
