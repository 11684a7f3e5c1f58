"""A pass tells what stands in AWS, for one provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict
from gatepass.domain.grant import PrincipalPattern, Window
from gatepass.domain.handed_pass import pass_body
from gatepass.domain.identifiers import RoleName
from gatepass.usecases.rotate_factor import rotate_factor
from gatepass.usecases.write_pass import write_pass
from tests.people import GRANT, MORNING, OTHER_PROVIDER, SUPPORT
from tests.usecases.applied import the_role
from tests.usecases.handover import (
    SEAL_TO,
    Scene,
)

# What the register says.


def test_the_terms_in_clear_are_those_that_stand_in_aws() -> None:
    """While a rotation is under way, the end of the old ID is no term of the role."""
    until = MORNING + timedelta(days=9)
    grant = replace(
        GRANT, principals=(PrincipalPattern("role/engineers/*"),), window=Window(end=until),
        session_limit=timedelta(hours=2), requires_source_identity=True,
    )  # fmt: skip
    scene = Scene(grant)
    rotate_factor(SUPPORT, scene.roles, scene.randomness, timedelta(hours=2))

    handed, file = write_pass(SUPPORT, SEAL_TO, scene.roles, scene.tools())

    (role,) = handed.roles
    assert role.window == Window(end=until)
    assert role.principals == grant.principals
    assert role.session_limit == timedelta(hours=2)
    assert role.requires_source_identity
    assert file.body == pass_body(handed)
    assert scene.external_id not in file.text


def test_roles_for_two_providers_are_not_handed_over_in_one_pass() -> None:
    scene = Scene()
    role = the_role(scene.roles)
    other = replace(
        role, name=RoleName("ServiceProvider-other"), tags={**role.tags, "gatepass:provider": str(OTHER_PROVIDER)}
    )
    scene.roles.roles[other.name] = other

    with pytest.raises(Conflict, match="different providers"):
        scene.hands_over()
