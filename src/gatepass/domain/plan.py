"""The changes that turn a role as it stands into the role that is wanted, in the order that is safe to stop anywhere.

Narrow, then change trust, then widen. When who may enter changes, every session is held first
and let go last, denied if it is older; so no old session ever meets a new permission, and an
apply that stops in between leaves less access than the old grant or the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gatepass.domain.change import (
    AttachPolicy,
    Change,
    CreateRole,
    DeleteInline,
    DeleteRole,
    DetachPolicy,
    EndOlderSessions,
    LimitSessions,
    PutInline,
    RemoveBoundary,
    ReplaceTrust,
    SetBoundary,
    TagRole,
    UntagRole,
)
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import RoleName
from gatepass.domain.limits import both_limits
from gatepass.domain.role import (
    ADOPTED_TAG,
    DIGEST_TAG,
    ENGINE_TAG,
    GRANT_TAG,
    LIMITS_POLICY,
    PERMISSIONS_POLICY,
    PROVIDER_TAG,
    SWITCH_POLICY,
    Role,
    denials_of,
    is_our_tag,
)
from gatepass.domain.switch import deny_everything, deny_while_changing, doors
from gatepass.domain.trust import closed_trust, is_closed

# What makes a role one of ours.
_OWNING_TAGS = (GRANT_TAG, PROVIDER_TAG, ENGINE_TAG, ADOPTED_TAG)


def plan_role(wanted: Role, observed: Role | None) -> tuple[Change, ...]:
    """Return the changes that make the role as it is wanted; none when it is already so.

    A plan never opens a door: the trust that is wanted is closed exactly when the one observed is.
    Of a door that is only half closed it shuts the other half.
    """
    if observed is None:
        return tuple(_creation(wanted))
    entry_changes = wanted.trust != observed.trust
    # Who cannot enter needs no holding, and a door that a person closed is not ours to let go.
    position = doors(observed)
    must_hold = entry_changes and not position.role_is_denied and not is_closed(wanted.trust)
    must_let_go = must_hold or (position.is_changing and not is_closed(wanted.trust))
    changes: list[Change] = []
    if not observed.is_ours:
        # A role that is adopted is found by its tags from the first change on, even if the rest is never reached.
        changes.append(TagRole(wanted.name, {key: wanted.tags[key] for key in _OWNING_TAGS if key in wanted.tags}))
    if must_hold:
        changes.append(PutInline(wanted.name, SWITCH_POLICY, deny_while_changing()))
    if position.trust_is_closed and not position.role_is_denied:
        # What a withdrawal that was stopped left: its sessions would come back with the permissions.
        changes.append(PutInline(wanted.name, SWITCH_POLICY, deny_everything()))
    changes += _narrowing(wanted, observed)
    if entry_changes:
        changes.append(ReplaceTrust(wanted.name, wanted.trust))
    changes += _widening(wanted, observed)
    if must_let_go:
        changes.append(EndOlderSessions(wanted.name))
    changes += _tagging(wanted, observed)
    return tuple(changes)


def plan_withdrawal(observed: Role) -> tuple[Change, ...]:
    """Return the changes that close the role and then delete it with everything on it."""
    name = observed.name
    changes: list[Change] = []
    if not doors(observed).role_is_denied:
        changes.append(PutInline(name, SWITCH_POLICY, deny_everything()))
    if not is_closed(observed.trust):
        changes.append(ReplaceTrust(name, closed_trust()))
    changes += [DetachPolicy(name, policy) for policy in sorted(observed.policies)]
    changes += [DeleteInline(name, inline) for inline in sorted(observed.inline) if inline != SWITCH_POLICY]
    return (*changes, DeleteInline(name, SWITCH_POLICY), DeleteRole(name))


def _creation(wanted: Role) -> Iterator[Change]:
    """Make the role powerless, bind it, then give; its digest goes on last and tells that it is whole."""
    bare_tags = {key: tag for key, tag in wanted.tags.items() if key != DIGEST_TAG}
    yield CreateRole(replace(wanted, policies=frozenset(), inline={}, tags=bare_tags))
    for policy_name in sorted(wanted.inline, key=lambda inline: (inline == PERMISSIONS_POLICY, inline)):
        yield PutInline(wanted.name, policy_name, wanted.inline[policy_name])
    for policy in sorted(wanted.policies):
        yield AttachPolicy(wanted.name, policy)
    if len(bare_tags) < len(wanted.tags):
        yield TagRole(wanted.name, {DIGEST_TAG: wanted.tags[DIGEST_TAG]})


def _narrowing(wanted: Role, observed: Role) -> Iterator[Change]:
    limits, limits_now = wanted.inline[LIMITS_POLICY], observed.inline.get(LIMITS_POLICY)
    if limits_now is None:
        yield PutInline(wanted.name, LIMITS_POLICY, limits)
    elif limits_now != limits and both_limits(limits_now, limits) != limits_now:
        yield PutInline(wanted.name, LIMITS_POLICY, both_limits(limits_now, limits))
    if wanted.session_limit < observed.session_limit:
        yield LimitSessions(wanted.name, wanted.session_limit)
    if wanted.boundary is not None and observed.boundary is None:
        yield SetBoundary(wanted.name, wanted.boundary)
    for policy_name, document in sorted(observed.inline.items()):
        if policy_name == PERMISSIONS_POLICY:
            if wanted.inline.get(policy_name) != document:
                yield DeleteInline(wanted.name, policy_name)
        elif policy_name not in wanted.inline:
            yield from _without_allows(wanted.name, policy_name, document)
    for policy in sorted(observed.policies - wanted.policies):
        yield DetachPolicy(wanted.name, policy)


def _is_ours_to_remove(key: str, wanted: Role) -> bool:
    # Tags that begin with aws: are AWS's own; those of a role that was adopted are also its former keeper's.
    return is_our_tag(key) or not (key.startswith("aws:") or ADOPTED_TAG in wanted.tags)


def _without_allows(name: RoleName, policy_name: str, document: Document) -> Iterator[Change]:
    """Take the rights out of an undeclared policy; what it denies, as the console's "revoke sessions" does, stays."""
    denials = denials_of(document)
    if denials is None:
        yield DeleteInline(name, policy_name)
    elif denials != document:
        yield PutInline(name, policy_name, denials)


