"""The trust policy, decided by the engine: who gets in, and who does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.request import Request, context, principal
from gatepass.domain.documents import Document, policy
from gatepass.domain.grant import Grant, PrincipalPattern, Window
from gatepass.domain.identifiers import ExternalId, Partition
from gatepass.domain.trust import accepted_external_id, closed_trust, instant_text, is_closed, open_trust
from tests.people import GRANT, MORNING

ROLE = "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"
RIGHT = "gp1.KEY.CODE"
ENGINEER = "arn:aws:iam::111122223333:user/netops-1"
MAY_EVERYTHING = parse_policy(policy({"Effect": "Allow", "Action": "*", "Resource": "*"}).text, PolicyKind.IDENTITY)


def gets_in(
    trust: Document, given: Mapping[str, str | list[str]], *, who: str = ENGINEER, action: str = "sts:AssumeRole"
) -> bool:
    """Ask the engine; the caller's own account allows everything."""
    facts = {"aws:PrincipalArn": who, "aws:CurrentTime": instant_text(MORNING), "aws:SourceIp": "203.0.113.9", **given}
    request = Request(principal(who), action, ROLE, "444455556666", context(facts))
    resource = parse_policy(trust.text, PolicyKind.TRUST)
    return decide(request, Policies(identity=(MAY_EVERYTHING,), resource=resource)).allowed


def trust_of(grant: Grant, external_id: str | None = RIGHT) -> Document:
    """Return the grant's open trust."""
    return open_trust(grant, Partition(), ExternalId(external_id) if external_id else None)


@pytest.mark.parametrize(
    "given", [{}, {"sts:ExternalId": "gp1.KEY.WRONG"}, {"sts:ExternalId": "gp1.key.code"}, {"sts:ExternalId": ""}]
)
def test_none_a_wrong_and_a_case_swapped_id_are_refused(given: dict[str, str]) -> None:
    assert not gets_in(trust_of(GRANT), given)


def test_another_account_is_refused_with_the_right_id() -> None:
    stranger = "arn:aws:iam::777788889999:user/stranger"

    assert not gets_in(trust_of(GRANT), {"sts:ExternalId": RIGHT}, who=stranger)


def test_the_right_id_opens() -> None:
    assert gets_in(trust_of(GRANT), {"sts:ExternalId": RIGHT})


def test_tags_and_source_identity_need_no_external_id_but_the_account() -> None:
    trust = trust_of(GRANT)

    for action in ("sts:TagSession", "sts:SetSourceIdentity"):
        assert not gets_in(trust, {}, who="arn:aws:iam::777788889999:user/stranger", action=action)
        assert gets_in(trust, {"sts:SourceIdentity": "netops-1"}, action=action)


def test_only_named_principals_get_in() -> None:
    trust = trust_of(replace(GRANT, principals=(PrincipalPattern("user/netops-*"),)))

    assert not gets_in(trust, {"sts:ExternalId": RIGHT}, who="arn:aws:iam::111122223333:user/helpdesk-1")
    assert not gets_in(trust, {}, who="arn:aws:iam::111122223333:user/helpdesk-1", action="sts:TagSession")
    assert gets_in(trust, {"sts:ExternalId": RIGHT})


def test_outside_the_source_networks_nobody_gets_in() -> None:
    trust = trust_of(replace(GRANT, source_networks=(ip_network("198.51.100.0/24"),)))

    assert not gets_in(trust, {"sts:ExternalId": RIGHT})
    assert gets_in(trust, {"sts:ExternalId": RIGHT, "aws:SourceIp": "198.51.100.7"})


def test_a_session_without_a_name_is_refused_when_one_is_required() -> None:
    trust = trust_of(replace(GRANT, requires_source_identity=True))

    assert not gets_in(trust, {"sts:ExternalId": RIGHT})
    assert gets_in(trust, {"sts:ExternalId": RIGHT, "sts:SourceIdentity": "netops-1"})


def test_the_window_begins_and_ends_by_itself() -> None:
    window = Window(MORNING, MORNING + timedelta(hours=1))
    trust = trust_of(replace(GRANT, window=window))

    for offset, inside in ((-1, False), (0, True), (3599, True), (3600, False)):
        now = instant_text(MORNING + timedelta(seconds=offset))
        assert gets_in(trust, {"sts:ExternalId": RIGHT, "aws:CurrentTime": now}) is inside


def test_a_closed_trust_lets_nobody_in_not_even_the_accounts_own() -> None:
    for who in (ENGINEER, "arn:aws:iam::444455556666:user/admin", "arn:aws:iam::444455556666:root"):
        assert not gets_in(closed_trust(), {"sts:ExternalId": RIGHT}, who=who)
    assert is_closed(closed_trust())


def test_a_trust_with_an_allow_is_not_closed_and_one_that_allows_nothing_is() -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    some_deny = {**deny, "Condition": {"StringEquals": {"sts:ExternalId": "x1"}}}

    assert not is_closed(policy(allow))
    assert not is_closed(policy(allow, some_deny))
    assert is_closed(policy(allow, deny))
    assert is_closed(policy(some_deny))


def test_an_id_is_needed_exactly_when_the_grant_says_so() -> None:
    with pytest.raises(ValueError, match="exactly when"):
        open_trust(GRANT, Partition(), None)
    with pytest.raises(ValueError, match="exactly when"):
        open_trust(replace(GRANT, needs_second_factor=False), Partition(), ExternalId(RIGHT))


def test_the_id_is_read_back_from_our_own_statement_only() -> None:
    written = trust_of(GRANT)
    foreign = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "somebody-elses"}},
    }

    assert accepted_external_id(written) == ExternalId(RIGHT)
    assert accepted_external_id(policy(foreign, *written.statements)) == ExternalId(RIGHT)
    assert accepted_external_id(policy(foreign)) is None
    assert accepted_external_id(closed_trust()) is None


def test_the_largest_trust_fits_iams_default_quota() -> None:
    patterns = tuple(PrincipalPattern(f"role/engineers/team-{number}/*") for number in range(2))
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    grant = replace(
        GRANT,
        principals=patterns,
        window=window,
        requires_source_identity=True,
        source_networks=(ip_network("203.0.113.0/24"),),
    )

    assert trust_of(grant, "gp1." + "K" * 10 + "." + "C" * 26).size < 2048


def test_a_trust_never_shows_its_id() -> None:
    assert RIGHT not in repr(trust_of(GRANT))
