"""What the policies of ``render guardrail`` let through, by the decision engine."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from gatepass.decision.evaluate import Decision, Level, Policies, decide
from gatepass.decision.outcome import Stage
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.request import Principal, Request, context, principal, service_principal
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import AccountId, GrantName, Partition, PolicyArn, RoleName
from gatepass.render.guardrail import (
    LARGEST_CONTROL_POLICY,
    Declared,
    administrator_pattern,
    control_policy_text,
    declared,
    organization_id,
    resource_control_policy,
    service_control_policy,
)

ORGANIZATION = "o-a1b2c3d4e5"
CUSTOMER, PROVIDER, STRANGER, COLLEAGUE = "444455556666", "111122223333", "777788889999", "555566667777"
BOUNDARY = f"arn:aws:iam::{CUSTOMER}:policy/PartnerBoundary"
OURS = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"
WITHOUT_FACTOR = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-plain"
ADOPTED = f"arn:aws:iam::{CUSTOMER}:role/old/HandMade"
ELSEWHERE = f"arn:aws:iam::{CUSTOMER}:role/Admin"
FILE = Declaration(
    AccountId(CUSTOMER),
    (
        Grant(GrantName("support"), AccountId(PROVIDER), ("SecurityAudit",), boundary=PolicyArn(BOUNDARY)),
        Grant(GrantName("plain"), AccountId(PROVIDER), ("SecurityAudit",), needs_second_factor=False),
        Grant(GrantName("old"), AccountId(PROVIDER), ("SecurityAudit",), adopted=RoleName("HandMade")),
    ),
)
KNOWN = declared([FILE], Partition())

ENGINEER = principal(f"arn:aws:iam::{PROVIDER}:user/netops-1")
OUTSIDER = principal(f"arn:aws:iam::{STRANGER}:user/mallory")
INSIDER = principal(f"arn:aws:iam::{COLLEAGUE}:role/Deployer")
EC2 = service_principal("ec2.amazonaws.com")
OKTA = principal(f"arn:aws:iam::{CUSTOMER}:saml-provider/okta")
GITHUB = principal(f"arn:aws:iam::{CUSTOMER}:oidc-provider/token.actions.githubusercontent.com")


@dataclass(frozen=True)
class Entering:
    """Somebody at a role whose trust policy lets everybody in."""

    name: str
    who: Principal
    role: str
    has_id: bool = False
    refused_by: str = ""
    action: str = "sts:AssumeRole"
    organization: str = ""
    is_tagged: bool = False


ENTRIES = (
    Entering("another account with an ID", OUTSIDER, OURS, has_id=True, refused_by="OnlyDeclaredProviders"),
    Entering("another account without one", OUTSIDER, WITHOUT_FACTOR, refused_by="OnlyDeclaredProviders"),
    Entering(
        "another account of another organisation", OUTSIDER, OURS, has_id=True,
        organization="o-zzzzzzzzzz", refused_by="OnlyDeclaredProviders",
    ),
    Entering("another account at a role elsewhere", OUTSIDER, ELSEWHERE, has_id=True, refused_by="OnlyDeclaredProviders"),
    Entering("the provider at a role elsewhere", ENGINEER, ELSEWHERE, has_id=True, refused_by="OnlyRolesOfGatepass"),
    Entering(
        "the provider at a tagged role elsewhere", ENGINEER, ELSEWHERE, has_id=True,
        is_tagged=True, refused_by="OnlyRolesOfGatepass",
    ),
    Entering("the provider without an ID", ENGINEER, OURS, refused_by="OnlyWithExternalId"),
    Entering("the provider without an ID at an adopted role", ENGINEER, ADOPTED, refused_by="OnlyWithExternalId"),
    Entering(
        "a session of the provider without an ID", principal(f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/netops-1"), OURS,
        refused_by="OnlyWithExternalId",
    ),
    Entering("the provider with an ID", ENGINEER, OURS, has_id=True),
    Entering("the provider, in an organisation of its own", ENGINEER, OURS, has_id=True, organization="o-zzzzzzzzzz"),
    Entering("the provider with an ID at an adopted role", ENGINEER, ADOPTED, has_id=True),
    Entering("the provider where no second factor is asked for", ENGINEER, WITHOUT_FACTOR),
    Entering("a colleague without an ID", INSIDER, ELSEWHERE, organization=ORGANIZATION),
    Entering("a colleague at a role of ours", INSIDER, OURS, organization=ORGANIZATION),
    Entering("an AWS service", EC2, ELSEWHERE),
    Entering("SAML", OKTA, ELSEWHERE, action="sts:AssumeRoleWithSAML"),
    Entering("web identity", GITHUB, ELSEWHERE, action="sts:AssumeRoleWithWebIdentity"),
)  # fmt: skip


def asked(entry: Entering, known: Declared = KNOWN, *, tag_exception: bool = False) -> Decision:
    """Return the decision on an entry under the rendered policy."""
    keys = {
        "aws:PrincipalIsAWSService": "true" if entry.who is EC2 else "false",
        "aws:PrincipalAccount": entry.who.account,
        "aws:PrincipalOrgID": entry.organization,
        "sts:ExternalId": "gp1.7KQ2M9XW4T.right" if entry.has_id else "",
        "aws:ResourceTag/dp:exclude:identity": "true" if entry.is_tagged else "",
    }
    named = {EC2: "Service", OKTA: "Federated", GITHUB: "Federated"}
    whom = {named[entry.who]: entry.who.arn} if entry.who in named else {"AWS": "*"}
    trusting = {"Effect": "Allow", "Principal": whom, "Action": entry.action}
    trust = parse_policy({"Version": "2012-10-17", "Statement": [trusting]}, PolicyKind.TRUST)
    own = parse_policy(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}
    )
    document = resource_control_policy(known, ORGANIZATION, tag_exception=tag_exception)
    level = Level("root", (parse_policy(document, PolicyKind.RESOURCE_CONTROL),))
    request = Request(
        entry.who, entry.action, entry.role, CUSTOMER, context({key: text for key, text in keys.items() if text})
    )
    return decide(request, Policies(identity=(own,), resource=trust, resource_control=(level,)))


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.refused_by], ids=lambda each: each.name)
def test_the_resource_control_policy_refuses(entry: Entering) -> None:
    decision = asked(entry)

    assert decision.stage is Stage.EXPLICIT_DENY
    assert decision.steps[0].statement.sid == entry.refused_by


@pytest.mark.parametrize("entry", [each for each in ENTRIES if not each.refused_by], ids=lambda each: each.name)
def test_the_resource_control_policy_leaves_alone(entry: Entering) -> None:
    assert asked(entry).allowed


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.refused_by], ids=lambda each: each.name)
def test_the_tag_opens_a_role_only_when_that_was_asked_for(entry: Entering) -> None:
    tagged = replace(entry, is_tagged=True)

    assert not asked(tagged).allowed
    assert asked(tagged, tag_exception=True).allowed
    assert not asked(replace(entry, is_tagged=False), tag_exception=True).allowed


def test_without_any_grant_that_spares_the_factor_every_role_asks_for_one() -> None:
    known = declared([replace(FILE, grants=FILE.grants[:1])], Partition())

    for role in (OURS, WITHOUT_FACTOR, ELSEWHERE):
        assert not asked(Entering("the provider", ENGINEER, role), known).allowed


@dataclass(frozen=True)
class Writing:
    """Somebody in the customer's account who may do everything, at IAM."""

    name: str
    who: str
    action: str
    resource: str
    allowed: bool
    key: str = ""


