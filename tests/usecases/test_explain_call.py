"""A refused call in a customer's account: whose side says no, and the lines that ask for it."""

from __future__ import annotations

import fnmatch
import json
from datetime import UTC, datetime, timedelta

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from gatepass.adapters.memory_decoder import MemoryDecoder
from gatepass.adapters.memory_policies import MemoryActions
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import AccountId, EngineerName, GrantName, RoleArn
from gatepass.domain.reading_policies import reading_policies, reading_policy
from gatepass.domain.refused_call import Ended, Layer, RefusedCall
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.domain.session import Credentials, Session
from gatepass.usecases.decode_refusal import decode_refusal, needs_decoding
from gatepass.usecases.explain_call import Around, Side, explain_call

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support")
ALICE = "arn:aws:sts::444455556666:assumed-role/ServiceProvider-111122223333-support/alice"
SUPPORT = GrantName("support")
ACME = Customer(CustomerName("acme-prod"), "acme", AccountId("444455556666"), "KEY", {SUPPORT: ROLE})
REGISTER = Register(AccountId("111122223333"), {}, {ACME.name: ACME})
SESSION = Session(
    ROLE, EngineerName("alice"), NOW - timedelta(minutes=5), Credentials("ASIAEXAMPLE", "s"), "acme-prod", "support"
)
REGISTERED = Around(NOW, None, REGISTER)
BUCKET = "arn:aws:s3:::acme-invoices"


def lacking(action: str, resource: str = "", layer: Layer | None = Layer.IDENTITY) -> RefusedCall:
    return RefusedCall(ALICE, action, resource, layer)


def denied(layer: Layer, action: str = "s3:ListBucket", resource: str = BUCKET, policy: str = "") -> RefusedCall:
    return RefusedCall(ALICE, action, resource, layer, is_denied=True, policy=policy)


SIDES = {
    "a switch, a window or a limit denies": (
        denied(Layer.IDENTITY),
        Side.SWITCH,
        "gatepass request 444455556666/support",
    ),
    "our own roles stay": (denied(Layer.IDENTITY, "iam:PutRolePolicy", str(ROLE)), Side.SWITCH, "administrator"),
    "the organisation denies": (denied(Layer.SERVICE_CONTROL), Side.ORGANIZATION, "organisation"),
    "the organisation lacks an Allow": (lacking("s3:GetObject", BUCKET, Layer.SERVICE_CONTROL), Side.ORGANIZATION, ""),
    "a perimeter denies": (denied(Layer.RESOURCE_CONTROL), Side.DATA_PERIMETER, "organisation"),
    "the boundary lacks it": (
        lacking("s3:GetObject", BUCKET, Layer.BOUNDARY),
        Side.BOUNDARY,
        "boundary: in access.yml",
    ),
    "the session was narrowed": (lacking("s3:PutObject", BUCKET, Layer.SESSION), Side.SESSION, "without --read-only"),
    "a bucket policy denies": (denied(Layer.RESOURCE), Side.RESOURCE, "keeps the resource"),
    "an endpoint lacks it": (lacking("s3:GetObject", BUCKET, Layer.ENDPOINT), Side.NETWORK, "endpoint"),
    "another role's trust": (
        RefusedCall(ALICE, "sts:AssumeRole", "arn:aws:iam::777788889999:role/x", Layer.TRUST),
        Side.DOOR,
        "gatepass sudo arn:aws:iam::777788889999:role/x",
    ),
    "a user of the provider's own": (
        RefusedCall("arn:aws:iam::111122223333:user/alice", "s3:ListBucket", BUCKET, Layer.IDENTITY),
        Side.OWN,
        "gatepass whoami",
    ),
    "a session of the provider's own": (
        RefusedCall("arn:aws:sts::111122223333:assumed-role/NetOps/alice", "s3:ListBucket", BUCKET, Layer.IDENTITY),
        Side.OWN,
        "account 111122223333",
    ),
    "nobody's credentials": (RefusedCall(ended=Ended.UNKNOWN), Side.OVER, "gatepass creds load"),
}


@pytest.mark.parametrize(("call", "side", "step"), SIDES.values(), ids=SIDES.keys())
def test_every_other_sides_no_is_told_and_nothing_is_asked_of_the_grant(
    call: RefusedCall, side: Side, step: str
) -> None:
    told = explain_call(call, REGISTERED)

    assert told.side is side
    assert step in told.next_step
    assert not told.entry
    assert not told.offer


