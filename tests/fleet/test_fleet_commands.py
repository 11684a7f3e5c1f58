"""Runs as people type them, against an AWS that enforces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatepass.sandbox.memory.faults import FaultKind
from tests.cli.handover import ACCESS, OTHER, ROLE_NAME, Stage, done, handover, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER, Cloud

GRANT = "acme-prod/support"


@pytest.fixture
def stage(cloud: Cloud, tmp_path: Path) -> Stage:
    found = handover(cloud, tmp_path)
    found.admits()
    return found


def run_of(told: str) -> str:
    """Return the run's id, which every report begins with."""
    return next(word.rstrip(":,") for word in told.split() if word.startswith(("verify-2", "reconcile-2")))


def test_a_nightly_verify_told_interrupted_and_resumed(stage: Stage) -> None:
    lead = stage.lead
    assert done(lead, "gatepass fleet verify --dry-run").startswith(f"{GRANT}\n1 units")
    assert "there is no run yet" in done(lead, "gatepass fleet status")

    told = done(lead, "gatepass fleet verify --filter team=net* --filter grant=support")
    assert "1 of 1, 1 done, 0 failed" in told
    assert "finished" in done(lead, f"gatepass fleet status {run_of(told)}")
    assert "finished" in done(lead, f"gatepass fleet resume {run_of(told)}"), "what is over is only told"
    assert "0 of 0" in done(lead, "gatepass fleet verify --filter team=nobody")

    trust = stage.iam().get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
    stage.opens_to_anybody()
    told = refused(lead, "gatepass fleet verify", "1 of 1, 0 done, 1 failed", 3)
    listed = refused(lead, "gatepass fleet failures", f"{GRANT}: quarantined", 3)
    assert f"gatepass verify {GRANT}" in listed
    records = json.loads(done(lead, "gatepass audit log --json"))["records"]
    assert [one["note"] for one in records if one["action"] == "verify"] == ["quarantined"], "what is well is no deed"
    facts = json.loads(
        refused(lead, f"gatepass fleet failures {run_of(told)} --json", "quarantined", 3).split("\n}")[0] + "}"
    )
    assert [unit["subject"] for unit in facts["failures"]] == [GRANT]
    stage.iam().update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=json.dumps(trust))

    # Nothing answers, and the person presses Ctrl-C.
    stage.cloud.aws.stage_fault(FaultKind.HANG_BEFORE, "AssumeRole", times=1000)
    typing = lead.at_terminal("gatepass fleet verify")
    assert stage.cloud.aws.wait_until_held(30)
    typing.sendintr()
    typing.expect("go on with: gatepass fleet resume (verify-[0-9a-f-]+)")
    run = typing.match.group(1)
    typing.wait()
    assert typing.exitstatus == 130
    stage.cloud.aws.clear_faults()
    assert "stopped by hand" in done(lead, f"gatepass fleet status {run}")
    assert f"{run}: 1 of 1, 1 done, 0 failed" in done(lead, "gatepass fleet resume")

    states = [one["state"] for one in json.loads(done(lead, "gatepass fleet status --json"))["runs"]]
    assert states == ["finished"] * 4