ADMIN = f"arn:aws:iam::{CUSTOMER}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Security_1a2b"
DEVELOPER = f"arn:aws:iam::{CUSTOMER}:role/Developer"
CUSTOMERS_ROOT = f"arn:aws:iam::{CUSTOMER}:root"
WRITES = (
    *(
        Writing(f"{who.rsplit(':', 1)[1]} {action} on a role of ours", who, action, OURS, allowed=False)
        for who in (DEVELOPER, CUSTOMERS_ROOT)
        for action in (
            "iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:DeleteRolePermissionsBoundary",
            "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:TagRole", "iam:DeleteRole",
        )
    ),
    Writing("a developer at an adopted role", DEVELOPER, "iam:UpdateAssumeRolePolicy", ADOPTED, allowed=False),
    Writing("a developer at the boundary", DEVELOPER, "iam:CreatePolicyVersion", BOUNDARY, allowed=False),
    Writing("a developer reads", DEVELOPER, "iam:GetRole", OURS, allowed=True),
    Writing("a developer elsewhere", DEVELOPER, "iam:UpdateAssumeRolePolicy", ELSEWHERE, allowed=True),
    Writing("an administrator at a role of ours", ADMIN, "iam:UpdateAssumeRolePolicy", OURS, allowed=True),
    Writing("an administrator at the boundary", ADMIN, "iam:CreatePolicyVersion", BOUNDARY, allowed=True),
)  # fmt: skip
TAGS = (
    Writing("a developer sets the tag", DEVELOPER, "iam:TagRole", ELSEWHERE, allowed=False, key="dp:exclude:identity"),
    Writing("a developer sets another", DEVELOPER, "iam:TagRole", ELSEWHERE, allowed=True, key="owner"),
    Writing("an administrator sets the tag", ADMIN, "iam:TagRole", ELSEWHERE, allowed=True, key="dp:exclude:identity"),
)


