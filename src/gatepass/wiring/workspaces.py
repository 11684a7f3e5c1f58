"""What workspaces on Scalr and HCP Terraform are set up, run and rotated with."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, assert_never

from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.kept_secrets import USUAL_STORE
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.wiring import fleet_rotation, handover, machine, own_account, stores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatepass.domain.platform_run import Run
    from gatepass.ports.orchestrators import Orchestrator
    from gatepass.ports.roles import RoleDirectory
    from gatepass.ports.secrets import SecretStore
    from gatepass.ports.trays import Tray
    from gatepass.usecases.customer_half import CustomerHalf
    from gatepass.usecases.hand_over_door import HandingDesk
    from gatepass.usecases.move_door import MovingDesk
    from gatepass.usecases.set_up_workspace import SetUpDesk
    from gatepass.usecases.take_pass import ProviderHalf
    from gatepass.usecases.write_pass import PassTools

# Of many threads that begin at once, one makes what all of them share.
_ONE_AT_A_TIME = Lock()
_BASES = {Platform.SCALR: "/api/iacp/v3", Platform.HCP: "/api/v2"}


def load_setup(path: Path) -> WorkspaceSetup:
    """Return what the workspace's file and the environment say.

    Raises:
        InvalidFile: every problem in the file, and in the customer's file that it names.
    """
    from gatepass.wiring import file_access

    return file_access.load_workspace_file(path, os.environ).setup


def platform_of(setup: WorkspaceSetup) -> Orchestrator:
    """Return the account or organisation that the setup names; all setups of one share its connections and lookups.

    Raises:
        GatepassError: there is no token for it.
    """
    with _ONE_AT_A_TIME:
        return _orchestrator(setup.platform, setup.hostname, setup.owner)


@cache
def _orchestrator(platform: Platform, hostname: str, owner: str) -> Orchestrator:
    from gatepass.adapters.json_api import JsonApi, host
    from gatepass.adapters.platform_tokens import platform_token

    where = host(platform.title, hostname, _BASES[platform])
    api = JsonApi(where, platform_token(platform, hostname, os.environ, Path.home()), machine.clock())
    match platform:
        case Platform.SCALR:
            from gatepass.adapters.remembered_workspaces import RememberedWorkspaces
            from gatepass.adapters.scalr_platform import ScalrPlatform

            return ScalrPlatform(api, owner, RememberedWorkspaces())
        case Platform.HCP:
            from gatepass.adapters.hcp_platform import HcpPlatform

            return HcpPlatform(api, owner)
        case _:
            assert_never(platform)


def store_of(declaration: Declaration) -> SecretStore:
    """Return where the customer keeps its second factors, for many threads at once."""
    return _store(declaration.second_factor_store or USUAL_STORE)


@cache
def _store(kind: str) -> SecretStore:
    from gatepass.adapters.thread_secrets import EachThreadsSecrets

    return EachThreadsSecrets(lambda: stores.secret_store(kind))


def customers_roles(setup: WorkspaceSetup) -> RoleDirectory | None:
    """Return the roles of the customer's account; None where nobody needs them and no credentials of it are at hand.

    Only the platform's own access takes them in any case: then credentials that do not fit are an error of whoever
    uses them, and without any there is nothing to use.
    """
    if not own_account.has_credentials():
        return None
    if setup.own_access is None:
        try:
            account = own_account.own_tokens().caller().account
        except GatepassError:
            return None
        if account != setup.declaration.account:
            return None
    return own_account.own_roles()


def setting_up(setup: WorkspaceSetup) -> SetUpDesk:
    """Return what setting up needs.

    Raises:
        GatepassError: there is no token, or the store cannot be used here.
    """
    from gatepass.usecases.set_up_workspace import SetUpDesk

    return SetUpDesk(
        setup, platform_of(setup), store_of(setup.declaration), machine.clock(), machine.randomness(),
        customers_roles(setup),
    )  # fmt: skip


def moving(setup: WorkspaceSetup, watch: Callable[[Run], Run]) -> MovingDesk:
    """Return what moving its doors needs.

    Args:
        setup: the workspace.
        watch: waits until a run is over, and returns it as it ended.
    """
    from gatepass.usecases.move_door import MovingDesk

    store = store_of(setup.declaration)
    return MovingDesk(setup, platform_of(setup), store, machine.clock(), machine.randomness(), watch)


def handing(moves: MovingDesk, outbox: Tray, inbox: Tray, provider: ProviderHalf | None = None) -> HandingDesk:
    """Return what handing its doors over needs.

    Args:
        moves: the workspace.
        outbox: where passes are left for the provider.
        inbox: where the provider's receipts come in.
        provider: the provider's side, where this process has its credentials too.
    """
    from gatepass.usecases.hand_over_door import HandingDesk
    from gatepass.usecases.pass_of_workspace import Outbox

    with _ONE_AT_A_TIME:
        tools = _tools()
    return HandingDesk(moves, Outbox(outbox, tools), inbox, handover.offer_desk(), provider)


@cache
def _tools() -> PassTools:
    """Return what passes are written with; the key is read once, and signs for every thread."""
    return handover.pass_tools()


def tray(place: str) -> Tray:
    """Return a place where files are handed over: a folder, ``s3://BUCKET/PREFIX``, or ``STORE:PREFIX``."""
    return fleet_rotation.tray(place)


