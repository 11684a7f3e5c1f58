"""The kinds of work that the fleet does, made ready from what a run was started with, and where runs are kept."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.domain.errors import GatepassError
from gatepass.domain.identifiers import RoleArn
from gatepass.private_files import state_folder
from gatepass.wiring import audit, fleet_calls, machine, own_account, registers, stores

if TYPE_CHECKING:
    from gatepass.domain.grant import Declaration
    from gatepass.domain.identifiers import AccountId
    from gatepass.fleet.database import Database
    from gatepass.fleet.engine import Engine
    from gatepass.fleet.ledger import Ledger
    from gatepass.fleet.pacing import Pacer
    from gatepass.fleet.run import Order, Outcome
    from gatepass.fleet.run import Progress as Progress  # noqa: PLC0414 - exported
    from gatepass.fleet.schedules import Schedules
    from gatepass.fleet.work import Kind, Kinds, Options
    from gatepass.ports.roles import RoleDirectory
    from gatepass.ports.secrets import SecretStore


def kinds() -> Kinds:
    """Return every kind of work by its name, each made ready with a run's options."""
    return {
        "verify": _verify,
        "reconcile": _reconcile,
        "rotate": _rotate,
        "admit": _admit,
        "expire": _expire,
        "offboard": _offboard,
    }


def demand_engine() -> None:
    """Let only an installation pass that has the fleet's engine.

    Raises:
        GatepassError: the extra is not installed.
    """
    try:
        import dbos  # noqa: F401
    except ImportError:
        raise GatepassError(
            "the fleet's engine is not installed",
            why="it comes with the extra fleet",
            next_step="pip install 'gatepass[fleet]'",
        ) from None


def database(typed: str | None) -> Database:
    """Return where runs are kept.

    Raises:
        InvalidInput: the address is none, or a password was typed in it.
    """
    from gatepass.fleet.database import chosen_database

    return chosen_database(state_folder() / "fleet", typed, os.environ)


def ledger(place: Database) -> Ledger:
    """Return the book of runs."""
    demand_engine()
    from gatepass.fleet.ledger import Ledger

    return Ledger(place)


def schedules(book: Ledger) -> Schedules:
    """Return what is begun by the clock."""
    from gatepass.fleet.schedules import Schedules

    return Schedules(book)


def engine(
    place: Database,
    tell: Callable[[str], None],
    on_lost: Callable[[], None],
    on_failed: Callable[[GatepassError], None],
) -> Engine | None:
    """Return this process as a worker, not started; None when another one works and only one may.

    Args:
        place: where runs are kept.
        tell: told in words what a person at a worker wants to know.
        on_lost: ends the process when others may do its work by now.
        on_failed: ends the process when the database fails for good.

    Raises:
        GatepassError: the database cannot be used.
    """
    demand_engine()
    from gatepass.fleet.engine import Engine
    from gatepass.fleet.runners import SharedPlace, SolePlace, new_worker

    worker = new_worker()
    place.make_ready()
    where = SharedPlace(place, worker, on_lost, tell) if place.is_shared else SolePlace(place)
    if not where.take():
        return None
    found = Engine(place, kinds(), worker, where, tell, record=record, on_failed=on_failed)
    pacer().workers = lambda: found.workers
    fleet_calls.pace_this_process()
    return found


def pacer() -> Pacer:
    """Return what paces the calls of this process."""
    return fleet_calls.pacer()


def record(run: str, order: Order, outcome: Outcome) -> None:
    """Keep the outcome of a unit in this machine's journal, as the deed of whoever asked for the run.

    Raises:
        OSError: the journal cannot be written.
        Conflict: it is not for this person alone.
    """
    from gatepass.fleet.records import deed_of, record_id

    audit.note_deed(deed_of(order, outcome), f"local:{order.by}", machine.clock().now(), record_id(run, outcome))


def deliver(tell: Callable[[str], None]) -> None:
    """Bring what this machine's journal holds to the log; what was not taken is told, and kept here."""
    try:
        audit.deliver_journal()
    except GatepassError as error:
        tell(f"the journal was not delivered, and is kept: {error.what}")


def asked_by() -> str:
    """Return who asks, and on which machine."""
    try:
        return f"{getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):
        return f"{os.getuid()}@{socket.gethostname()}"


def _verify(options: Options) -> Kind:
    from gatepass.fleet.works.verify import Doors, verify_kind

    def doors() -> Doors:
        register = registers.register_book(Path(options["register"])).load()
        probers = fleet_calls.probers(options["verify_as"], options.get("stranger") or None, register.account)
        return Doors(register, shared_store(options["store"]), probers, quick=options.get("quick") == "yes")

    return verify_kind(doors)


