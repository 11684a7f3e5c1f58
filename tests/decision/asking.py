"""Short ways to write policies and to ask for a decision on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gatepass.decision.evaluate import Decision, Level, Policies, decide
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import Principal, Request, context, principal, service_principal

Document = dict[str, object]

PROVIDER = "111122223333"
CUSTOMER = "444455556666"
ALICE = principal(f"arn:aws:iam::{PROVIDER}:user/alice")
SESSION = principal(f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/alice")
ROOT = principal(f"arn:aws:iam::{PROVIDER}:root")
FEDERATED = principal(f"arn:aws:sts::{PROVIDER}:federated-user/alice")
HOP = f"arn:aws:iam::{PROVIDER}:role/Hop"
KMS_KEY = f"arn:aws:kms:eu-west-1:{PROVIDER}:key/1234"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/support"
KEY = "arn:aws:s3:::bkt/key"

EC2 = service_principal("ec2.amazonaws.com")
PROVIDER_ROOT = {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
NET_OPS = {"AWS": f"arn:aws:iam::{PROVIDER}:role/NetOps"}
THE_SESSION = {"AWS": SESSION.arn}
THE_USER = {"AWS": ALICE.arn}

ALLOWED, IMPLICIT, EXPLICIT = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"


def statement(effect: str, action: object = "*", resource: object = "*", **elements: object) -> Document:
    """Return a statement; a resource of ``None`` leaves the element out."""
    base: Document = {"Effect": effect, "Action": action, "Resource": resource, **elements}
    return {name: value for name, value in base.items() if value is not None}


def allow(action: object = "*", resource: object = "*", **elements: object) -> Document:
    """Return a statement that allows."""
    return statement("Allow", action, resource, **elements)


def deny(action: object = "*", resource: object = "*", **elements: object) -> Document:
    """Return a statement that denies."""
    return statement("Deny", action, resource, **elements)


def trusting(who: object, action: object = "sts:AssumeRole", **elements: object) -> Document:
    """Return a trust statement."""
    return {"Effect": "Allow", "Principal": who, "Action": action, **elements}


def document(*statements: Document, version: str | None = "2012-10-17") -> Document:
    """Return a policy document."""
    tree: Document = {"Statement": list(statements)}
    return tree if version is None else {"Version": version, **tree}


def bucket(who: object, **elements: object) -> Document:
    """Return a bucket policy's statement that allows."""
    return allow("s3:*", "*", Principal=who, **elements)


def key_policy(who: object) -> Document:
    """Return a key policy's statement that allows."""
    return allow("kms:*", "*", Principal=who)


def compiled(*statements: Document, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """Return a policy of some statements."""
    return parse_policy(document(*statements), kind, "test")


def level(name: str, *statements: Document, kind: PolicyKind = PolicyKind.SERVICE_CONTROL) -> Level:
    """Return a level of an organisation with one policy."""
    return Level(name, (compiled(*statements, kind=kind),) if statements else ())


def layers(
    *,
    identity: Iterable[Document] = (),
    boundary: Iterable[Document] | None = None,
    session: Iterable[Document] | None = None,
    resource: Iterable[Document] | None = None,
    trust: Iterable[Document] | None = None,
    endpoint: Iterable[Document] | None = None,
    service_control: tuple[Level, ...] = (),
    resource_control: tuple[Level, ...] = (),
    blocks_public_access: bool = False,
) -> Policies:
    """Return the policies that bear on a request, each layer given by its statements."""
    named = None if resource is None else compiled(*resource, kind=PolicyKind.RESOURCE)
    if trust is not None:
        named = compiled(*trust, kind=PolicyKind.TRUST)
    own = list(identity)
    return Policies(
        identity=(compiled(*own),) if own else (),
        boundary=None if boundary is None else (compiled(*boundary, kind=PolicyKind.BOUNDARY),),
        session=None if session is None else (compiled(*session, kind=PolicyKind.SESSION),),
        resource=named,
        service_control=service_control,
        resource_control=resource_control,
        endpoint=None if endpoint is None else (compiled(*endpoint, kind=PolicyKind.ENDPOINT),),
        blocks_public_access=blocks_public_access,
    )


def ask(
    policies: Policies,
    *,
    caller: Principal = ALICE,
    action: str = "s3:GetObject",
    resource: str = KEY,
    account: str = PROVIDER,
    keys: Mapping[str, str | Iterable[str]] | None = None,
) -> Decision:
    """Return the decision on one request."""
    return decide(Request(caller, action, resource, account, context(keys or {})), policies)


@dataclass(frozen=True)
class Case:
    """One decision; without a caller it is a user's, without an account it is within one account."""

    name: str
    expected: str
    policies: Policies
    caller: Principal = ALICE
    action: str = "s3:GetObject"
    resource: str = KEY
    account: str = PROVIDER

    def answer(self) -> str:
        """Return what AWS would answer."""
        decision = ask(
            self.policies, caller=self.caller, action=self.action, resource=self.resource, account=self.account
        )
        assert str(decision.because)
        return decision.outcome.value


def applies(
    effect: str, condition: Document, keys: Mapping[str, str | Iterable[str]], version: str | None = "2012-10-17"
) -> bool:
    """Tell whether a statement with a condition applies to a request with some context keys."""
    tree = document(statement(effect, Condition=condition), version=version)
    policy = parse_policy(tree)
    request = Request(ALICE, "s3:GetObject", KEY, PROVIDER, context(keys))
    return policy.statements[0].matches(request)
