"""What ending grants and engineers' sessions by the thousand is made of, out of the options of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gatepass.domain.identifiers import AccountId, engineer_name
from gatepass.domain.kept_secrets import USUAL_STORE
from gatepass.wiring import handover, machine, notices, own_account, ready_sessions, registers

if TYPE_CHECKING:
    from gatepass.domain.grant import Declaration
    from gatepass.fleet.work import Kind, Options
    from gatepass.fleet.works.offboard_customer import Parting
    from gatepass.ports.roles import RoleDirectory
    from gatepass.ports.secrets import SecretStore

_Files = Callable[[Path], Mapping[AccountId, str]]
_Roles = Callable[[AccountId, str], "RoleDirectory"]


def expire_kind(options: Options, files: _Files, roles: _Roles) -> Kind:
    """Return the end of grants for a folder of customers' files."""
    from gatepass.fleet.works import expire

    return expire.expire_kind(
        expire.Ends(
            _declarations(options, files),
            lambda account: roles(account, options["via_role"]),
            notices.notifiers,
            notices.told_notices(),
            Lock(),
            machine.clock(),
            timedelta(seconds=float(options["within"])),
            options["apply"] == "yes",
            cache(_shared_store),
            # A run that an earlier version began says nothing of it.
            options.get("customer_store", USUAL_STORE),
        )
    )


def offboard_kind(options: Options, files: _Files, roles: _Roles) -> Kind:
    """Return the leave of one customer, or the end of one engineer's sessions for a folder of customers' files."""
    if options.get("customer"):
        from gatepass.fleet.works.offboard_customer import offboard_customer_kind

        return offboard_customer_kind(parting(options))
    from gatepass.fleet.works import offboard

    declarations = _declarations(options, files)

    def subjects() -> list[str]:
        return [f"{account}/{grant.name}" for account, declared in declarations().items() for grant in declared.grants]

    engineer = engineer_name(options["engineer"])
    return offboard.offboard_kind(
        offboard.Leaving(engineer, subjects, lambda account: roles(account, options["via_role"]), machine.clock())
    )


def parting(options: Options) -> Parting:
    """Return what leaving the customer needs, that the options name."""
    from gatepass.adapters.signing_keys import Ed25519Signatures
    from gatepass.adapters.trays import FolderTray
    from gatepass.domain.register import CustomerName
    from gatepass.fleet.works.offboard_customer import Parting, Signer
    from gatepass.usecases.depart_customer import OwnSide
    from gatepass.usecases.provider_keys import load_keys

    place, store = Path(options["proof"]), _shared_store(options["store"])
    tray = FolderTray(place.parent)

    def own() -> OwnSide:
        return OwnSide(
            registers.register_book(Path(options["register"])),
            own_account.own_teams(),
            cache(own_account.own_permission_sets),
            store,
            ready_sessions.forget_sessions,
        )

    def signer() -> Signer:
        account = registers.register_book(Path(options["register"])).load().account
        ring = handover.key_ring(options["keys_store"], account)
        keys = load_keys(ring)
        return Signer(ring.locksmith.signing_key(keys.secret), keys.rotations)

    return Parting(
        CustomerName(options["customer"]),
        own,
        lambda: tray.get(place.name),
        lambda text: tray.put(place.name, text),
        str(place),
        machine.clock(),
        cache(signer),
        Ed25519Signatures(),
    )


def _shared_store(kind: str) -> SecretStore:
    from gatepass.wiring.fleet import shared_store

    return shared_store(kind)


def _declarations(options: Options, files: _Files) -> Callable[[], Mapping[AccountId, Declaration]]:
    from gatepass.wiring.file_access import load_customer_file

    def declared() -> Mapping[AccountId, Declaration]:
        found = files(Path(options["files"]))
        return {account: load_customer_file(Path(file)).declaration for account, file in found.items()}

    return cache(declared)