def shared_store(kind: str) -> SecretStore:
    """Return the store of that kind, for use by many threads at once.

    Raises:
        InvalidInput: there is no such kind.
        GatepassError: it cannot be used here.
    """
    from gatepass.adapters.thread_secrets import EachThreadsSecrets

    return EachThreadsSecrets(lambda: stores.secret_store(kind))


def _reconcile(options: Options) -> Kind:
    path, apply = Path(options["path"]), options.get("apply") == "yes"
    if options["side"] == "provider":
        return _reconcile_register(path, options["store"], apply=apply)
    from gatepass.fleet.works.reconcile import Accounts, reconcile_kind
    from gatepass.wiring.file_access import load_customer_file

    def load(file: str) -> Declaration:
        return load_customer_file(Path(file)).declaration

    accounts = Accounts(
        lambda: customer_files(path),
        load,
        lambda account: roles_of(account, options.get("via_role", "")),
        machine.clock(),
        machine.randomness(),
        timedelta(seconds=float(options.get("wait", "5"))),
    )
    return reconcile_kind(accounts, apply=apply)


def _rotate(options: Options) -> Kind:
    from gatepass.wiring.fleet_rotation import rotate_kind

    return rotate_kind(options, customer_files)


def _admit(options: Options) -> Kind:
    from gatepass.wiring.fleet_rotation import admit_kind

    return admit_kind(options)


def _expire(options: Options) -> Kind:
    from gatepass.wiring.fleet_endings import expire_kind

    return expire_kind(options, customer_files, roles_of)


def _offboard(options: Options) -> Kind:
    from gatepass.wiring.fleet_endings import offboard_kind

    return offboard_kind(options, customer_files, roles_of)


def would_do(options: Options) -> Sequence[str]:
    """Return in words what a run would change, beside its units; only a customer's leave tells it."""
    if not options.get("customer"):
        return ()
    from gatepass.fleet.works.offboard_customer import would_do as told
    from gatepass.wiring.fleet_endings import parting

    return told(parting(options))


def proof_lines(options: Options) -> Sequence[str]:
    """Return in words what a run has proved; only a customer's leave does."""
    if not options.get("customer"):
        return ()
    from gatepass.fleet.works.offboard_customer import proof_lines as told
    from gatepass.wiring.fleet_endings import parting

    return told(parting(options))


def _reconcile_register(path: Path, store: str, *, apply: bool) -> Kind:
    from gatepass.fleet.works.reconcile_register import OwnAccount, reconcile_register_kind

    def own() -> OwnAccount:
        center = cache(own_account.own_permission_sets)
        secrets = stores.secret_store(store)
        return OwnAccount(registers.register_book(path).load, own_account.own_teams(), center, secrets)

    return reconcile_register_kind(own, apply=apply)


def customer_files(path: Path) -> Mapping[AccountId, str]:
    """Return the customer's files of the folder, or the one file, by the account that each is for.

    Raises:
        NotThere: there is no such folder or file.
        InvalidFile: every problem in the first file that has any.
        Conflict: two files are for one account.
    """
    from gatepass.domain.errors import Conflict, NotThere
    from gatepass.wiring.declared_files import declaration

    if not path.exists():
        raise NotThere(f"there is no {path}", why="a folder of customer's files is looked for", next_step="ls")
    files = sorted(each for end in ("*.yml", "*.yaml") for each in path.glob(end)) if path.is_dir() else [path]
    found: dict[AccountId, str] = {}
    for file in files:
        account = declaration(file).account
        if account in found:
            raise Conflict(
                f"{file} and {found[account]} are for the same account {account}",
                why="each would take the other's roles for unnamed ones",
                next_step="write the grants of one account into one file",
            )
        found[account] = str(file)
    return found


def roles_of(account: AccountId, via_role: str) -> RoleDirectory:
    """Return the roles of the account, entered by the role of that name; without one, as the person's own.

    Raises:
        AccessRefused: the role does not let the person in.
    """
    from gatepass.adapters.iam_roles import IamRoles
    from gatepass.adapters.organization_role import entered_as

    if not via_role:
        return own_account.own_roles()
    caller = own_account.own_tokens().caller()
    if caller.account == account:
        return own_account.own_roles()
    role = RoleArn(f"arn:{caller.arn.split(':')[1]}:iam::{account}:role/{via_role.strip('/')}")
    return IamRoles(fleet_calls.paced(entered_as(role, caller.engineer, own_account.connected()), str(account)))
