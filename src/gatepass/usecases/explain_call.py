"""Explain a call that was refused in a customer's account: whose side says no, and what to ask whom for."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from gatepass.decision.action_names import ActionCatalogue
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.reading_policies import reading_policy
from gatepass.domain.refused_call import Ended, Layer, RefusedCall, statement_text
from gatepass.domain.register import Register
from gatepass.domain.session import Session
from gatepass.usecases.find_way_in import WayIn

_MOST_POSSIBLE = 6


class Side(Enum):
    """Whose no it is."""

    GRANT = "the grant: it lacks this permission"
    SWITCH = "the customer's switch, the window's end, or a limit of the grant"
    ORGANIZATION = "the customer's organisation: a service control policy"
    DATA_PERIMETER = "the organisation of whose resource it is: a resource control policy"
    BOUNDARY = "the customer's permissions boundary on the role"
    SESSION = "your own session: it was narrowed when it began"
    RESOURCE = "the resource's own policy"
    NETWORK = "a VPC endpoint policy, on the way"
    OWN = "your own account"
    DOOR = "the door of another role: its trust"
    OVER = "nobody: the session is over"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one refused call means.

    Attributes:
        why: more about it, a line each.
        next_step: what to do: a command to paste, or whom to ask.
        entry: what would have to stand in the grant of the customer's ``access.yml``, a line each.
        offer: the command that asks for it with a signed file, where the customer is registered.
        is_known: whether AWS's words say so; else it is the likeliest.
    """

    call: RefusedCall
    side: Side
    why: tuple[str, ...]
    next_step: str
    entry: tuple[str, ...] = ()
    offer: str = ""
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of where the call was made.

    Attributes:
        session: the session of this terminal, if any, expired or not.
        register: the provider's customers, if they are at hand.
        actions: every action of AWS, to find the service of an operation; None where the list is not installed.
    """

    now: datetime
    session: Session | None = None
    register: Register | None = None
    actions: ActionCatalogue | None = None


def explain_call(call: RefusedCall, around: Around) -> Explanation:
    """Return whose side refused the call, and what to do."""
    way = _way(call, around)
    possible = _possible(call, around)
    if len(possible) == 1:
        call = replace(call, action=possible[0])
    if call.ended is not None:
        return _over(call, around)
    if way is None and _is_own(call, around):
        step = f"ask whoever keeps account {call.account}, or look where you are: gatepass whoami"
        return Explanation(
            call, Side.OWN, ("you were in no customer's account",), step, is_known=call.layer is not None
        )
    if call.action.lower() == "sts:assumerole":
        step = f"gatepass sudo {call.resource}" if call.resource else "gatepass sudo CUSTOMER"
        return Explanation(call, Side.DOOR, ("Gatepass ranks the causes when it knocks itself",), step)
    if call.layer is not None and call.layer in _ELSEWHERE:
        return _elsewhere(call, call.layer)
    if not call.action or call.action.startswith(":"):
        return _unnamed(call, possible)
    return _denied(call, way) if call.is_denied else _lacking(call, way, is_known=call.layer is not None)


def _possible(call: RefusedCall, around: Around) -> tuple[str, ...]:
    """Return the actions that an operation of an unnamed service can be."""
    if around.actions is None or not call.action.startswith(":"):
        return ()
    name = call.action[1:]
    return tuple(f"{each}:{name}" for each in around.actions.services() if name in around.actions.actions(each))


def _unnamed(call: RefusedCall, possible: tuple[str, ...]) -> Explanation:
    """Return that too little was told to name the permission."""
    told = [f"AWS told only the operation: {call.action.removeprefix(':') or 'none'}"]
    if possible:
        more = f", and {len(possible) - _MOST_POSSIBLE} more" if len(possible) > _MOST_POSSIBLE else ""
        told.append("it can be " + ", ".join(possible[:_MOST_POSSIBLE]) + more)
    step = "run it again with --debug, which shows the service, and ask the customer for that action"
    return Explanation(call, Side.GRANT, tuple(told), step, is_known=False)


def _lacking(call: RefusedCall, way: WayIn | None, *, is_known: bool) -> Explanation:
    """Return what the grant would need, exactly this call first and a managed policy after it."""
    name = str(way.grant) if way is not None else "GRANT"
    managed = reading_policy(call.action)
    statement = json.loads(statement_text(call))
    entry = [
        "grants:",
        f"  {name}:",
        "    custom_policy: " + json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    ]
    if managed is not None:
        entry.append(f"    # or: permissions: [{managed}], which allows all such looks at the service")
    why = () if is_known else ("AWS gave no reason: a bucket's or key's own policy could refuse too",)
    customer = f"the customer of account {call.account or 'unknown'}"
    step = f"send {customer} these lines for access.yml, beside what stands there; then: gatepass plan, gatepass apply"
    return Explanation(call, Side.GRANT, why, step, tuple(entry), _offer(call, way, managed), is_known=is_known)


def _offer(call: RefusedCall, way: WayIn | None, managed: str | None) -> str:
    """Return the command that asks by a signed offer; one for a standing grant would not widen it."""
    if way is None:
        return ""
    service = call.action.partition(":")[0]
    asked = f"--permissions {managed}" if managed is not None else "--custom-policy FILE"
    grant = f"{way.grant}-{service}"[:32].rstrip("-")
    reason = f'--reason "{call.action} is refused"'
    return f"gatepass offer {way.customer.name} --grant {grant} {asked} {reason} -o {grant}.offer"


def _denied(call: RefusedCall, way: WayIn | None) -> Explanation:
    """Return what a Deny in the role's own policies means: our switch and our limits stand there."""
    grant = way.grant if way is not None else "GRANT"
    if call.action.lower().startswith(("iam:", "sts:")) and ":role/gatepass/" in call.resource:
        stays = ("no session may change the roles that providers enter by; this stays so",)
        return Explanation(call, Side.SWITCH, stays, "ask the customer's administrator to do it")
    why = (
        "likely the customer closed or revoked: then every call is refused, also: gatepass list s3bucket",
        "or the window is over; or the customer's own policy denies this one action",
    )
    step = f'gatepass leave; then: gatepass request {call.account or "ACCOUNT"}/{grant} --for 4h --reason "..."'
    return Explanation(call, Side.SWITCH, why, step, is_known=call.layer is not None)


