"""Stack sets of an organisation, service-managed: which accounts a request means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from moto.organizations.models import OrganizationsBackend, organizations_backends

from gatepass.sandbox.rights.authorization import Asking
from gatepass.sandbox.rights.organizations import membership_of
from gatepass.sandbox.wire.call import Pairs
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Refusal, service_error

_TARGETED = frozenset({"CreateStackInstances", "DeleteStackInstances"})
# moto would say that they happened, and change no role.
_NOT_HERE = frozenset({"UpdateStackInstances", "UpdateStackSet", "ImportStacksToStackSet"})


def checked_stack_set(asking: Asking) -> Asking:
    """Return the request with its targets written out as accounts.

    Raises:
        Refusal: the caller manages no organisation, or asks for what the sandbox does not do.
    """
    name, parameters = asking.operation.name, asking.operation.parameters
    if name in _NOT_HERE:
        raise Refusal(Fault.NOT_EMULATED, f"The sandbox's stack sets know no {name}.")
    if name != "CreateStackSet" and name not in _TARGETED:
        return asking
    membership = membership_of(asking.caller.account)
    if membership is None or not membership.is_management:
        words = "You must be the management account of an organization to operate a SERVICE_MANAGED stack set"
        raise service_error("ValidationError", words)
    if name == "CreateStackSet":
        if parameters.text("PermissionModel") != "SERVICE_MANAGED":
            # Nobody would ask the target account.
            words = "The sandbox's stack sets are SERVICE_MANAGED only, in an organization's accounts."
            raise Refusal(Fault.NOT_EMULATED, words)
        return asking
    if "Accounts" in parameters:
        raise service_error("ValidationError", "SERVICE_MANAGED stack sets take DeploymentTargets, not Accounts")
    return _with_accounts(asking)


def _with_accounts(asking: Asking) -> Asking:
    """Return the request as moto reads it: it knows no filter of accounts, and deletes by account only."""
    operation = asking.operation
    targets = operation.parameters.structure("DeploymentTargets")
    backend = organizations_backends[asking.caller.account]["aws"]
    accounts = sorted(set(_accounts(backend, targets)))
    kept: Pairs = tuple((name, value) for name, value in operation.pairs if not name.startswith("DeploymentTargets."))
    written = [(f"Accounts.member.{number}", account) for number, account in enumerate(accounts, start=1)]
    # No unit is named so; moto wants one all the same.
    unit = ("DeploymentTargets.OrganizationalUnitIds.member.1", "ou-none-000000000000")
    return replace(asking, operation=replace(operation, pairs=(*kept, *written, unit)))


def _accounts(backend: OrganizationsBackend, targets: Parameters) -> Iterator[str]:
    units = {*targets.texts("OrganizationalUnitIds")}
    if not units:
        raise service_error("ValidationError", "OrganizationalUnitIds are required")
    parents = {unit.id: unit.parent_id or "" for unit in backend.ou}
    named, kind = {*targets.texts("Accounts")}, targets.text("AccountFilterType") or "NONE"
    if kind not in ("NONE", "INTERSECTION", "DIFFERENCE"):
        raise Refusal(Fault.NOT_EMULATED, f"The sandbox's stack sets know no AccountFilterType {kind}.")
    for account in backend.accounts:
        place = account.parent_id
        while place not in units and place in parents:
            place = parents[place]
        chosen = {"NONE": True, "INTERSECTION": account.id in named, "DIFFERENCE": account.id not in named}[kind]
        # A stack set never makes anything in the account that manages it.
        if place in units and chosen and account.id != backend.account_id:
            yield account.id
