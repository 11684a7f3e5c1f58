"""The documents of ``doctor --policy``, where the sandbox cannot show them at work."""

from __future__ import annotations

import pytest

from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import parse_policy
from gatepass.decision.request import Request, context, principal
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn
from gatepass.domain.needed_rights import Person, needed_rights
from gatepass.domain.store_calls import STORES
from gatepass.render.least_rights import FileLimits, Reach, least_rights

CUSTOMER = AccountId("444455556666")
ADMIN = principal("arn:aws:iam::444455556666:user/admin")
SENDER = "gatepass@example.com"
LIMITS = FileLimits((), (), all_bounded=False, adopted=(), sender=SENDER)
IDENTITY = "arn:aws:ses:eu-west-1:444455556666:identity/example.com"


@pytest.mark.parametrize(
    ("sender", "identity", "allowed"),
    [
        ("chief@example.com", IDENTITY, False),
        (SENDER, IDENTITY.replace("444455556666", "777788889999"), False),
        (SENDER, IDENTITY, True),
        (SENDER, IDENTITY.replace("example.com", SENDER), True),
    ],
)
def test_mail_is_sent_as_the_declared_sender_only(sender: str, identity: str, *, allowed: bool) -> None:
    policy = parse_policy(least_rights(needed_rights(Person.CUSTOMER), Reach(Partition(), CUSTOMER), LIMITS))
    asked = Request(ADMIN, "ses:SendEmail", identity, str(CUSTOMER), context({"ses:FromAddress": sender}))

    assert decide(asked, Policies(identity=(policy,))).allowed is allowed


def actions(document: dict[str, object]) -> set[str]:
    statements = document["Statement"]
    assert isinstance(statements, list)
    return {action for statement in statements for action in statement["Action"]}


def test_what_a_file_does_not_use_is_left_out() -> None:
    rights, reach = needed_rights(Person.CUSTOMER), Reach(Partition(), CUSTOMER)
    bounded = FileLimits(("arn:aws:iam::aws:policy/SecurityAudit",), (PolicyArn("arn:aws:iam::444455556666:policy/B"),), all_bounded=True, adopted=())  # fmt: skip

    nothing = actions(least_rights(rights, reach, FileLimits((), (), all_bounded=False, adopted=())))
    everything = actions(least_rights(rights, reach))

    assert everything - nothing == {"iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"}
    assert everything - actions(least_rights(rights, reach, bounded)) == {"iam:DeleteRolePermissionsBoundary"}


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
@pytest.mark.parametrize("person", Person)
@pytest.mark.parametrize("store", ["", *STORES])
def test_every_document_is_one_that_iam_takes(partition: str, person: Person, store: str) -> None:
    document = least_rights(needed_rights(person, store=store), Reach(Partition(partition), CUSTOMER))

    parse_policy(document)
    statements = document["Statement"]
    assert isinstance(statements, list)
    listed = [statement["Resource"] for statement in statements]
    resources = [text for each in listed for text in (each if isinstance(each, list) else [each])]
    assert all(each == "*" or each.startswith(f"arn:{partition}:") for each in resources)
    # Whatever writes is bound to our path.
    assert all(statement["Resource"] != "*" for statement in statements if statement["Sid"] != "Look")


def test_a_document_that_iam_would_not_take_is_refused() -> None:
    everywhere = Reach(Partition(), customers=tuple(AccountId(f"{number:012}") for number in range(200)))

    with pytest.raises(Conflict, match="IAM takes 6144"):
        least_rights(needed_rights(Person.ENGINEER), everywhere)
