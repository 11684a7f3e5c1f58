"""The policies that bear on one request, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.decision.policy import Policy


@dataclass(frozen=True, slots=True)
class Level:
    """The policies attached at one level of an organisation: its root, a unit, or the account."""

    name: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy that bears on a request.

    Attributes:
        identity: of the user with its groups, or of the role.
        boundary: the permissions boundary; ``None`` when none is attached.
        session: the session policies; ``None`` when none were passed.
        resource: of the resource; for a role, its trust policy.
        service_control: of the caller's account, root first; empty when not in an organisation.
        resource_control: of the resource's account, root first; AWS's RCPFullAWSAccess at every level is implied.
        endpoint: of the VPC endpoint that the request came through; ``None`` when it came through none.
        blocks_public_access: whether S3 Block Public Access keeps a bucket policy from granting to everybody.
    """

    identity: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    resource: Policy | None = None
    service_control: tuple[Level, ...] = ()
    resource_control: tuple[Level, ...] = ()
    endpoint: tuple[Policy, ...] | None = None
    blocks_public_access: bool = False