def _widening(wanted: Role, observed: Role) -> Iterator[Change]:
    limits, limits_now = wanted.inline[LIMITS_POLICY], observed.inline.get(LIMITS_POLICY)
    if limits_now is not None and limits_now != limits and both_limits(limits_now, limits) != limits:
        yield PutInline(wanted.name, LIMITS_POLICY, limits)
    if wanted.boundary is None and observed.boundary is not None:
        yield RemoveBoundary(wanted.name)
    elif wanted.boundary is not None and observed.boundary not in (None, wanted.boundary):
        yield SetBoundary(wanted.name, wanted.boundary)
    permissions = wanted.inline.get(PERMISSIONS_POLICY)
    if permissions is not None and permissions != observed.inline.get(PERMISSIONS_POLICY):
        yield PutInline(wanted.name, PERMISSIONS_POLICY, permissions)
    for policy in sorted(wanted.policies - observed.policies):
        yield AttachPolicy(wanted.name, policy)
    if wanted.session_limit > observed.session_limit:
        yield LimitSessions(wanted.name, wanted.session_limit)


def _tagging(wanted: Role, observed: Role) -> Iterator[Change]:
    told = () if observed.is_ours else _OWNING_TAGS
    fresh = {key: tag for key, tag in wanted.tags.items() if observed.tags.get(key) != tag and key not in told}
    if fresh:
        yield TagRole(wanted.name, fresh)
    gone = tuple(sorted(key for key in set(observed.tags) - set(wanted.tags) if _is_ours_to_remove(key, wanted)))
    if gone:
        yield UntagRole(wanted.name, gone)
