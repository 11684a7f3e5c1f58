"""Every policy that bears on a caller."""

from __future__ import annotations

from moto.iam.models import Group, Role, User

from gatepass.decision.policy import Policy, PolicyKind
from gatepass.sandbox.memory.moto_iam import ManagedPolicies, iam_of
from gatepass.sandbox.rights.documents import parsed
from gatepass.sandbox.rights.principals import Caller
from gatepass.sandbox.wire.refusals import Fault, Refusal


def identity_policies(caller: Caller) -> tuple[Policy, ...]:
    """Return the policies of a user with its groups, or of a role; a root user needs none.

    Raises:
        Refusal: a stored policy is malformed.
    """
    if caller.entity is None:
        return ()
    found = [*_policies_of(caller.entity)]
    if isinstance(caller.entity, User):
        for group in iam_of(caller.account).groups.values():
            if caller.entity in group.users:
                found += _policies_of(group)
    return tuple(found)


def boundary(caller: Caller) -> tuple[Policy, ...] | None:
    """Return the permissions boundary, or ``None`` when none is attached.

    Raises:
        Refusal: the boundary is malformed, or was deleted; then it allows nothing.
    """
    arn = boundary_arn(caller.entity) if caller.entity is not None else None
    if arn is None:
        return None
    return (managed_policy(caller.account, arn, PolicyKind.BOUNDARY),)


def boundary_arn(entity: User | Role) -> str | None:
    """Return the ARN of the boundary of a user or role."""
    # moto knows no boundary of users; the sandbox keeps it beside the user.
    arn = getattr(entity, "permissions_boundary_arn", None)
    return arn if isinstance(arn, str) and arn else None


def session_policies(caller: Caller) -> tuple[Policy, ...] | None:
    """Return the session policies, or ``None`` when none were passed.

    A federated user without any may do nothing that its user's policies allow.

    Raises:
        Refusal: a stored policy is malformed.
    """
    session = caller.session
    if session is None or (session.policies is None and not caller.is_federated):
        return None
    documents = session.policies or ()
    return tuple(parsed(document, PolicyKind.SESSION, "session policy") for document in documents)


def managed_policy(account: str, arn: str, kind: PolicyKind) -> Policy:
    """Return the default version of a managed policy.

    Raises:
        Refusal: it does not exist, or is malformed.
    """
    document = managed_document(iam_of(account).managed_policies, arn)
    if document is None:
        raise Refusal(Fault.ACCESS_DENIED, f"The policy {arn} does not exist.")
    return parsed(document, kind, arn)


def managed_document(policies: ManagedPolicies, arn: str) -> str | None:
    """Return the text of a managed policy's default version, or ``None`` when there is no such policy."""
    if arn not in policies:
        return None
    policy = policies[arn]
    return next(
        (version.document for version in policy.versions if version.version_id == policy.default_version_id), None
    )


def _policies_of(entity: User | Role | Group) -> list[Policy]:
    inline = [parsed(document, PolicyKind.IDENTITY, name) for name, document in entity.policies.items()]
    managed = [
        parsed(version.document, PolicyKind.IDENTITY, policy.arn)
        for policy in entity.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    return inline + managed
