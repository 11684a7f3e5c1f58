"""What a plan says that people can do is what the engine finds, not what a policy is called."""

from __future__ import annotations

from dataclasses import replace

from gatepass.domain.documents import Document, policy
from gatepass.domain.grant import Grant, PrincipalPattern
from gatepass.domain.identifiers import AccountId, Partition
from gatepass.usecases.describe_access import Access
from gatepass.usecases.judge_grants import judge_grants
from tests.people import GRANT, MORNING, declaration

SCALR = AccountId("919814621061")


def access(grant: Grant, **texts: Document) -> Access:
    judged = judge_grants(declaration(grant), [grant], MORNING, Partition(), texts)[grant.name].access
    assert judged is not None
    return judged


def allow(*actions: str, resource: str = "*") -> Document:
    return policy({"Effect": "Allow", "Action": list(actions), "Resource": resource})


def only(document: Document) -> Grant:
    return replace(GRANT, permissions=(), custom_policy=document)


def test_a_policy_whose_text_nobody_read_is_said_to_be_unknown() -> None:
    assert set(access(GRANT).unread) == set(GRANT.permissions)


def test_a_harmless_name_does_not_hide_what_a_policy_allows() -> None:
    grant = replace(GRANT, permissions=("SecurityAudit",))

    found = access(grant, SecurityAudit=allow("iam:*"))

    assert found.changes == ("IAM",)
    assert found.unread == ()


def test_everything_is_said_in_one_word() -> None:
    assert access(only(allow("*"))).changes == ("everything",)


def test_looking_and_changing_and_some_of_it_are_told_apart() -> None:
    found = access(only(allow("s3:GetObject", resource="arn:aws:s3:::audit/*")))

    assert found.looks == ("some S3 data",)
    assert found.changes == ()
    assert "EC2" in found.leaves


def test_what_is_denied_is_out_of_reach() -> None:
    document = policy(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    )

    found = access(only(document))

    assert "IAM" in found.leaves
    assert found.changes == ("everything but what is named below",)


def test_who_gets_in_is_told_with_the_proof_it_takes() -> None:
    assert access(GRANT).enters == ("any principal that the provider's account allows, with the right external ID",)
    named = replace(GRANT, principals=(PrincipalPattern("role/engineers/*"),), requires_source_identity=True)
    assert access(named).enters == ("principals that the grant names, with the right external ID, naming the engineer",)
    bare = replace(GRANT, needs_second_factor=False)
    assert access(bare).enters == ("any principal that the provider's account allows, with no external ID",)


def test_a_window_that_is_over_lets_nobody_in() -> None:
    over = replace(GRANT, window=replace(GRANT.window, end=MORNING))

    assert access(over).enters == ("nobody",)


def test_grants_that_differ_in_name_and_provider_only_are_judged_alike_and_named_rightly() -> None:
    other = replace(GRANT, name=replace(GRANT.name, text="scalr"), provider=SCALR)

    judged = judge_grants(declaration(GRANT, other), [GRANT, other], MORNING, Partition(), {})

    shared = [finding for finding in judged[other.name].review.findings if finding.id == "shared-platform"]
    assert [finding.grant for finding in shared] == ["scalr"]
    assert not [finding for finding in judged[GRANT.name].review.findings if finding.id == "shared-platform"]
    assert judged[GRANT.name].access == judged[other.name].access
    shown = " ".join(str(finding) for finding in judged[other.name].review.findings)
    assert "000000000000" not in shown
    assert "that-is-judged" not in shown
