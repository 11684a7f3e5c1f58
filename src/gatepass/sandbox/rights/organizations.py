"""What an account's organisation says: service and resource control policies, and its IDs."""

from __future__ import annotations

from dataclasses import dataclass

from moto.organizations.models import FakeAccount, FakeOrganizationalUnit, OrganizationsBackend, organizations_backends

from gatepass.decision.evaluate import Level
from gatepass.decision.policy import PolicyKind
from gatepass.sandbox.rights.documents import parsed

SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
RESOURCE_CONTROL = "RESOURCE_CONTROL_POLICY"

_KINDS = {SERVICE_CONTROL: PolicyKind.SERVICE_CONTROL, RESOURCE_CONTROL: PolicyKind.RESOURCE_CONTROL}


@dataclass(frozen=True)
class Membership:
    """An account's place in an organisation, root first."""

    organisation_id: str
    is_management: bool
    root: FakeOrganizationalUnit
    path: tuple[FakeOrganizationalUnit | FakeAccount, ...]

    @property
    def path_text(self) -> str:
        """The path as `aws:PrincipalOrgPaths` holds it."""
        units = "/".join(each.id for each in self.path if isinstance(each, FakeOrganizationalUnit))
        return f"{self.organisation_id}/{units}/"

    def levels(self, kind: str) -> tuple[Level, ...]:
        """Return the control policies of a kind that bind the account, root first; none bind the management account.

        Raises:
            Refusal: a stored policy is malformed.
        """
        if self.is_management or not _is_enabled(self.root, kind):
            return ()
        return tuple(
            Level(
                each.id,
                tuple(
                    parsed(policy.content, _KINDS[kind], policy.name or policy.id)
                    for policy in each.attached_policies
                    if policy.type == kind
                ),
            )
            for each in self.path
        )


def membership_of(account: str) -> Membership | None:
    """Return an account's place in its organisation, or ``None`` when it has none."""
    management, partition = organizations_backends.master_accounts.get(account, (account, "aws"))
    if management not in organizations_backends.keys():  # noqa: SIM118 - `in` alone would ask moto's own __contains__
        return None
    backend = organizations_backends[management][partition]
    member = next((each for each in backend.accounts if each.id == account), None)
    if backend.org is None or member is None:
        return None
    path = _path(backend, member)
    root = path[0]
    if not isinstance(root, FakeOrganizationalUnit):
        return None
    return Membership(backend.org.id, management == account, root, path)


def policy_types_enabled(account: str) -> frozenset[str]:
    """Return the policy types that are switched on in the organisation that an account manages."""
    membership = membership_of(account)
    if membership is None:
        return frozenset()
    return frozenset(kind for kind in _KINDS if _is_enabled(membership.root, kind))


def policy_kind_of(account: str, policy_id: str) -> str | None:
    """Return the kind of a control policy of the organisation that an account manages."""
    if membership_of(account) is None:
        return None
    policies = organizations_backends[account]["aws"].policies
    return next((policy.type for policy in policies if policy.id == policy_id and policy.type in _KINDS), None)


def _is_enabled(root: FakeOrganizationalUnit, kind: str) -> bool:
    return any(each["Type"] == kind for each in getattr(root, "policy_types", ()))


def _path(backend: OrganizationsBackend, member: FakeAccount) -> tuple[FakeOrganizationalUnit | FakeAccount, ...]:
    units = {unit.id: unit for unit in backend.ou}
    path: list[FakeOrganizationalUnit | FakeAccount] = [member]
    parent = member.parent_id
    while parent in units:
        unit = units.pop(parent)
        path.append(unit)
        parent = unit.parent_id or ""
    return tuple(reversed(path))
