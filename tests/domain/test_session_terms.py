"""What a session may be asked for: tickets, narrowing policies, and what STS would take for too large."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gatepass.domain.documents import policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import EngineerName, ExternalId, Partition, PolicyArn, RoleArn
from gatepass.domain.session import Entry
from gatepass.domain.session_terms import (
    LARGEST_SESSION_POLICIES,
    MOST_SESSION_POLICIES,
    TICKET_TAG,
    Terms,
    Ticket,
    demand_size,
    read_only_policies,
    session_name,
)

MARIA = EngineerName("maria")
ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/support")
ENTRY = Entry(ROLE, MARIA, timedelta(hours=1), ExternalId("gp1.KEY.CODE"))
LOOK = policy({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})


@pytest.mark.parametrize(
    "text", ["", " ABC-1", "ABC 1", "-ABC", "ABC#1", "ÄBC-1", "ABC-1\n", "A" * 41, "A;rm", "A\u0410-1"]
)
def test_a_ticket_that_no_tag_takes_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Ticket(text)

    assert not text.strip() or text not in refused.value.what + refused.value.why


def test_read_only_and_a_policy_are_not_added_up() -> None:
    with pytest.raises(InvalidInput, match="not by both") as refused:
        Terms(reads_only=True, policy=LOOK)

    assert "widen" in refused.value.why


def test_policies_that_sts_takes_for_too_large_are_refused_before_anybody_is_asked() -> None:
    def sized(length: int) -> Terms:
        empty = len(policy({"Effect": "Allow", "Action": "s3:", "Resource": "*"}).text)
        return Terms(policy=policy({"Effect": "Allow", "Action": "s3:" + "x" * (length - empty), "Resource": "*"}))

    assert sized(LARGEST_SESSION_POLICIES).of(ENTRY).policy is not None
    with pytest.raises(InvalidInput, match="2049 characters"):
        sized(LARGEST_SESSION_POLICIES + 1).of(ENTRY)


def test_arns_count_too_and_there_are_at_most_ten() -> None:
    arn = PolicyArn("arn:aws:iam::aws:policy/SecurityAudit")

    demand_size(None, (arn,) * MOST_SESSION_POLICIES)
    with pytest.raises(InvalidInput, match="11 managed policies"):
        demand_size(None, (arn,) * (MOST_SESSION_POLICIES + 1))
    with pytest.raises(InvalidInput, match="characters"):
        demand_size(None, (PolicyArn("arn:aws:iam::aws:policy/" + "x" * 500),) * 4)


@pytest.mark.parametrize(
    ("engineer", "ticket", "name"),
    [
        ("maria", "ABC-123", "maria+ABC-123"),
        ("maria", "ABC:1/2+3", "maria+ABC-1-2-3"),
        ("m" * 64, "ABC-123", "m" * 56 + "+ABC-123"),
        ("m" * 64, "T" * 40, "m" * 23 + "+" + "T" * 40),
    ],
)
def test_the_ticket_stands_whole_in_the_sessions_name(engineer: str, ticket: str, name: str) -> None:
    assert str(session_name(EngineerName(engineer), Ticket(ticket))) == name


def test_the_source_identity_stays_the_engineer_whatever_the_terms() -> None:
    entry = Terms(Ticket("ABC-123"), policy=LOOK).of(ENTRY)

    assert entry.engineer == MARIA
    assert entry.external_id == ENTRY.external_id
    assert dict(entry.tags) == {TICKET_TAG: "ABC-123"}
    assert str(entry.name) == "maria+ABC-123"
    assert Terms().of(ENTRY) == Entry(ROLE, MARIA, ENTRY.duration, ENTRY.external_id, name=MARIA)


def test_read_only_policies_are_those_of_the_roles_partition() -> None:
    china = RoleArn("arn:aws-cn:iam::444455556666:role/support")

    entry = Terms(reads_only=True).of(Entry(china, MARIA, timedelta(hours=1)))

    assert [str(arn) for arn in entry.policy_arns] == [
        "arn:aws-cn:iam::aws:policy/job-function/ViewOnlyAccess", "arn:aws-cn:iam::aws:policy/SecurityAudit",
    ]  # fmt: skip
    assert read_only_policies(Partition("aws-us-gov"))[1] == PolicyArn("arn:aws-us-gov:iam::aws:policy/SecurityAudit")