def one_file(path: Path) -> Tray:
    """Return a place for one new file, whatever the file is called that is handed over."""
    from gatepass.adapters.one_file_tray import OneFileTray

    return OneFileTray(path)


def provider_half(options: Mapping[str, str]) -> ProviderHalf:
    """Return the provider's side, whose credentials this process has too.

    Args:
        options: as of a rotation by the fleet: passes, receipts, register, provider_profile, store and so on.
    """
    return fleet_rotation.provider_half(dict(options))


def own_access_half(setup: WorkspaceSetup, declaration: Declaration) -> CustomerHalf:
    """Return the grant by which the platform itself enters, with the customer's credentials.

    Args:
        setup: the workspace that it enters for.
        declaration: the file that declares the grant.

    Raises:
        InvalidInput: the workspace names no such grant, the file has none of that name, or is another account's.
        Conflict: the credentials are another account's.
    """
    from gatepass.usecases.customer_half import CustomerHalf

    if setup.own_access is None:
        raise InvalidInput(
            f"the workspace {setup.workspace} names no own_access",
            why=f"so it is not known by which grant {setup.platform.title} enters",
            next_step="write own_access: GRANT into the workspace's file, then run setup",
        )
    if declaration.account != setup.declaration.account:
        raise InvalidInput(
            f"the file of the platform's own access is for account {declaration.account}",
            why=f"the workspace is for account {setup.declaration.account}",
            next_step="name the file that declares the grant in the workspace's account",
        )
    grant = declaration.grant(setup.own_access)
    _demand_credentials_of(declaration)
    outbox = tray(os.curdir)
    return CustomerHalf(
        account=declaration.account,
        grant=grant.name,
        role=role_name(grant, declaration.naming),
        recipient=grant.seal_to or "",
        offer=grant.offer,
        roles=fleet_rotation.directory(declaration.account, {}),
        store=store_of(declaration),
        tools=_tools(),
        outbox=outbox,
        inbox=outbox,
        desk=handover.offer_desk(),
    )


def _demand_credentials_of(declaration: Declaration) -> None:
    if not own_account.has_credentials():
        raise GatepassError(
            f"there are no AWS credentials of account {declaration.account}",
            why="the role by which the platform enters is changed in AWS itself; nothing else here needs them",
            next_step="set AWS_PROFILE to credentials that may rotate that role: gatepass doctor --policy customer",
        )
    account = own_account.own_tokens().caller().account
    if account != declaration.account:
        raise Conflict(
            f"the credentials are of account {account}, and the file is for {declaration.account}",
            why="the role by which the platform enters is changed in AWS itself",
            next_step=f"set AWS_PROFILE to credentials of {declaration.account}",
        )