@pytest.mark.thorough
def test_a_folder_of_accounts_is_reconciled_by_their_own_roles(cloud: Cloud, tmp_path: Path) -> None:
    enter = '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}'
    admin = cloud.person(tmp_path / "admin", cloud.user(PROVIDER, "admin", enter))
    (admin.home / "accounts").mkdir()
    for account in (CUSTOMER, OTHER):
        _make_organization_role(cloud, account)
        text = ACCESS.format(account=account, more="session: 1h").replace(PROVIDER, "222233334444")
        (admin.home / "accounts" / f"{account}.yml").write_text(text, encoding="utf-8")
    via = "--via-role OrganizationAccountAccessRole"

    refused(admin, "gatepass fleet reconcile accounts", "2 failed", 3)
    refused(admin, f"gatepass fleet reconcile accounts {via}", "2 done, 2 found something", 3)
    assert "changes pending" in refused(admin, "gatepass fleet failures", f"{CUSTOMER}: ", 3)
    assert "2 done, 0 failed" in done(admin, f"gatepass fleet reconcile accounts {via} --apply --wait 0s")
    assert "2 done, 0 failed" in done(admin, f"gatepass fleet reconcile accounts {via}")
    assert "1 of 1" in done(admin, f"gatepass fleet reconcile accounts {via} --filter account={OTHER}")

    (admin.home / "accounts" / "again.yml").write_text(
        (admin.home / "accounts" / f"{OTHER}.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    refused(admin, f"gatepass fleet reconcile accounts {via}", "are for the same account", 1)


def test_the_register_is_reconciled_as_one_account(stage: Stage) -> None:
    refused(stage.lead, "gatepass fleet reconcile customers.yml --via-role X", "and this is the provider's", 2)

    refused(stage.lead, "gatepass fleet reconcile customers.yml", "1 failed", 3)

    assert "iam:GetAccountAuthorizationDetails" in refused(stage.lead, "gatepass fleet failures", PROVIDER, 3)


def _make_organization_role(cloud: Cloud, account: str) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(account))
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}}
    trust = {"Version": "2012-10-17", "Statement": [allow]}
    iam.create_role(RoleName="OrganizationAccountAccessRole", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(
        RoleName="OrganizationAccountAccessRole", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        ("verify --database postgresql://me:hunter2@host/db", "a password is not taken from the command line", 2),
        ("status --database mysql://host/db", "no address that Gatepass knows", 2),
        ("status --database postgresql://me@127.0.0.1:1/db", "cannot be used", 1),
        ("verify", "there is no register", 1),
        ("verify --filter colour=red", "there is no register", 1),
        ("verify --filter team", "a filter has a key and a value", 2),
        ("verify --filter team=a --filter team=b", "is given twice", 2),
        ("verify --max-failures 7", "a part is written in percent", 2),
        ("verify --max-in-flight 0", "0 is not in the range", 2),
        ("resume verify-1", "there is no run verify-1", 1),
        ("failures", "there is no run yet", 1),
        ("reconcile nowhere", "there is no", 1),
        ("schedule tonight verify", "no time in cron's way", 1),
        ('schedule "0 3 * * *"', "name what to begin", 2),
        ('schedule "0 3 * * *" verify --dry-run', "--dry-run is not for a schedule's runs", 2),
        ('schedule --database a "0 3 * * *" verify --database b', "--database is given twice", 2),
        ('schedule "0 3 * * *" verify --database mysql://db', "no address that Gatepass knows", 2),
        ("schedule --remove nightly", "there is no schedule nightly", 1),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, words: str, told: str, code: int) -> None:
    person = Person(tmp_path, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    assert "hunter2" not in refused(person, f"gatepass fleet {words}", told, code)


def test_a_schedule_is_listed_and_taken_back(tmp_path: Path) -> None:
    person = Person(tmp_path)

    assert "verify-nightly" in done(person, 'gatepass fleet schedule --name nightly "0 3 * * *" verify --filter team=a')
    assert json.loads(done(person, "gatepass fleet schedule --json"))["schedules"] == [
        {"name": "verify-nightly", "cron": "0 3 * * *", "last_begun": None}
    ]
    assert "nothing is begun by the clock" in done(person, "gatepass fleet schedule --remove verify-nightly")


def test_a_worker_does_runs_of_others_and_is_alone_on_its_file(stage: Stage) -> None:
    typing = stage.lead.at_terminal("gatepass worker")
    typing.expect("Ctrl-C ends it")

    refused(stage.lead, "gatepass worker", "another process of this machine works already")
    told = done(stage.lead, "gatepass fleet verify")

    assert "another process of this machine works" in told
    assert "1 of 1, 1 done" in told
    assert "1 of 1, 1 done" in done(stage.lead, "gatepass fleet verify --quick")
    typing.sendintr()
    typing.expect("ended")
    typing.wait()
    assert typing.exitstatus == 0
