"""A shell's environment on the way into sessions and out of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session
from gatepass.domain.shell_environment import (
    LABELS,
    OWN_VARIABLES,
    Changes,
    handed_on,
    in_region,
    inside,
    outside,
    own_environment,
)

EXPIRY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_OWN = st.dictionaries(st.sampled_from(OWN_VARIABLES), st.text(max_size=8), max_size=len(OWN_VARIABLES))


def session(number: int) -> Session:
    keys = Credentials(f"ASIA{number}", f"secret-{number}", f"token-{number}", EXPIRY)
    role = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support")
    return Session(role, EngineerName("netops-1"), EXPIRY, keys, "acme", "support")


def after(environment: Mapping[str, str], changes: Changes) -> dict[str, str]:
    """Return the environment after a shell has evaluated the changes."""
    kept = {name: value for name, value in environment.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}


def test_every_label_of_a_session_is_taken_out_again() -> None:
    """A label that is added to sessions has to be added to those that leaving removes."""
    assert {name for name in session(1).environment("eu-west-1") if not name.startswith("AWS_")} == set(LABELS)
    assert set(session(1).environment("eu-west-1")) <= {*LABELS, *OWN_VARIABLES}


@given(_OWN, st.integers(1, 3))
def test_leaving_restores_exactly_what_was_there(own: dict[str, str], depth: int) -> None:
    before = own | {"PATH": "/bin", "GATEPASS_REGISTER": "x"}
    environment = dict(before)
    for number in range(depth):
        environment = after(environment, inside(environment, session(number), "eu-west-1"))
        assert own_environment(environment) == own
        assert environment["AWS_ACCESS_KEY_ID"] == f"ASIA{number}"
        assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"} & set(environment)

    assert after(environment, outside(environment)) == before


def test_leaving_a_session_that_came_without_the_persons_own_leaves_no_key() -> None:
    environment = {"PATH": "/bin", **session(1).environment("eu-west-1")}

    left = after(environment, outside(environment))

    assert left == {"PATH": "/bin", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert own_environment(environment) == {}


def test_keys_that_the_person_set_inside_a_session_are_theirs() -> None:
    inner = after({}, inside({}, session(1), None)) | {"AWS_ACCESS_KEY_ID": "AKIANEW"}

    left = after(inner, outside(inner))

    assert left["AWS_ACCESS_KEY_ID"] == "AKIANEW"
    assert not any(name.startswith("GATEPASS_") for name in left)


def test_a_command_in_a_session_gets_neither_the_own_keys_nor_the_stack() -> None:
    own = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "MARKER"}
    inner = after(own, inside(own, session(1), None)) | {"GATEPASS_STACK": "1.2", "GATEPASS_SHELL": "bash"}

    handed = handed_on(inner)

    assert "MARKER" not in handed.values()
    assert not {"GATEPASS_STACK", "GATEPASS_SHELL"} & set(handed)
    assert handed["GATEPASS_CUSTOMER"] == "acme"


def test_a_region_is_told_to_every_tool() -> None:
    assert in_region("eu-west-1") == {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
