"""The role that a grant asks for, given what stands already."""

from __future__ import annotations

from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant, digest, role_name
from gatepass.domain.identifiers import ROLE_PATH, ExternalId, Partition, PolicyArn, role_arn
from gatepass.domain.limits import limits_policy
from gatepass.domain.opening import opened_until
from gatepass.domain.role import (
    ADOPTED_TAG,
    CUSTOMER_KEY_TAG,
    DIGEST_TAG,
    DIRECT_ENGINE,
    ENGINE_TAG,
    GRANT_TAG,
    LIMITS_POLICY,
    PERMISSIONS_POLICY,
    PROVIDER_TAG,
    Role,
)
from gatepass.domain.trust import (
    accepted_external_id,
    closed_trust,
    is_closed,
    open_trust,
    retiring_external_id,
    sole_external_id,
)


def standing_trust(grant: Grant, partition: Partition, observed: Role | None, fresh: ExternalId) -> Document:
    """Return the trust that the grant asks for without moving the switch.

    A closed door stays closed, an open one keeps its external IDs and the end of its opening,
    and only a role that does not exist yet gets the ``fresh`` one.

    Raises:
        Conflict: the role is open, the grant needs a second factor, and the role has none to keep.
    """
    if observed is None:
        return open_trust(grant, partition, fresh if grant.needs_second_factor else None)
    if is_closed(observed.trust):
        return closed_trust()
    until = opened_until(observed)
    if not grant.needs_second_factor:
        return open_trust(grant, partition, None, until=until)
    # What was adopted keeps the ID that others chose for it.
    kept = accepted_external_id(observed.trust) if observed.is_ours else sole_external_id(observed.trust)
    if kept is None:
        raise Conflict(
            f"the role {observed.name} has no second factor that could be kept",
            why="the grant needs one, the trust in AWS asks for none of ours, and only the switch draws new ones",
            next_step=f"gatepass close {grant.name}, then apply, then gatepass open {grant.name}",
        )
    return open_trust(grant, partition, kept, retiring=retiring_external_id(observed.trust), until=until)


def wanted_role(  # noqa: PLR0913 - a role is what is declared plus what stands, each named
    declaration: Declaration,
    grant: Grant,
    partition: Partition,
    *,
    policies: frozenset[PolicyArn],
    trust: Document,
    customer_key: str | None,
    path: str = ROLE_PATH,
) -> Role:
    """Return the role that must exist for the grant.

    Args:
        declaration: the whole file, for its account, naming and tags.
        grant: the grant in it.
        partition: the partition of the account.
        policies: the grant's permissions, found in the account.
        trust: who may enter, switch included.
        customer_key: the provider's part of the external ID, kept so that it survives a closed door.
        path: where the role stands; another than ours only for one that was adopted.
    """
    name = role_name(grant, declaration.naming)
    # Under our own path the limits fence it off already, unless it keeps the others there.
    is_apart = grant.keeps_roles or (grant.adopted is not None and path != ROLE_PATH)
    own = role_arn(partition, declaration.account, name, path) if is_apart else None
    inline = {LIMITS_POLICY: limits_policy(grant, partition, declaration.account, own)}
    if grant.custom_policy is not None:
        inline[PERMISSIONS_POLICY] = grant.custom_policy
    tags = {
        **declaration.tags,
        GRANT_TAG: str(grant.name),
        PROVIDER_TAG: str(grant.provider),
        ENGINE_TAG: DIRECT_ENGINE,
        DIGEST_TAG: digest(grant, declaration),
    }
    if customer_key is not None:
        tags[CUSTOMER_KEY_TAG] = customer_key
    if grant.adopted is not None:
        tags[ADOPTED_TAG] = str(name)
    return Role(
        name=name,
        path=path,
        trust=trust,
        session_limit=grant.session_limit,
        policies=policies,
        inline=inline,
        boundary=grant.boundary,
        tags=tags,
    )