def may_write(write: Writing, *, tag_exception: bool = False) -> bool:
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    patterns = [administrator_pattern("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Security_*", Partition())]
    document = service_control_policy(KNOWN, patterns, tag_exception=tag_exception)
    level = Level(
        "root",
        (
            parse_policy(everything, PolicyKind.SERVICE_CONTROL),
            parse_policy(document, PolicyKind.SERVICE_CONTROL),
        ),
    )
    keys = {"aws:PrincipalArn": write.who} | ({"aws:TagKeys": write.key} if write.key else {})
    request = Request(principal(write.who), write.action, write.resource, CUSTOMER, context(keys))
    return decide(request, Policies(identity=(parse_policy(everything),), service_control=(level,))).allowed


@pytest.mark.parametrize("write", [each for each in WRITES if not each.allowed], ids=lambda each: each.name)
def test_the_service_control_policy_refuses(write: Writing) -> None:
    assert not may_write(write)


@pytest.mark.parametrize("write", [each for each in WRITES if each.allowed], ids=lambda each: each.name)
def test_the_service_control_policy_leaves_alone(write: Writing) -> None:
    assert may_write(write)


@pytest.mark.parametrize("write", TAGS, ids=lambda each: each.name)
def test_where_a_tag_opens_only_administrators_set_it(write: Writing) -> None:
    assert may_write(write, tag_exception=True) is write.allowed
    assert may_write(write)


def test_several_files_are_declared_together() -> None:
    other = Declaration(
        AccountId(COLLEAGUE), (Grant(GrantName("audit"), AccountId("919814621061"), ("SecurityAudit",)),)
    )

    known = declared([FILE, other], Partition())

    assert [str(account) for account in known.providers] == [PROVIDER, "919814621061"]
    assert known.policies == (PolicyArn(BOUNDARY),)


@pytest.mark.parametrize("text", ["", "acme", "o-short", "o-ABCDEFGHIJ", "o-a1b2c3d4e5 ", "r-a1b2"])
def test_what_is_no_organisation_is_refused(text: str) -> None:
    """A wrong one would shut the organisation's own people out of every role."""
    with pytest.raises(InvalidInput, match="organisation"):
        organization_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "Admin",
        "role/*",
        "role/*/?",
        "group/admins",
        "arn:aws:s3:::x",
        "arn:aws:iam::*:*",
        f"arn:aws-cn:iam::{CUSTOMER}:role/x",
    ],
)
def test_administrators_that_would_mean_nobody_or_everybody_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="administrators"):
        administrator_pattern(text, Partition())


def test_a_policy_near_the_limit_is_packed_and_one_beyond_it_is_refused() -> None:
    def of(count: int) -> str:
        known = Declared(Partition(), tuple(AccountId(f"{each:012}") for each in range(count)))
        return control_policy_text(resource_control_policy(known, ORGANIZATION), "rcp")

    assert "\n" in of(10)
    packed = of(250)
    assert "\n" not in packed
    assert len(packed) <= LARGEST_CONTROL_POLICY
    assert len(json.loads(packed)["Statement"]) == 3
    with pytest.raises(Conflict, match=r"the RCP has \d+ characters, and AWS takes 5120"):
        of(400)
