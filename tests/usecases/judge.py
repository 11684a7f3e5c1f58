"""Who can enter a role and what a session of it can do, decided by the engine on the role's own documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import Request, context, principal
from gatepass.domain.documents import policy
from gatepass.domain.identifiers import ExternalId, PolicyArn
from gatepass.domain.role import Role
from gatepass.domain.trust import instant_text
from tests.people import CUSTOMER

ADDRESS = "203.0.113.9"


def allow(*actions: str) -> Policy:
    """Return an identity policy that allows the actions on everything."""
    return parsed(policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"}).text)


@lru_cache(maxsize=1024)
def parsed(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """Return a policy out of its text."""
    return parse_policy(text, kind)


EVERYTHING = allow("*")


def may_enter(role: Role, who: str, external_id: ExternalId | None, now: datetime) -> bool:
    """Say whether the principal, whom its own account lets do everything, may assume the role then."""
    facts = {
        "aws:PrincipalArn": who,
        "aws:CurrentTime": instant_text(now),
        "aws:SourceIp": ADDRESS,
        "sts:SourceIdentity": name_of(who),
    }
    if external_id is not None:
        facts["sts:ExternalId"] = external_id.reveal()
    arn = f"arn:aws:iam::{CUSTOMER}:role{role.path}{role.name}"
    request = Request(principal(who), "sts:AssumeRole", arn, str(CUSTOMER), context(facts))
    trust = parsed(role.trust.text, PolicyKind.TRUST)
    return decide(request, Policies(identity=(EVERYTHING,), resource=trust)).allowed


def may_do(  # noqa: PLR0917 - a question has all of these
    role: Role, who: str, action: str, began: datetime, now: datetime, managed: Mapping[PolicyArn, Policy]
) -> bool:
    """Say whether the principal's session of the role may do the action then.

    Args:
        role: as it stands.
        who: whose session; its name is the source identity.
        action: what is asked.
        began: when the session was issued.
        now: when it asks.
        managed: the text of every managed policy that the role may hold or be bound by.
    """
    facts = {
        "aws:CurrentTime": instant_text(now),
        "aws:TokenIssueTime": instant_text(began),
        "aws:SourceIdentity": name_of(who),
    }
    session = f"arn:aws:sts::{CUSTOMER}:assumed-role/{role.name}/{name_of(who)}"
    request = Request(principal(session), action, "arn:aws:s3:::bucket/key", str(CUSTOMER), context(facts))
    inline = tuple(parsed(document.text) for document in role.inline.values())
    boundary = (managed[role.boundary],) if role.boundary is not None else None
    held = tuple(managed[arn] for arn in role.policies)
    return decide(request, Policies(identity=(*held, *inline), boundary=boundary)).allowed


def name_of(who: str) -> str:
    """Return the name of the user in the ARN."""
    return who.rpartition("/")[2]
