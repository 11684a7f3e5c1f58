"""The doctor as it is typed: on a machine of its own, against an AWS that decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatepass.private_files import make_private_folder
from tests.cli.person import Person
from tests.conftest import CUSTOMER, Cloud

ACCESS = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [SecurityAudit, job-function/ViewOnlyAccess]
    boundary: arn:aws:iam::444455556666:policy/PartnerBoundary
"""


def test_without_credentials_it_says_so_and_exits_3(tmp_path: Path) -> None:
    told = Person(tmp_path).types("gatepass doctor")

    assert told.returncode == 3
    assert "wrong credentials: none found" in told.stdout


def test_somebody_without_rights_is_told_which_lack_and_what_was_not_tried(cloud: Cloud, tmp_path: Path) -> None:
    keys = cloud.user(CUSTOMER, "junior", '{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}')
    junior = cloud.person(tmp_path, keys)

    told = junior.types("gatepass doctor")

    assert told.returncode == 3
    assert "wrong rights: AWS refused iam:GetAccountAuthorizationDetails" in told.stdout
    assert "AWS allowed iam:ListRoles" in told.stdout
    assert "not tried" in told.stdout
    assert "Traceback" not in told.stdout
    assert keys[1] not in told.stdout
    made = {str(event["eventName"]) for event in cloud.aws.events() if "user/junior" in str(event["userIdentity"])}
    assert all(name.startswith(("Get", "List", "Lookup")) for name in made), made


def test_what_is_well_is_well(cloud: Cloud, tmp_path: Path) -> None:
    admin = cloud.administrator(tmp_path)

    told = admin.types("gatepass doctor")
    facts = json.loads(admin.types("gatepass doctor --json").stdout)

    assert told.returncode == 0, told.stdout
    assert "well  clock: as AWS's" in told.stdout
    assert facts["well"] is True
    assert facts["account"] == CUSTOMER
    assert "wrong" not in {each["verdict"] for each in facts["observations"]}


def test_a_clock_that_is_off_is_told(cloud: Cloud, tmp_path: Path) -> None:
    cloud.aws.advance(600)

    told = cloud.administrator(tmp_path).types("gatepass doctor")

    assert told.returncode == 3
    assert "behind AWS's" in told.stdout


@pytest.mark.parametrize("spoiled", ["folder", "file"])
def test_kept_credentials_that_others_may_read_are_told(tmp_path: Path, spoiled: str) -> None:
    folder = tmp_path / "state" / "gatepass"
    make_private_folder(folder)
    kept = folder / "credentials.json"
    kept.write_text('{"access_key_id": "AKIAMARKER", "secret_access_key": "SECRET"}', encoding="utf-8")
    kept.chmod(0o600 if spoiled == "folder" else 0o644)
    folder.chmod(0o755 if spoiled == "folder" else 0o700)

    # Nothing answers there: only what the machine itself tells counts here.
    told = Person(tmp_path, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).types("gatepass doctor")

    assert told.returncode == 3
    assert "wrong state folder" in told.stdout
    assert "SECRET" not in told.stdout


def test_what_a_sandbox_leaves_is_no_fault(cloud: Cloud, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "gatepass" / "sandbox"
    make_private_folder(folder)
    (folder / "lock").touch(mode=0o644)

    told = cloud.administrator(tmp_path).types("gatepass doctor")

    assert told.returncode == 0, told.stdout


def test_aws_out_of_reach_is_told(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIANOBODYNOBODYNOBO", "AWS_SECRET_ACCESS_KEY": "MARKER"}
    lost = Person(tmp_path, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", **keys})

    told = lost.types("gatepass doctor")

    assert told.returncode == 3
    assert "wrong account: AWS does not answer" in told.stdout
    assert "MARKER" not in told.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--switch-only", "belong to --policy"),
        ("--policy engineer --switch-only", "belong to --policy customer"),
        ("--policy customer --principal-tag engineer", "belongs to --policy engineer"),
        ("--policy customer", "nothing says which account"),
        ("--policy customer --account 444455556666 --account 111122223333", "one account"),
        ("--policy customer --account 12", "is not an AWS account ID"),
        ("--policy customer --account 111122223333 --file access.yml", "the file is for account 444455556666"),
        ("--policy nobody", "nobody"),
        ("--policy provider --team netops", "--team belongs to --policy engineer"),
        ("--policy engineer --team Net_Ops", "'Net_Ops' cannot name a team"),
        ("--policy engineer --team provider", "no team can be named provider"),
        ("--policy verifier --principal-tag engineer", "belongs to --policy engineer"),
        ("--policy customer --account 444455556666 --store file", "--store is one of: ssm, secrets-manager"),
    ],
)
def test_what_makes_no_policy_is_told(tmp_path: Path, options: str, told: str) -> None:
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")

    refused = Person(tmp_path).types(f"gatepass doctor {options}")

    assert refused.returncode in (1, 2)
    assert told in refused.stdout
    assert '"Statement"' not in refused.stdout


def _policy(text: str) -> dict[str, dict[str, object]]:
    document = json.JSONDecoder().raw_decode(text[text.index("{") :])[0]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_a_policy_is_printed_without_asking_aws_and_says_what_that_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")

    printed = Person(tmp_path, {"AWS_REGION": "us-gov-west-1"}).types(
        "gatepass doctor --policy customer --file access.yml"
    )

    named = _policy(printed.stdout)["GrantNamedPoliciesBounded"]
    assert printed.returncode == 0
    assert "AWS was not asked what the names of policies mean" in printed.stdout
    assert named["Resource"] == "arn:aws-us-gov:iam::444455556666:role/gatepass/*"
    assert named["Condition"] == {
        "ArnLike": {
            "iam:PolicyARN": [
                "arn:aws-us-gov:iam::444455556666:policy/*/SecurityAudit",
                "arn:aws-us-gov:iam::444455556666:policy/SecurityAudit",
                "arn:aws-us-gov:iam::444455556666:policy/job-function/ViewOnlyAccess",
                "arn:aws-us-gov:iam::aws:policy/*/SecurityAudit",
                "arn:aws-us-gov:iam::aws:policy/SecurityAudit",
                "arn:aws-us-gov:iam::aws:policy/job-function/ViewOnlyAccess",
            ]
        },
        "StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::444455556666:policy/PartnerBoundary"},
    }


def test_with_credentials_the_policy_names_exactly_the_policies_of_the_file(cloud: Cloud, tmp_path: Path) -> None:
    admin = cloud.administrator(tmp_path)
    (tmp_path / "access.yml").write_text(ACCESS.partition("    boundary")[0], encoding="utf-8")

    printed = admin.types("gatepass doctor --policy customer --file access.yml")

    assert _policy(printed.stdout)["GrantNamedPolicies"]["Condition"] == {
        "ArnEquals": {
            "iam:PolicyARN": [
                "arn:aws:iam::aws:policy/SecurityAudit",
                "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            ]
        }
    }


def test_a_policy_that_iam_would_not_take_is_refused_with_a_way_out(tmp_path: Path) -> None:
    accounts = " ".join(f"--account {number:012}" for number in range(200))

    refused = Person(tmp_path).types(f"gatepass doctor --policy engineer {accounts}")

    assert refused.returncode == 1
    assert "IAM takes 6144" in refused.stdout
    assert "next: leave --file out, or name fewer accounts" in refused.stdout
