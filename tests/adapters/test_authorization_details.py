"""An account's policies, as IAM tells them live and as a file holds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import boto3
import pytest

from gatepass.adapters.authorization_details import IamPolicies, is_details, parse_details
from gatepass.adapters.memory_policies import MemoryPolicies
from gatepass.domain.account_policies import AccountPolicies, LastUse
from gatepass.domain.documents import policy
from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.ports.teams import PolicyReader
from gatepass.sandbox.embedded import EmbeddedAws
from tests.people import CUSTOMER

LOOK = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
    ],
}
LOOKING = "arn:aws:iam::444455556666:policy/Looking"
DETAILS = {
    "UserDetailList": [
        {
            "Arn": "arn:aws:iam::444455556666:user/staff/anna",
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": LOOK}],
            "AttachedManagedPolicies": [],
            "GroupList": ["admins"],
            "PermissionsBoundary": {"PermissionsBoundaryArn": LOOKING},
        }
    ],
    "GroupDetailList": [
        {
            "Arn": "arn:aws:iam::444455556666:group/admins",
            "GroupPolicyList": [{"PolicyName": "more", "PolicyDocument": quote(json.dumps(LOOK))}],
            "AttachedManagedPolicies": [{"PolicyArn": LOOKING}, {"PolicyArn": "arn:aws:iam::aws:policy/Unread"}],
        }
    ],
    "RoleDetailList": [{"Arn": "arn:aws:iam::444455556666:role/gatepass/support", "AssumeRolePolicyDocument": TRUST}],
    "Policies": [
        {
            "Arn": LOOKING,
            "PolicyVersionList": [
                {"Document": {"Statement": []}, "IsDefaultVersion": False},
                {"Document": LOOK, "IsDefaultVersion": True},
            ],
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"RoleDetailList": []}',
        '{"RoleDetailList": [{"Arn": "nothing"}]}',
        '{"RoleDetailList": {"Arn": 1}}',
        '{"RoleDetailList": [{"Arn": "arn:aws:iam::444455556666:role/a"}, {"Arn": "arn:aws:iam::111122223333:role/a"}]}',
        '{"RoleDetailList": [{"Arn": "arn:aws:iam::444455556666:role/a", "RolePolicyList": [{"PolicyName": "x"}]}]}',
        '{"RoleDetailList": [{"Arn": "arn:aws:iam::444455556666:role/a", "AssumeRolePolicyDocument": 5}]}',
        '{"Policies": [{"Arn": "arn:aws:iam::444455556666:policy/a"}], "RoleDetailList": [], "GroupDetailList": 7}',
    ],
)  # fmt: skip
def test_what_is_not_one_accounts_details_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"details\.json does not hold the details of an account"):
        parse_details(text, "details.json")


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="given twice"):
        parse_details('{"RoleDetailList": [], "RoleDetailList": []}', "details.json")


def test_the_details_of_an_account_are_read_with_groups_boundaries_and_current_versions() -> None:
    account = parse_details(json.dumps(DETAILS), "details.json")

    anna = account.user("anna")
    texts = account.documents(anna)
    assert is_details(json.dumps(DETAILS))
    assert account.account == CUSTOMER
    assert anna.boundary == LOOKING
    assert set(texts) == {"anna/own", "admins/more", LOOKING, "arn:aws:iam::aws:policy/Unread"}
    assert texts["arn:aws:iam::aws:policy/Unread"] is None
    assert texts["admins/more"] == texts[LOOKING] == policy(*LOOK["Statement"])  # type: ignore[arg-type]
    assert account.role("SUPPORT").trust is not None
    with pytest.raises(NotThere, match="no user bob in account 444455556666"):
        account.user("bob")


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01T00:00:00Z"])
def test_a_date_that_is_none_is_refused(date: str) -> None:
    role = {"Arn": "arn:aws:iam::444455556666:role/a", "RoleLastUsed": {"LastUsedDate": date}}

    with pytest.raises(InvalidInput, match=r"details\.json does not hold") as refused:
        parse_details(json.dumps({"RoleDetailList": [role]}), "details.json")
    assert refused.value.why == "a field is missing or of another type"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, None),
        ({"RoleLastUsed": {}}, LastUse()),
        (
            {"RoleLastUsed": {"LastUsedDate": "2026-11-21T09:30:00+01:00", "Region": "eu-west-1"}},
            LastUse(datetime(2026, 11, 21, 8, 30, tzinfo=UTC), "eu-west-1"),
        ),
        ({"RoleLastUsed": {"LastUsedDate": "2026-11-21"}}, LastUse(datetime(2026, 11, 21, tzinfo=UTC))),
    ],
)
def test_the_last_use_of_a_role_is_read_and_not_told_is_not_never(
    told: dict[str, object], expected: LastUse | None
) -> None:
    role = {"Arn": "arn:aws:iam::444455556666:role/a", "CreateDate": "2026-11-20T08:00:00Z", **told}

    (found,) = parse_details(json.dumps({"RoleDetailList": [role]}), "details.json").roles

    assert found.created == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert found.last_used == expected


@pytest.fixture(params=["memory", "iam"])
def reader(request: pytest.FixtureRequest) -> Iterator[PolicyReader]:
    if request.param == "memory":
        whole = parse_details(json.dumps(DETAILS), "details.json")
        yield MemoryPolicies(AccountPolicies(CUSTOMER, whole.users, whole.groups, whole.roles, whole.managed))
        return
    with EmbeddedAws() as aws:
        key, secret = aws.root_credentials(str(CUSTOMER))
        session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-1")
        iam = session.client("iam", endpoint_url=aws.endpoint)
        look = json.dumps(LOOK)
        iam.create_policy(PolicyName="Looking", PolicyDocument=look)
        iam.create_group(GroupName="admins")
        iam.put_group_policy(GroupName="admins", PolicyName="more", PolicyDocument=look)
        iam.attach_group_policy(GroupName="admins", PolicyArn=LOOKING)
        iam.create_user(UserName="anna", Path="/staff/", PermissionsBoundary=LOOKING)
        iam.put_user_policy(UserName="anna", PolicyName="own", PolicyDocument=look)
        iam.add_user_to_group(UserName="anna", GroupName="admins")
        iam.create_role(RoleName="support", Path="/gatepass/", AssumeRolePolicyDocument=json.dumps(TRUST))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
            yield IamPolicies(session)


def test_a_reader_tells_who_holds_what(reader: PolicyReader) -> None:
    account = reader.account_policies()

    anna = account.user("anna")
    assert account.account == CUSTOMER
    assert anna.arn == "arn:aws:iam::444455556666:user/staff/anna"
    assert anna.boundary == LOOKING
    assert {"anna/own", "admins/more", LOOKING} <= set(account.documents(anna))
    assert account.managed[LOOKING] == policy(*LOOK["Statement"])  # type: ignore[arg-type]
    assert account.role("support").trust == policy(*TRUST["Statement"])  # type: ignore[arg-type]
