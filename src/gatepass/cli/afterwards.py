"""What follows a deed: the customer's store is brought up to date, and the customer's channels are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gatepass.cli.output import ExitCode, note
from gatepass.cli.recording import about
from gatepass.cli.telling import tell_channels
from gatepass.domain.errors import GatepassError
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.kept_secrets import USUAL_STORE
from gatepass.domain.notice import Happening, Notice
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.wiring import audit, file_access, machine, own_account, stores

_USUAL_FILE = Path("access.yml")


def afterwards(  # noqa: PLR0913 - what happened, to what, and where it is kept
    file: Path | Declaration | None,
    grant: GrantName,
    happening: Happening,
    roles: Sequence[RoleArn],
    until: datetime | None = None,
    *,
    usual_store: str = USUAL_STORE,
) -> int:
    """Do what the customer's file asks for after a deed, and return the exit code.

    The deed is done whatever happens here: what fails is told, and only a store that is behind counts as a failure.

    Args:
        file: the customer's file, or what it declares; None for the usual one, if it is there.
        grant: the grant that something happened to.
        happening: what.
        roles: its roles to which it happened.
        until: when the grant or its opening ends by itself.
        usual_store: where nothing is left of a withdrawn grant if the file names no store.
    """
    for role in roles:
        before, after = audit.role_digests(role.name)
        about(customer=str(role.account), grant=str(grant), before=before, after=after)
    try:
        declaration = _declared(file)
    except GatepassError as error:
        note(f"nobody was told, and no store was brought up to date: {error.what}")
        return ExitCode.FAILED
    if happening is Happening.WITHDRAWN and declaration is None:
        return leave_nothing(None, grant, usual_store)
    if declaration is None or any(role.account != declaration.account for role in roles):
        return ExitCode.DONE
    is_gone = happening is Happening.WITHDRAWN
    code = leave_nothing(declaration, grant, usual_store) if is_gone else keep(declaration, grant)
    if not declaration.notify.are_none:
        who, now = own_account.own_tokens().caller().arn, machine.clock().now()
        tell_channels(
            declaration.notify,
            [Notice(happening, declaration.account, now, grant, role, who, until) for role in roles],
        )
    return code


def bring_up_to_date(file: Path | None, grant: GrantName) -> int:
    """Bring the store that the customer's file names up to what AWS holds, and return the exit code."""
    try:
        declaration = _declared(file)
    except GatepassError as error:
        note(f"no store was brought up to date: {error.what}")
        return ExitCode.FAILED if file is not None else ExitCode.DONE
    return keep(declaration, grant) if declaration is not None else ExitCode.DONE


def keep(declaration: Declaration, grant: GrantName) -> int:
    """Bring the customer's store, if the file names one, up to what AWS holds, and return the exit code."""
    if declaration.second_factor_store is None:
        return ExitCode.DONE
    return _brought_up(declaration.second_factor_store, grant)


def leave_nothing(file: Path | Declaration | None, grant: GrantName, usual_store: str = USUAL_STORE) -> int:
    """Leave nothing in the customer's store of a grant whose roles are gone, and return the exit code.

    Args:
        file: the customer's file, or what it declares; None for the usual one, if it is there.
        grant: the grant that is gone.
        usual_store: which store it is if the file names none.
    """
    try:
        declaration = _declared(file)
    except GatepassError as error:
        note(f"no store was brought up to date: {error.what}")
        return ExitCode.FAILED
    named = declaration.second_factor_store if declaration is not None else None
    return _brought_up(named or usual_store, grant)


def _brought_up(store: str, grant: GrantName) -> int:
    try:
        kept = keep_second_factor(grant, own_account.own_roles(), stores.secret_store(store))
    except GatepassError as error:
        note(f"the second factor of {grant} is not in your store as AWS holds it: {error.what}")
        note(f"  why:  {error.why}")
        note(f"  next: {error.next_step}")
        return ExitCode.FAILED
    if kept.differed:
        note(f"brought up to date with AWS: {kept.name} in {kept.title}")
    return ExitCode.DONE


def _declared(file: Path | Declaration | None) -> Declaration | None:
    if isinstance(file, Declaration):
        return file
    if file is None and not _USUAL_FILE.exists():
        return None
    return file_access.load_customer_file(file or _USUAL_FILE).declaration
