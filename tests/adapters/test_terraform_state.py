"""States and plans of Terraform, read for the roles in them and for nothing secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatepass.adapters.terraform_state import load_terraform, parse_terraform
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.terraform_roles import Standing, TerraformRoles
from tests.adapters.terraform_files import (
    EXTERNAL_ID,
    MODULE,
    ROLE,
    S3,
    Resource,
    plan,
    raw_state,
    resources,
    role_values,
    shown,
    state,
)
from tests.conftest import CUSTOMER


def read(text: str) -> TerraformRoles:
    return parse_terraform(text.encode(), "state.json")


@pytest.mark.parametrize("write", [state, raw_state], ids=["terraform show -json", "terraform.tfstate"])
def test_a_state_says_where_each_part_of_a_role_stands(write: Callable[..., str]) -> None:
    (role,) = read(write(*reversed(resources()))).roles

    assert (str(role.name), role.account) == (ROLE, AccountId(CUSTOMER))
    assert [(part.address, part.import_id) for part in role.parts] == [
        (f'{MODULE}.aws_iam_role.this["support"]', ROLE),
        (f'{MODULE}.aws_iam_role_policy.limits["support"]', f"{ROLE}:gatepass-limits"),
        (f'{MODULE}.aws_iam_role_policy_attachment.this["support/AmazonS3FullAccess"]', f"{ROLE}/{S3}"),
    ]
    # What points at the role leaves the state before it.
    assert role.held[-1] == role.parts[0].address


@pytest.mark.parametrize("write", [state, raw_state, lambda *all_: plan(*((each, ["no-op"]) for each in all_))])
def test_nothing_secret_is_taken_out_of_it(write: Callable[..., str]) -> None:
    assert "TOPSECRETCODE" in write(*resources())
    assert "TOPSECRETCODE" not in repr(read(write(*resources())))


def test_a_plan_says_what_it_makes_and_what_it_deletes() -> None:
    made, limits, attached = resources()
    other = resources("Other", "other")[0]

    roles = read(plan((made, ["update"]), (limits, ["create"]), (attached, ["delete"]), (other, ["create"]))).roles

    assert [part.standing for role in roles for part in role.parts] == [
        Standing.PLANNED,
        Standing.HELD,
        Standing.PLANNED,
        Standing.LEAVING,
    ]
    assert [(role.is_held, role.is_leaving) for role in roles] == [(False, False), (True, True)]


def test_what_is_imported_by_a_plan_is_not_held_yet() -> None:
    changes = json.loads(plan((resources()[0], ["no-op"])))
    changes["resource_changes"][0]["change"]["importing"] = {"id": ROLE}

    (role,) = read(json.dumps(changes)).roles

    assert not role.is_held


@pytest.mark.parametrize(
    ("key", "index"),
    [(None, ""), (0, "[0]"), ("a b", '["a b"]'), ('q"${x}', '["q\\"$${x}"]')],
)
def test_the_keys_of_for_each_and_count_stand_in_the_address(key: object, index: str) -> None:
    data: dict[str, Any] = json.loads(raw_state(resources()[0]))
    instance = data["resources"][0]["instances"][0]
    del instance["index_key"]
    if key is not None:
        instance["index_key"] = key

    (role,) = read(json.dumps(data)).roles

    assert role.parts[0].address == f"{MODULE}.aws_iam_role.this{index}"


def test_what_waits_to_be_deleted_and_what_is_only_read_does_not_count() -> None:
    data = json.loads(raw_state(*resources()))
    data["resources"][0]["instances"][0]["deposed"] = "1234abcd"
    data["resources"][1]["mode"] = "data"

    assert read(json.dumps(data)).roles == ()


def test_a_part_whose_role_is_not_known_is_left_out_and_named() -> None:
    attachment = shown("aws_iam_role_policy_attachment", "later", {"policy_arn": S3})

    found = read(plan((attachment, ["create"])))

    assert found == TerraformRoles((), (f"{MODULE}.aws_iam_role_policy_attachment.later",))


def test_what_attaches_a_policy_to_several_roles_is_named() -> None:
    several = shown("aws_iam_policy_attachment", "all", {"roles": [ROLE, "Other"], "policy_arn": S3})

    (role,) = read(state(*resources(), several)).roles

    assert role.shared == (f"{MODULE}.aws_iam_policy_attachment.all",)


def without(key: str) -> Resource:
    return {name: value for name, value in role_values().items() if name != key}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04rest", "saved plan"),
        (b"\xff\xfe", "UTF-8"),
        (b'resource "aws_iam_role" "x" {', "does not begin"),
        (b"", "does not begin"),
        (b"{", "not JSON at line 1"),
        (b'{"a": 1, "a": 2}', "given twice"),
        (b"{}", "neither a state nor a plan"),
        (b'{"gatepass": "pass"}', "neither a state nor a plan"),
        (b'{"version": 3, "lineage": "a", "modules": []}', "version 3"),
        (b'{"version": 4, "meta": {}, "encrypted_data": "x"}', "encrypted"),
        (b'{"version": 4, "resources": 7}', "the form"),
        (b'{"format_version": "1.0", "values": []}', "no role"),
        (b'{"format_version": "1.0", "values": {"root_module": []}}', "no role"),
        (b'{"format_version": "1.0", "values": {"root_module": {"resources": [7]}}}', "the form"),
        (b'{"resource_changes": [{"mode": "managed", "type": "aws_iam_role"}]}', "the form"),
    ],
)
def test_odd_files_are_told_apart(content: bytes, why: str) -> None:
    if why == "no role":
        assert parse_terraform(content, "state.json").roles == ()
        return
    with pytest.raises(InvalidInput, match=r"state\.json") as refused:
        parse_terraform(content, "state.json")

    assert why in refused.value.why
    assert refused.value.next_step


@pytest.mark.parametrize(
    "address",
    ["aws_iam_role.x; rm -rf ~", "aws_iam_role.x\n}", 'aws_iam_role.x["\u202etxt"]', "", 7, f"aws.{EXTERNAL_ID} x"],
)
def test_what_is_no_address_never_gets_into_a_command(address: object) -> None:
    odd = {**resources()[0], "address": address}

    with pytest.raises(InvalidInput) as refused:
        read(state(odd))

    assert str(address) not in f"{refused.value}{refused.value.why}{refused.value.next_step}" or not address


def test_a_file_without_any_role_is_read() -> None:
    assert read('{"format_version": "1.0"}').roles == ()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with path.open("wb") as file:
        file.truncate(50_000_001)

    with pytest.raises(InvalidInput, match="larger than"):
        load_terraform(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(GatepassError, match="cannot be read"):
        load_terraform(tmp_path / "state.json")
