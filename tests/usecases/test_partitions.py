"""Accounts in China and in GovCloud: their own ARNs everywhere, and no vendor of another partition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import PrincipalPattern
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn
from gatepass.usecases.adopt_role import adopt_role
from gatepass.usecases.close_door import close_door
from gatepass.usecases.open_door import open_door
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.rotate_factor import rotate_factor
from tests.people import GRANT, SUPPORT, declaration, memory_roles, randomness
from tests.usecases.applied import WAIT, apply_file, the_role

NAMED = replace(GRANT, permissions=("SecurityAudit",), principals=(PrincipalPattern("role/engineers/*"),))


def account(partition: str) -> MemoryRoles:
    roles = memory_roles()
    roles.partition = Partition(partition)
    roles.policies = {PolicyArn(f"arn:{partition}:iam::aws:policy/SecurityAudit"): "SecurityAudit"}
    return roles


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_every_arn_is_of_the_accounts_own_partition(partition: str) -> None:
    roles, file = account(partition), declaration(NAMED)
    apply_file(file, roles)

    (closed,) = close_door(SUPPORT, roles, roles.clock, WAIT)
    opened = open_door(file, SUPPORT, roles, roles.clock, randomness(), until=timedelta(hours=1))
    rotate_factor(SUPPORT, roles, randomness(), timedelta(hours=1))

    role = the_role(roles)
    texts = [role.trust.text, *(document.text for document in role.inline.values())]
    assert not [text for text in texts if "arn:aws:" in text]
    assert f"arn:{partition}:iam::111122223333:role/engineers/*" in role.trust.text
    assert closed.arn == opened.arn
    assert str(opened.arn).startswith(f"arn:{partition}:")
    assert role.policies == set(roles.policies)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_a_vendors_account_of_the_partition_aws_is_refused(partition: str) -> None:
    roles = account(partition)
    scalr = replace(NAMED, provider=AccountId("919814621061"))

    with pytest.raises(Conflict, match="Scalr's in the partition aws"):
        plan_account(declaration(scalr), roles, roles.clock, randomness())


def test_a_role_of_another_partition_is_adopted_in_its_own_words() -> None:
    roles = account("aws-cn")
    apply_file(declaration(NAMED), roles)
    role = the_role(roles)
    roles.roles[role.name] = replace(role, path="/", tags={})

    assert adopt_role(role.name, SUPPORT, roles).grant.principals == NAMED.principals
