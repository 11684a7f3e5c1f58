"""The command lint beyond its transcript: SARIF, an account's details, a live account."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli.person import Person
from tests.conftest import PROVIDER, Cloud

TRUST_POLICIES = sorted((Path(__file__).parents[1] / "decision" / "conformance" / "trust").glob("*.json"))
WITHOUT_ID = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}}
    ],
}
FOR_EC2 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
INSIDE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "444455556666"}}],
}

_TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
# The part of https://docs.oasis-open.org/sarif/sarif/v2.1.0 that we write, with nothing beside it.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _TEXT,
                                                "fullDescription": _TEXT,
                                                "help": _TEXT,
                                                "defaultConfiguration": {"properties": {"level": _LEVEL}, "additionalProperties": False},
                                                "properties": {"properties": {"tags": {"type": "array", "items": {"type": "string"}}}},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": _LEVEL,
                                "message": _TEXT,
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "additionalProperties": False,
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {"artifactLocation": {"properties": {"uri": {"type": "string"}}}, "region": {"properties": {"startLine": {"type": "integer", "minimum": 1}}}},
                                                "additionalProperties": False,
                                            },
                                            "logicalLocations": {
                                                "type": "array",
                                                "items": {"properties": {"fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}}, "additionalProperties": False},
                                            },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("path", TRUST_POLICIES, ids=lambda path: path.stem)
def test_the_command_says_of_a_trust_policy_what_a_careful_reviewer_says(path: Path, tmp_path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    (tmp_path / "trust.json").write_text(json.dumps(case["trust"]), encoding="utf-8")

    for name in (str(path), "trust.json"):
        finished = Person(tmp_path).types(f"gatepass lint {name} --format json")

        (review,) = json.loads(finished.stdout)["reviewed"]
        assert review["verdict"] == case["expected"]
        assert finished.returncode == (0 if case["expected"] == "good" else 3)
        assert not case["right_external_id"] or case["right_external_id"] not in finished.stdout


@pytest.mark.parametrize("path", TRUST_POLICIES[:6], ids=lambda path: path.stem)
def test_sarif_has_the_form_that_code_hosts_take(path: Path, tmp_path: Path) -> None:
    (tmp_path / "a trust.json").write_bytes(path.read_bytes())

    finished = Person(tmp_path).types('gatepass lint "a trust.json" --format sarif')

    log = json.loads(finished.stdout)
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [each["ruleId"] for each in run["results"]]
    assert {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]} == {
        "a%20trust.json"
    }


def test_of_an_account_only_the_roles_are_told_that_outsiders_can_enter(cloud: Cloud, tmp_path: Path) -> None:
    admin = cloud.administrator(tmp_path / "admin")
    iam = cloud.client("iam", cloud.aws.root_credentials("444455556666"))
    for name, trust in (("open", WITHOUT_ID), ("machine", FOR_EC2), ("inside", INSIDE)):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="open", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    finished = admin.types("gatepass lint --account --json")

    (review,) = json.loads(finished.stdout)["reviewed"]
    assert finished.returncode == 3
    assert review["name"] == "arn:aws:iam::444455556666:role/open"
    assert review["verdict"] == "opens-without-id"
    assert {finding["id"] for finding in review["findings"]} >= {
        "opens-without-id",
        "administrator",
        "iam-without-boundary",
    }


def test_an_account_without_open_doors_is_told_so(cloud: Cloud, tmp_path: Path) -> None:
    finished = cloud.administrator(tmp_path / "admin").types("gatepass lint --account")

    assert finished.stdout == "nobody outside the account can enter any of its roles\n"
    assert finished.returncode == 0


def test_the_details_of_an_account_in_a_file_are_read_like_the_account(tmp_path: Path) -> None:
    role = {"Arn": "arn:aws:iam::444455556666:role/open", "AssumeRolePolicyDocument": WITHOUT_ID}
    limited = role | {
        "Arn": "arn:aws:iam::444455556666:role/limited",
        "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::444455556666:policy/B"},
    }
    broken = role | {"Arn": "arn:aws:iam::444455556666:role/broken", "AssumeRolePolicyDocument": {"Statement": []}}
    attached = [{"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/Unread"}]
    details = {"RoleDetailList": [role | {"AttachedManagedPolicies": attached}, limited, broken]}
    (tmp_path / "details.json").write_text(json.dumps(details), encoding="utf-8")

    finished = Person(tmp_path).types("gatepass lint details.json --json")

    reviews = {each["name"].rsplit("/", 1)[-1]: each for each in json.loads(finished.stdout)["reviewed"]}
    assert {name: each["verdict"] for name, each in reviews.items()} == {
        "open": "opens-without-id",
        "limited": "opens-without-id",
        "broken": "invalid",
    }
    assert "policy-not-read" in {finding["id"] for finding in reviews["open"]["findings"]}


def test_a_customers_file_with_mistakes_is_told_like_check_does(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text("gatepass: customer\nversion: 1\naccount: 5\n", encoding="utf-8")

    finished = Person(tmp_path).types("gatepass lint access.yml")

    assert finished.returncode == 3
    assert "access.yml:3:10: the account number is not quoted" in finished.stdout


@pytest.mark.parametrize("verb", ["check", "lint"])
@pytest.mark.parametrize(
    ("provider", "is_shared"), [("scalr", True), ('"919814621061"', True), (f'"{PROVIDER}"', False)]
)
def test_a_platform_that_serves_all_its_customers_from_one_account_is_said_to(
    verb: str, provider: str, tmp_path: Path, *, is_shared: bool
) -> None:
    """There the account in the trust policy proves nothing about who asks; the external ID alone does."""
    grant = f"{{provider: {provider}, permissions: [SecurityAudit], require_source_identity: true}}"
    text = f'gatepass: customer\nversion: 1\naccount: "444455556666"\ngrants:\n  platform: {grant}\n'
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")

    told = Person(tmp_path).types(f"gatepass {verb} own.yml").stdout

    said = "Scalr serves all its customers from this account, and only the external ID tells you from the others"
    assert (said in told) == is_shared
