"""Hold a plan that was shown, and let it be applied only while the account is as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration
from gatepass.domain.notice import Channels
from gatepass.domain.saved_plan import SavedPlan, account_digest
from gatepass.domain.trust import instant_text
from gatepass.usecases.plan_grants import AccountPlan


def hold_plan(
    declaration: Declaration, planned: AccountPlan, changes: Sequence[str], now: datetime, *, prune: bool
) -> SavedPlan:
    """Return what to keep of a plan.

    Args:
        declaration: the file that was planned.
        planned: the plan.
        changes: its changes as they were shown.
        now: when.
        prune: whether it would delete roles that the file does not name.
    """
    bare = replace(declaration, notify=Channels())
    return SavedPlan(bare, prune, now, _digest(planned), tuple(changes))


def demand_unchanged(saved: SavedPlan, planned: AccountPlan, changes: Sequence[str]) -> None:
    """Let only a plan pass that would do today what it said when it was shown.

    Raises:
        Conflict: the account was changed since, or the same account needs other changes by now.
    """
    if saved.account_digest == _digest(planned) and saved.changes == tuple(changes):
        return
    raise Conflict(
        f"account {planned.account} has changed since the plan was made at {instant_text(saved.made_at)}",
        why="what was shown is not what would be done now",
        next_step="plan again, look at it, and apply that one; nothing was changed",
    )


def _digest(planned: AccountPlan) -> str:
    observed = [plan.observed for plan in planned.grants if plan.observed is not None]
    return account_digest((*observed, *planned.unnamed))