def test_a_grant_that_lacks_it_gets_the_exact_statement_and_the_policy_that_reads() -> None:
    told = explain_call(lacking("s3:ListBucket", BUCKET), REGISTERED)

    assert told.side is Side.GRANT
    assert told.is_known
    assert told.entry[:2] == ("grants:", "  support:")
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": BUCKET}
    assert json.loads(told.entry[2].partition(": ")[2]) == {"Version": "2012-10-17", "Statement": [statement]}
    assert "[AmazonS3ReadOnlyAccess]" in told.entry[3]
    assert told.offer == (
        "gatepass offer acme-prod --grant support-s3 --permissions AmazonS3ReadOnlyAccess "
        '--reason "s3:ListBucket is refused" -o support-s3.offer'
    )


def test_what_no_reading_policy_holds_is_asked_for_alone() -> None:
    told = explain_call(lacking("s3:PutObject", f"{BUCKET}/*"), REGISTERED)

    assert len(told.entry) == 3
    assert "--custom-policy FILE" in told.offer


def test_a_customer_outside_the_register_is_asked_by_account() -> None:
    told = explain_call(lacking("eks:ListClusters"), Around(NOW))

    assert told.entry[1] == "  GRANT:"
    assert "the customer of account 444455556666" in told.next_step
    assert not told.offer


def test_without_a_reason_of_awss_it_is_only_likely() -> None:
    told = explain_call(RefusedCall(action="s3:GetObject"), Around(NOW, SESSION, REGISTER))

    assert told.side is Side.GRANT
    assert not told.is_known
    assert told.entry[1] == "  support:"


def test_an_operation_without_its_service_is_not_made_into_a_permission() -> None:
    told = explain_call(RefusedCall(action=":ListClusters"), REGISTERED)

    assert not told.entry
    assert told.why == ("AWS told only the operation: ListClusters",)


def test_an_operation_that_one_service_has_is_that_services_and_of_several_they_are_named() -> None:
    actions = MemoryActions({"eks": ("ListClusters", "ListNodegroups"), "ecs": ("ListClusters",)})
    around = Around(NOW, None, REGISTER, actions)

    assert explain_call(RefusedCall(action=":ListNodegroups"), around).call.action == "eks:ListNodegroups"
    assert (
        explain_call(RefusedCall(action=":ListClusters"), around).why[1]
        == "it can be ecs:ListClusters, eks:ListClusters"
    )


def test_a_session_that_is_over_is_told_with_the_way_back() -> None:
    told = explain_call(RefusedCall(ended=Ended.EXPIRED), Around(NOW, SESSION))

    assert told.side is Side.OVER
    assert told.why == ("it ended at 07:55:00Z",)
    assert told.next_step == "gatepass leave, then gatepass sudo acme-prod/support"


def test_an_encoded_message_is_read_where_the_plain_words_tell_too_little() -> None:
    words = {
        "explicitDeny": True,
        "context": {"principal": {"arn": ALICE}, "action": "ec2:StopInstances", "resource": "*"},
    }
    decoder = MemoryDecoder({"ENCODED": json.dumps(words)})

    with pytest.raises(AccessRefused):
        decode_refusal(RefusedCall(encoded="OTHER"), decoder)
    told = decode_refusal(RefusedCall(encoded="ENCODED"), decoder)

    assert told == RefusedCall(ALICE, "ec2:StopInstances", "*", is_denied=True)
    assert needs_decoding(RefusedCall(encoded="ENCODED"))
    assert not needs_decoding(RefusedCall(ALICE, "ec2:StopInstances", "*", encoded="ENCODED"))


def test_every_reading_policy_that_we_name_allows_what_we_say() -> None:
    known = json.loads(aws_managed_policies_data)
    for service, (name, patterns) in reading_policies().items():
        statements = known[name]["Document"]["Statement"]
        listed = [each.get("Action", []) for each in ([statements] if isinstance(statements, dict) else statements)]
        written = [action for each in listed for action in ([each] if isinstance(each, str) else each)]
        for pattern in patterns:
            assert any(fnmatch.fnmatchcase(f"{service}:{pattern}", action) for action in written), f"{name}: {pattern}"
    assert reading_policy("s3:PutObject") is None
    assert reading_policy("made:Up") is None
