"""The end of grants as a unit of work: their customer is told before, and what has ended is withdrawn after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.kept_secrets import USUAL_STORE
from gatepass.domain.notice import Channels, Happening, Notice
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.run import FOUND
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.fleet.works.chosen import chosen
from gatepass.ports.machine import Clock
from gatepass.ports.notices import Notifier, ToldNotices
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.find_grant import demand_account, roles_of_grant
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.usecases.tell import tell
from gatepass.usecases.tell_of_ends import coming_ends, tell_of_ends
from gatepass.usecases.withdraw_grant import plan_withdraw, withdraw_changes


@dataclass(frozen=True, slots=True)
class Ends:
    """What looking after the ends of grants needs.

    Attributes:
        declarations: what each customer's file declares, by account.
        roles: the roles of an account, entered by a role that is the customer's own.
        notifiers: the channels that a file names.
        shelf: which ends were told already.
        alone: held while the shelf is read and written.
        within: how long before its end a grant is told of.
        withdraws: whether what has ended is withdrawn, and not only reported.
        store: opens the store of the customer's second factors, of which none is left of what was withdrawn.
        usual_store: which store that is if a file names none; the same as for rotations.
    """

    declarations: Callable[[], Mapping[AccountId, Declaration]]
    roles: Callable[[AccountId], RoleDirectory]
    notifiers: Callable[[Channels], Sequence[Notifier]]
    shelf: ToldNotices
    alone: AbstractContextManager[object]
    clock: Clock
    within: timedelta
    withdraws: bool
    store: Callable[[str], SecretStore]
    usual_store: str = USUAL_STORE


def expire_kind(ends: Ends) -> Kind:
    """Return the end of grants as a kind of work; a unit is an account."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        return chosen([str(account) for account in ends.declarations()], wanted, ("account",))

    def work(unit: Unit, steps: Steps) -> UnitResult:
        try:
            return _expire(AccountId(unit.subject), steps, ends)
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            return UnitResult(Result.FAILED, cause, error.next_step)

    return Kind("expire", units, work)


def _expire(account: AccountId, steps: Steps, ends: Ends) -> UnitResult:
    declared = ends.declarations().get(account)
    if declared is None:
        return UnitResult(Result.SKIPPED, "no file is for this account any longer")
    told = patiently(steps, "tell of ends", lambda: _told(declared, ends))
    over = patiently(steps, "see what has ended", lambda: {"ended": " ".join(map(str, _ended(declared, ends)))})
    names = over["ended"].split()
    facts = {**told, **over}
    for name in names if ends.withdraws else ():
        patiently(steps, f"withdraw {name}", partial(_withdrawn, GrantName(name), declared, ends))
    if told["untold"]:
        cause = f"a channel took no notice: {told['untold']}"
        return UnitResult(Result.FAILED, cause, "mend the channel; the next run tries it again", facts)
    if ends.withdraws or not names:
        return UnitResult(Result.DONE, facts=facts)
    found = f"ended, and still there: {', '.join(names)}"
    return UnitResult(Result.DONE, next_step="run it again with --apply", facts={**facts, FOUND: found})


def _told(declared: Declaration, ends: Ends) -> Facts:
    notifiers = ends.notifiers(declared.notify)
    now = ends.clock.now()
    coming = coming_ends(declared, ends.roles(declared.account), now, ends.within)
    with ends.alone:
        tellings = tell_of_ends(coming, notifiers, ends.shelf, now)
    untold = [f"{failure.channel}: {failure.what}" for telling in tellings for failure in telling.untold]
    return {"told": " ".join(str(one.ending.grant) for one in tellings if one.told), "untold": "; ".join(untold)}


def _ended(declared: Declaration, ends: Ends) -> list[GrantName]:
    """Return the grants whose window is over by AWS's own clock, and whose roles still stand."""
    roles = ends.roles(declared.account)
    demand_account(declared, roles.owner()[1])
    return [grant.name for grant in declared.grants if grant.window.end is not None and _is_over(grant, roles)]


def _is_over(grant: Grant, roles: RoleDirectory) -> bool:
    try:
        found = roles_of_grant(grant.name, roles)
    except NotThere:
        return False
    return grant.window.has_ended(roles.sight(found[0][1].name).aws_time)


def _withdrawn(name: GrantName, declared: Declaration, ends: Ends) -> Facts:
    """Withdraw the grant; what a run before has deleted is done."""
    roles = ends.roles(declared.account)
    try:
        changes = plan_withdraw(name, roles)
    except NotThere:
        _forget(name, declared, roles, ends)
        return {"withdrawn": "before"}
    for _ in withdraw_changes(changes, roles):
        pass
    _forget(name, declared, roles, ends)
    tell(ends.notifiers(declared.notify), Notice(Happening.WITHDRAWN, declared.account, ends.clock.now(), grant=name))
    return {"withdrawn": "yes"}


def _forget(name: GrantName, declared: Declaration, roles: RoleDirectory, ends: Ends) -> None:
    """Leave nothing of the grant in the customer's store."""
    keep_second_factor(name, roles, ends.store(declared.second_factor_store or ends.usual_store))
