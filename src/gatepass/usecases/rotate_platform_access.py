"""Rotate the external ID with which a platform itself enters the account; it is never left without one that works.

The role takes both before the platform is told the new one, a dry run proves that the platform enters with it, and
only then the old one goes. No date ends the old one: nobody but ourselves could hand the platform another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.platform_run import Run
from gatepass.domain.rotation_record import trust_digest
from gatepass.domain.trust import accepted_external_id
from gatepass.domain.workspace_door import seal
from gatepass.domain.workspace_objects import OwnAccess
from gatepass.usecases.customer_half import CustomerHalf, demand_record, edited, rotation_record, standing_role
from gatepass.usecases.door_records import seal_salt
from gatepass.usecases.keep_second_factor import keep_role_factor
from gatepass.usecases.move_door import MovingDesk, move_token, unlocked
from gatepass.usecases.prove_platform_access import prove_platform_access
from gatepass.usecases.rotate_saga import Beginning, begin, open_with_both, open_with_new_only, settle

# As good as no end at all: an end by date would lock the platform out if nobody came back to an interrupted rotation.
_NO_END = timedelta(days=3650)
_BY_HAND_LETTERS = 16
# AWS goes by a new trust after about 4 s: a run that a schedule begins just then should get in too.
_UNTIL_AWS_TAKES_IT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class RotatedAccess:
    """Where the rotation of the platform's own access stands.

    Attributes:
        changed: False when an earlier run had done all of it but the last entry in the store.
        old_until: until when the old external ID opens too; None when it does not.
        run: the dry run that proved it; None where an earlier run had seen it.
        digest_before: the digest of the trust that stood before; or empty.
        digest_after: the digest of the trust that stands now.
    """

    grant: GrantName
    role: RoleArn
    changed: bool
    old_until: datetime | None = None
    run: Run | None = None
    digest_before: str = ""
    digest_after: str = ""


def rotate_platform_access(half: CustomerHalf, moves: MovingDesk) -> RotatedAccess:
    """Rotate the external ID by which the platform enters; one that was interrupted is finished.

    Args:
        half: the grant of ``own_access``, from its own file, with credentials of the customer's account; its overlap,
            outbox and inbox are not used.
        moves: the workspace whose dry run proves it.

    Raises:
        InvalidInput: the workspace's file names no own access, or another one.
        NotThere: the role, the workspace or the platform's access is gone.
        RunFailed: the platform could not enter with the new external ID; both are accepted, and rotating again goes on.
        Conflict: the workspace is locked, or the role is no open door of ours.
        GatepassError: AWS, the platform or the store said no, or did not answer; rotating again goes on.
    """
    _demand_same(half, moves)
    half = replace(half, overlap=_NO_END)
    at = unlocked(moves.platform.our_workspace(moves.setup), moves)
    unsettled = _settled_late(half)
    if unsettled is not None:
        return unsettled
    token = move_token("access", half.tools.randomness)
    begun = begin(half, token)
    if begun.beginning is Beginning.BY_HAND:
        return _follow_the_hand(half, moves, at.workspace, begun.until)
    if begun.beginning is Beginning.DRAWN:
        open_with_both(half, token)
    record = demand_record(half)
    run = _let_platform_enter(half, moves, at.workspace, record.token, record.role, record.new)
    record = open_with_new_only(half)
    settle(half)
    return RotatedAccess(
        half.grant, record.role, changed=True, run=run, digest_before=record.before, digest_after=record.only_new
    )


def _settled_late(half: CustomerHalf) -> RotatedAccess | None:
    """Finish a rotation that was stopped before its very last entry, or return None where there is none."""
    record = rotation_record(half)
    if record is None:
        return None
    seen = standing_role(half)
    if trust_digest(seen.role.trust) != record.only_new:
        return None
    if not keep_role_factor(half.grant, seen.arn, seen.role, half.store):
        return None
    return RotatedAccess(half.grant, record.role, changed=False, digest_after=record.only_new)


def _follow_the_hand(half: CustomerHalf, moves: MovingDesk, workspace: str, until: datetime | None) -> RotatedAccess:
    """Let the platform enter with what somebody drew by hand, before the old one ends by its date."""
    seen = standing_role(half)
    current = accepted_external_id(seen.role.trust)
    if current is None or until is None:  # ``standing_role`` lets no such role pass
        raise edited(half, "it asks for no second factor")
    digest = trust_digest(seen.role.trust)
    token = f"access-by-hand-{digest[:_BY_HAND_LETTERS]}"
    run = _let_platform_enter(half, moves, workspace, token, seen.arn, current)
    settle(half)
    return RotatedAccess(half.grant, seen.arn, changed=True, old_until=until, run=run, digest_after=digest)


def _let_platform_enter(  # noqa: PLR0913, PLR0917 - who enters what with what, and what proves it
    half: CustomerHalf, moves: MovingDesk, workspace: str, token: str, role: RoleArn, external_id: ExternalId
) -> Run:
    """Tell the platform the external ID once AWS should take it, and let a dry run prove that it enters with it."""
    moves.clock.sleep(_UNTIL_AWS_TAKES_IT)
    salt = seal_salt(moves.declaration.account, moves.store)
    wanted = OwnAccess(moves.setup.access_name, role, external_id, seal(external_id.reveal(), salt))
    moves.platform.write_own_access(moves.setup, wanted)
    _demand_written(wanted, half, moves)
    return prove_platform_access(token, workspace, moves)


def _demand_written(wanted: OwnAccess, half: CustomerHalf, moves: MovingDesk) -> None:
    """Let the rotation go on only when the platform says what was written, as far as it tells.

    A dry run with the old external ID would go well too.
    """
    found = moves.platform.standing(moves.setup).own_access
    told = found.what if found is not None else None
    is_same = told is not None and told.role == wanted.role
    if told is not None and told.external_id is not None:
        is_same = is_same and told.external_id == wanted.external_id
    elif told is not None and told.seal:
        is_same = is_same and told.seal == wanted.seal
    if not is_same:
        raise Conflict(
            f"{moves.platform.title} does not say of its own access what was just written",
            why="somebody else writes it at the same time; both external IDs are accepted",
            next_step=f"rotate the access by {half.grant} again, once nobody else does",
        )


def _demand_same(half: CustomerHalf, moves: MovingDesk) -> None:
    own, account = moves.setup.own_access, moves.declaration.account
    if own is None or (own, account) != (half.grant, half.account):
        named = f"it names {own} in account {account}" if own is not None else "its file names none"
        raise InvalidInput(
            f"{half.grant} is not the access by which {moves.setup.platform.title} enters for {moves.setup.workspace}",
            why=named,
            next_step="name that grant with own_access: in the workspace's file, and its own file to this command",
        )
