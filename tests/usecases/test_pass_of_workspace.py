"""A pass that is made from the file, the store and the outputs says what one made from AWS says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

from gatepass.domain.grant import PrincipalPattern, Window
from gatepass.domain.handed_pass import PASS, parse_pass
from gatepass.domain.sealed_factors import parse_sealed_text
from gatepass.domain.signed_file import parse_signed_file
from gatepass.usecases.hand_over_door import pass_of_door
from gatepass.usecases.rotate_workspace_door import rotate_workspace
from gatepass.usecases.write_pass import write_pass
from tests.fleet.stub import RECIPIENT
from tests.people import MORNING
from tests.usecases.workspace_world import DOORS, OVERLAP, SUPPORT, World

TERMS = replace(
    DOORS[0],
    principals=(PrincipalPattern("user/gatepass-*"),),
    window=Window(MORNING - timedelta(days=1), MORNING + timedelta(days=30)),
    session_limit=timedelta(hours=3),
    source_networks=(ip_network("203.0.113.0/24"),),
    requires_source_identity=True,
)


def _read(text: str, world: World) -> tuple[object, ...]:
    """Return what a pass says, but its own id and time."""
    handed = parse_pass(parse_signed_file(text, PASS).body)
    sealed = parse_sealed_text(world.seal.open(handed.sealed or ""))
    return handed.grant, handed.customer, handed.provider, handed.customer_key, handed.roles, sealed


def test_its_terms_and_what_is_sealed_are_those_of_a_pass_from_aws() -> None:
    world = World((TERMS,))

    for _ in range(2):
        pass_of_door(SUPPORT, world.desk())
        without = world.passes.files["444455556666-support.pass.json"]
        _, signed = write_pass(SUPPORT, RECIPIENT, world.roles, world.tools)

        assert _read(without, world) == _read(signed.text, world)
        # Then once more with two of them.
        rotate_workspace((), world.desk(), OVERLAP / 1000)