_ELSEWHERE = {
    Layer.SERVICE_CONTROL: (
        Side.ORGANIZATION,
        "no grant can give what the organisation forbids",
        "ask the customer's administrator who keeps the organisation",
    ),
    Layer.RESOURCE_CONTROL: (
        Side.DATA_PERIMETER,
        "it keeps outsiders from the resource, whatever the grant says",
        "ask the customer's administrator who keeps the organisation",
    ),
    Layer.BOUNDARY: (
        Side.BOUNDARY,
        "a role gets only what its permissions and its boundary both allow",
        "ask the customer to widen the policy under boundary: in access.yml, if this is meant to be allowed",
    ),
    Layer.SESSION: (
        Side.SESSION,
        "the role may allow it: --read-only or --policy took it from this session",
        "gatepass leave, then gatepass sudo without --read-only and --policy",
    ),
    Layer.RESOURCE: (
        Side.RESOURCE,
        "a bucket, key or secret has a policy of its own, which a grant does not change",
        "ask the customer who keeps the resource to allow the role in its policy",
    ),
    Layer.TRUST: (
        Side.DOOR,
        "the trust of the role that was to be entered does not let this caller in",
        "enter it with Gatepass, which ranks the causes: gatepass sudo ARN",
    ),
    Layer.ENDPOINT: (
        Side.NETWORK,
        "the call went through a VPC endpoint that does not let it pass",
        "try from another network, or ask whoever keeps the endpoint",
    ),
}


def _elsewhere(call: RefusedCall, layer: Layer) -> Explanation:
    side, why, step = _ELSEWHERE[layer]
    named = (f"the policy: {call.policy}",) if call.policy else ()
    return Explanation(call, side, (why, *named), step)


def _over(call: RefusedCall, around: Around) -> Explanation:
    session = around.session
    if call.ended is Ended.EXPIRED:
        ended = f"it ended at {session.expires_at:%H:%M:%SZ}" if session is not None else "its time was up"
        again = f"{session.customer}/{session.grant}" if session is not None and session.customer else "CUSTOMER"
        if session is not None and not session.customer:
            again = str(session.role)
        return Explanation(call, Side.OVER, (ended,), f"gatepass leave, then gatepass sudo {again}")
    why = ("AWS does not know these credentials: mistyped, deleted, or of another partition",)
    return Explanation(call, Side.OVER, why, "gatepass creds show, then gatepass creds load")


def _way(call: RefusedCall, around: Around) -> WayIn | None:
    """Return whose role the caller was in, by the register; else None."""
    register = around.register
    if register is None:
        return None
    account, name = call.account, call.caller.split("/")[1] if ":assumed-role/" in call.caller else ""
    if not account and around.session is not None:
        account, name = str(around.session.account), str(around.session.role.name)
    for customer in register.customers.values():
        for grant, role in customer.roles.items():
            if str(role.account) == account and str(role.name) == name:
                return WayIn(customer, grant, role)
    return None


def _is_own(call: RefusedCall, around: Around) -> bool:
    """Say whether the call was made outside every customer's account, as far as can be told."""
    if not call.account:
        return False
    try:
        account = AccountId(call.account)
    except InvalidInput:
        return False
    if around.register is not None and account == around.register.account:
        return True
    return ":user/" in call.caller and (around.session is None or around.session.account != account)
