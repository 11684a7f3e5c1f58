"""Tell whether somebody can do something: from his own policies, through a role's trust, to its permissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gatepass.decision.assume import AssumeRoleDecision, decide_assume_role
from gatepass.decision.evaluate import Decision, Policies, decide
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.probes import Door, Proof
from gatepass.decision.request import EXTERNAL_ID, Context, Principal, PrincipalKind, Request, context, principal
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn, engineer_name
from gatepass.domain.trust import instant_text
from gatepass.usecases.held_policies import Held

_ENTER = "sts:AssumeRole"
_STRANGE_ROLE = "arn:{partition}:iam::{account}:role/SomebodyElses"
_STRANGE_ACCOUNT = "999900001111"
_EVERYTHING = parse_policy({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the chain.

    Attributes:
        subject: whose policies decide.
        needed: for a refusal, what would have had to be there.
    """

    subject: str
    allowed: bool
    because: str
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps up to the action, or up to the first that is refused.

    Attributes:
        weakest: the link that holds least; where the chain breaks, the one that breaks it.
    """

    links: tuple[Link, ...]
    weakest: str

    @property
    def allowed(self) -> bool:
        """Whether every step is allowed."""
        return all(link.allowed for link in self.links)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do.

    Attributes:
        who: the ARN of a user or a role session.
        role: what the role holds, when a role is entered first.
        knows_external_id: whether he gives the right external ID.
        keys: further condition keys of every call, such as ``aws:SourceIp``.
    """

    who: Principal
    own: Held
    action: str
    resource: str
    now: datetime
    role: Held | None = None
    knows_external_id: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(key.lower() == EXTERNAL_ID for key in self.keys):
            raise InvalidInput(
                "the external ID is not a key to give",
                why="it would stand in the shell's history",
                next_step="say --external-id-known or --external-id-unknown; the trust policy tells the right one",
            )

    @property
    def engineer(self) -> EngineerName:
        """The name under which Gatepass would enter the role."""
        return engineer_name(self.who.arn.rsplit("/", 1)[-1])


def reach(wish: Wish) -> Chain:
    """Return the chain from the engineer to the action."""
    if wish.role is None:
        decision = decide(_direct(wish), _policies(wish.own))
        link = _link(f"the policies of {wish.who}", decision)
        return Chain((link,), _weakest_of_one(link))
    links = tuple(_until_refused(_links(wish, wish.role, RoleArn(wish.role.arn))))
    return Chain(links, _weakest(wish, wish.role, links))


def _links(wish: Wish, role: Held, arn: RoleArn) -> Iterator[Link]:
    if wish.who.account == str(arn.account):
        # Within one account the trust can stand in for the caller's own policies: the two are one step.
        yield _entry_link(f"the policies of {wish.who} and the trust of {arn}", _enter(wish, role))
    else:
        trusting = _trusting(wish.who)
        own = _enter(wish, replace(role, trust=trusting))
        yield _entry_link(f"the policies of {wish.who}", own, hidden=trusting)
        everything = replace(wish, own=replace(wish.own, identity=(_EVERYTHING,), boundary=None))
        yield _entry_link(f"the trust of {arn}", _enter(everything, role), hidden=_EVERYTHING)
    session = principal(f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{arn.name}/{wish.engineer}")
    request = Request(session, wish.action, wish.resource, str(arn.account), _session_context(wish, role, arn))
    yield _link(f"the permissions of {arn}", decide(request, _policies(role)))


def _enter(wish: Wish, role: Held, *, gives_id: bool | None = None) -> AssumeRoleDecision:
    """Decide the call with which Gatepass enters: it always names the engineer."""
    arn = RoleArn(role.arn)
    gives = wish.knows_external_id if gives_id is None else gives_id
    known = _right_ids(role, arn, wish.now) if gives else ()
    policies = replace(_policies(wish.own), resource=role.trust)
    calls = []
    for external_id in known or ("",):
        keys = _own_context(wish).with_keys(
            {"sts:RoleSessionName": str(wish.engineer), EXTERNAL_ID: (external_id,) if external_id else ()}
        )
        request = Request(wish.who, _ENTER, role.arn, str(arn.account), keys)
        calls.append(decide_assume_role(request, policies, source_identity=str(wish.engineer)))
    return next((call for call in calls if call.allowed), calls[0])


def _right_ids(role: Held, arn: RoleArn, now: datetime) -> tuple[str, ...]:
    if role.trust is None:
        return ()
    door = Door(role.trust, role.arn, str(arn.account), now)
    return tuple(text for proof, text in door.proofs if proof is Proof.RIGHT and text is not None)


def _weakest(wish: Wish, role: Held, links: tuple[Link, ...]) -> str:
    """Name the link that would hold least against somebody who should not get through."""
    if not links[-1].allowed:
        return _weakest_of_one(links[-1])
    if _enter(wish, role, gives_id=False).allowed:
        return f"the trust of {role.arn}: it opens without an external ID"
    stranger = replace(role, arn=_STRANGE_ROLE.format(partition=wish.who.partition, account=_STRANGE_ACCOUNT))
    if _enter(wish, replace(stranger, trust=_trusting(wish.who))).allowed:
        return f"the policies of {wish.who}: they let him into roles of any account, whoever made them"
    colleague = principal(f"arn:{wish.who.partition}:iam::{wish.who.account}:user/somebody-else")
    anybody = replace(wish, who=colleague, own=Held(colleague.arn, (_EVERYTHING,)))
    if _enter(anybody, role).allowed:
        return f"the trust of {role.arn}: whoever account {wish.who.account} allows gets in, with the same external ID"
    return "none stands out: the role asks for its external ID and for named principals, and the caller for named roles"


def _weakest_of_one(link: Link) -> str:
    return f"{link.subject}: " + ("the only link" if link.allowed else "here the chain breaks")


def _until_refused(links: Iterator[Link]) -> Iterator[Link]:
    for link in links:
        yield link
        if not link.allowed:
            return


def _link(subject: str, decision: Decision) -> Link:
    return Link(subject, decision.allowed, str(decision.because), decision.because.needed)


def _entry_link(subject: str, call: AssumeRoleDecision, hidden: Policy | None = None) -> Link:
    """Return the link of a whole call; what stands in for the other side of it is not told."""
    if not call.allowed:
        return _link(subject, call.decisive[1])
    parts = []
    for action, decision in call.decisions:
        named = [step for step in decision.steps if step.policy is not hidden]
        parts.append(" and ".join(f"{step.statement.label} of {step.policy}" for step in named) + f" for {action}")
    return Link(subject, allowed=True, because="; ".join(parts))


def _direct(wish: Wish) -> Request:
    return Request(wish.who, wish.action, wish.resource, wish.who.account, _own_context(wish))


def _policies(holder: Held) -> Policies:
    return Policies(identity=holder.identity, boundary=(holder.boundary,) if holder.boundary is not None else None)


def _trusting(who: Principal) -> Policy:
    """Return the trust of a role that leaves everything to the caller's account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who.account}, "Action": "sts:*"}
    return parse_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)


def _own_context(wish: Wish) -> Context:
    is_user = wish.who.kind is PrincipalKind.USER
    keys = {"aws:PrincipalType": "User" if is_user else "AssumedRole"}
    if is_user:
        keys["aws:username"] = wish.who.name
    return _context(wish, wish.own, wish.who.account, keys)


def _session_context(wish: Wish, role: Held, arn: RoleArn) -> Context:
    keys = {
        "aws:PrincipalType": "AssumedRole",
        "aws:SourceIdentity": str(wish.engineer),
        "aws:TokenIssueTime": instant_text(wish.now),
    }
    return _context(wish, role, str(arn.account), keys)


def _context(wish: Wish, holder: Held, account: str, keys: Mapping[str, str]) -> Context:
    usual = {
        "aws:CurrentTime": instant_text(wish.now),
        "aws:EpochTime": str(int(wish.now.timestamp())),
        "aws:PrincipalAccount": account,
        "aws:PrincipalArn": holder.arn,
        "aws:SecureTransport": "true",
    }
    tags = {f"aws:PrincipalTag/{key}": value for key, value in holder.tags.items()}
    return context(usual | tags | dict(keys)).with_keys(wish.keys)
