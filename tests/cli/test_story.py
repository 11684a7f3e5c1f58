"""The customer, the engineer and the attackers at their terminals, against an AWS that decides."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import boto3
import pexpect
import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.hand_over import hand_over
from gatepass.usecases.plan_grants import plan_account
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.people import SUPPORT

ROLE = "arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support"
ACCESS = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3FullAccess, IAMFullAccess]
"""
ENTER_EVERYTHING = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'


@dataclass(frozen=True)
class Story:
    """The people after the customer's first apply."""

    cloud: Cloud
    admin: Person
    netops: Person
    roles: IamRoles

    def external_id(self) -> str:
        """Return the current second factor, as the administrator would be shown it."""
        (handed,) = hand_over(SUPPORT, self.roles)
        assert handed.external_id is not None
        return handed.external_id.reveal()


@pytest.fixture
def story(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Set the stage without the command line, whose own tests these are."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    roles = IamRoles(boto3.Session(*cloud.aws.root_credentials(CUSTOMER), region_name="us-east-1"))
    admin = cloud.administrator(tmp_path / "admin")
    (admin.home / "access.yml").write_text(ACCESS, encoding="utf-8")
    file = load_customer_file(admin.home / "access.yml").declaration
    planned = plan_account(file, roles, SystemClock(), SystemRandomness())
    list(apply_changes(planned.changes, roles, SystemClock(), timedelta()))
    keys = cloud.user(PROVIDER, "netops-1", ENTER_EVERYTHING)
    return Story(cloud, admin, cloud.person(tmp_path / "netops", keys), roles)


def test_a_stranger_with_every_right_and_the_right_id_is_refused(story: Story, tmp_path: Path) -> None:
    stranger = story.cloud.person(tmp_path / "s", story.cloud.user("777788889999", "stranger", ENTER_EVERYTHING))

    refused = stranger.types(f"gatepass sudo {ROLE}", stdin=story.external_id())

    assert refused.returncode == 1
    assert "AWS refused" in refused.stdout
    assert json.loads(stranger.types("gatepass whoami --json").stdout)["account"] == "777788889999"


def test_a_colleague_whose_account_does_not_allow_it_is_refused(story: Story, tmp_path: Path) -> None:
    keys = story.cloud.user(PROVIDER, "helpdesk-1", '{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}')
    helpdesk = story.cloud.person(tmp_path / "h", keys)

    refused = helpdesk.types(f"gatepass sudo {ROLE}", stdin=story.external_id())

    assert refused.returncode == 1
    assert "account 111122223333 does not allow helpdesk-1 sts:AssumeRole on this role" in refused.stdout


def test_an_engineer_who_may_not_name_himself_is_told_which_action_lacks(story: Story, tmp_path: Path) -> None:
    """Gatepass always sets the source identity; there is no way around it."""
    keys = story.cloud.user(PROVIDER, "old-hand", '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}')

    refused = story.cloud.person(tmp_path / "o", keys).types(f"gatepass sudo {ROLE}", stdin=story.external_id())

    assert refused.returncode == 1
    assert "sts:SetSourceIdentity" in refused.stdout


def test_a_wrong_id_is_refused_and_never_repeated(story: Story) -> None:
    wrong = "gp1.AAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBB"

    refused = story.netops.types(f"gatepass sudo {ROLE} --json", stdin=wrong)

    assert refused.returncode == 1
    assert wrong not in refused.stdout
    assert '"refused": true' in refused.stdout


@pytest.mark.parametrize("typed", ["has spaces in it", "x", "a" * 1300, "ünicode-id"])
def test_what_sts_would_not_take_is_refused_before_it_is_sent(story: Story, typed: str) -> None:
    refused = story.netops.types(f"gatepass sudo {ROLE}", stdin=typed)

    assert refused.returncode == 1
    assert "not an external ID that STS takes" in refused.stdout
    assert f"{typed}\n" not in refused.stdout
    assert not [event for event in story.cloud.aws.events() if event["eventName"] == "AssumeRole"]


def test_the_session_names_its_engineer_and_knows_its_side(story: Story) -> None:
    entered = story.netops.types(f"gatepass sudo {ROLE} --for 15m --json", stdin=story.external_id() + "\n")

    facts = json.loads(story.netops.types("gatepass whoami --json").stdout)
    events = [event for event in story.cloud.aws.events() if event["eventName"] == "AssumeRole"]
    assert json.loads(entered.stdout)["source_identity"] == "netops-1"
    assert facts["side"] == "customer"
    assert facts["account"] == CUSTOMER
    assert facts["arn"].endswith("/netops-1")
    assert "'sourceIdentity': 'netops-1'" in str(events[-1])


def test_at_a_terminal_the_id_is_asked_for_and_not_shown(story: Story) -> None:
    secret = story.external_id()

    terminal = story.netops.at_terminal(f"gatepass sudo {ROLE}")
    terminal.expect("External ID for ServiceProvider-111122223333-support in 444455556666")
    terminal.sendline(secret)
    terminal.expect(pexpect.EOF)

    assert "in customer account 444455556666 as netops-1" in str(terminal.before)
    assert secret not in str(terminal.before)
    assert terminal.wait() == 0


def test_an_id_given_as_an_argument_works_and_is_said_to_stay_in_the_history(story: Story) -> None:
    entered = story.netops.types(f"gatepass sudo {ROLE} {story.external_id()}")

    assert entered.returncode == 0
    assert "stays in your shell's history" in entered.stdout


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("y", False)])
def test_at_a_terminal_a_withdrawal_asks_first(story: Story, answer: str, *, left: bool) -> None:
    terminal = story.admin.at_terminal("gatepass withdraw support")
    terminal.expect("Withdraw support")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)

    assert terminal.wait() == 0
    assert ("ServiceProvider" in story.admin.types("gatepass list iam-role").stdout) is left


def test_a_withdrawal_leaves_nothing_in_the_store_that_rotations_were_told(story: Story) -> None:
    """The file names none, and fleet rotate --customer-store had kept the second factor there."""
    ssm = story.cloud.client("ssm", story.cloud.aws.root_credentials(CUSTOMER))
    for name in ("customer", "customer/rotation-"):
        ssm.put_parameter(Name=f"/gatepass/{name}/{CUSTOMER}/support", Value=story.external_id(), Type="SecureString")

    told = story.admin.types("gatepass withdraw support --yes --customer-store ssm")

    assert told.returncode == 0, told.stdout
    assert f"brought up to date with AWS: customer/{CUSTOMER}/support in SSM" in told.stdout
    assert ssm.describe_parameters()["Parameters"] == []


def test_an_interrupt_is_told_in_a_line(story: Story) -> None:
    terminal = story.admin.at_terminal("gatepass withdraw support")
    terminal.expect("Withdraw support")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)

    assert "Traceback" not in str(terminal.before)
    assert terminal.wait() == 130


def test_leaving_goes_back_to_where_one_was(story: Story) -> None:
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0

    assert "left customer account 444455556666" in story.netops.types("gatepass leave").stdout
    assert json.loads(story.netops.types("gatepass whoami --json").stdout)["side"] == "provider"


def test_exec_gives_other_tools_the_session_and_returns_their_exit_code(story: Story) -> None:
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0

    identity = story.netops.types("gatepass exec -- aws sts get-caller-identity --query Account --output text")
    nested = story.netops.types(
        "gatepass exec -- gatepass whoami --json".replace("-- gatepass", "-- python -m gatepass")
    )

    assert identity.stdout.strip() == CUSTOMER
    assert json.loads(nested.stdout)["side"] == "customer"
    assert story.netops.types("gatepass exec -- sh -c 'exit 7'").returncode == 7
    assert story.netops.types("gatepass exec -- no-such-command").returncode == 127
    assert story.netops.types("gatepass exec -- /").returncode == 126


def test_exec_enters_for_one_command_only(story: Story) -> None:
    once = story.netops.types(f"gatepass exec {ROLE} -- aws sts get-caller-identity", stdin=story.external_id())

    assert CUSTOMER in once.stdout
    assert json.loads(story.netops.types("gatepass whoami --json").stdout)["side"] == "provider"


def test_a_session_cannot_undo_its_own_end(story: Story) -> None:
    """IAMFullAccess was granted, and still the roles under our path are out of reach."""
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0
    name = ROLE.rsplit("/", 1)[1]

    for command in (
        f"aws iam delete-role-policy --role-name {name} --policy-name gatepass-limits",
        f"aws iam put-role-policy --role-name {name} --policy-name x --policy-document {{}}",
        f"aws iam update-assume-role-policy --role-name {name} --policy-document {{}}",
        f"aws iam attach-role-policy --role-name {name} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        f"aws iam delete-role --role-name {name}",
    ):
        refused = story.netops.types(f"gatepass exec -- {command}")
        assert refused.returncode != 0
        assert "explicit deny" in refused.stdout, refused.stdout
    assert name in story.netops.types("gatepass exec -- aws iam list-roles --path-prefix /gatepass/").stdout


def test_closing_ends_the_live_session_and_opening_does_not_revive_it(story: Story) -> None:
    first_id = story.external_id()
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=first_id).returncode == 0

    assert story.admin.types("gatepass close support --wait 0s").returncode == 0
    refused = story.netops.types("gatepass list s3bucket")
    assert refused.returncode == 1
    assert "explicit deny" in refused.stdout
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=first_id).returncode == 1

    assert story.admin.types("gatepass open support").returncode == 0
    assert story.netops.types("gatepass list s3bucket").returncode == 1
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=first_id).returncode == 1
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0
    assert story.netops.types("gatepass list s3bucket").returncode == 0


def test_revoking_ends_the_live_session_and_the_same_id_begins_a_new_one(story: Story) -> None:
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0

    revoked = story.admin.types("gatepass revoke support")

    assert revoked.returncode == 0
    assert "what may outlive it" in revoked.stdout
    assert story.netops.types("gatepass list s3bucket").returncode == 1
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0
    assert story.netops.types("gatepass list s3bucket").returncode == 0


def test_closing_is_proved_by_a_probe_from_the_providers_side(story: Story) -> None:
    environment = story.netops.environment
    profile = f"[netops]\naws_access_key_id={environment['AWS_ACCESS_KEY_ID']}\naws_secret_access_key={environment['AWS_SECRET_ACCESS_KEY']}\n"
    (story.admin.home / "credentials").write_text(profile, encoding="utf-8")

    closed = story.admin.types("gatepass close support --wait 0s --probe-as netops")

    assert "proved: the provider's attempt to enter was refused" in closed.stdout
    assert story.admin.types("gatepass close support --probe-as nobody").returncode == 1


def test_an_apply_that_aws_refuses_in_the_middle_lists_what_was_done_and_is_finished_later(
    story: Story, tmp_path: Path
) -> None:
    may = '{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "iam:CreateRole", "iam:TagRole", "iam:PutRolePolicy"], "Resource": "*"}'
    junior = story.cloud.person(tmp_path / "junior", story.cloud.user(CUSTOMER, "junior", may))
    two = ACCESS + '  audit:\n    provider: "111122223333"\n    permissions: [SecurityAudit]\n'
    for person in (junior, story.admin):
        (person.home / "two.yml").write_text(two, encoding="utf-8")

    stopped = junior.types("gatepass apply two.yml --yes")

    assert stopped.returncode == 1
    assert "2 of 4 changes were made and stand" in stopped.stdout
    assert "made: ServiceProvider-111122223333-audit: + create role" in stopped.stdout
    assert "iam:AttachRolePolicy" in stopped.stdout
    assert "Traceback" not in stopped.stdout
    assert story.admin.types("gatepass apply two.yml --yes").returncode == 0
    assert story.admin.types("gatepass plan two.yml").returncode == 0


def test_dead_credentials_are_told_and_not_kept(story: Story) -> None:
    paste = '{"AccessKeyId": "AKIANOBODYNOBODYNOBO", "SecretAccessKey": "MARKER"}'

    refused = story.netops.types("gatepass creds load", stdin=paste)

    assert refused.returncode == 1
    assert "AWS does not accept the credentials" in refused.stdout
    assert "MARKER" not in refused.stdout
    assert not (story.netops.home / "state" / "gatepass" / "credentials.json").exists()


def test_no_secret_is_in_any_file_that_others_may_read_nor_in_any_output(story: Story) -> None:
    secret = story.external_id()
    outputs = [story.netops.types(f"gatepass sudo {ROLE}", stdin=secret).stdout]
    outputs += [
        story.netops.types(f"gatepass {command}").stdout for command in ("whoami", "creds show", "list s3bucket --json")
    ]
    outputs += [
        story.admin.types(f"gatepass {command}").stdout
        for command in ("plan", "pass support", "close support --wait 0s", "open support", "plan --json")
    ]

    for person in (story.netops, story.admin):
        for path in person.home.rglob("*"):
            if path.is_file():
                assert secret not in path.read_text(encoding="utf-8"), path
                kept = path.name != "access.yml"
                assert not kept or path.stat().st_mode & 0o077 == 0, path
    assert not [text for text in outputs if secret in text or story.external_id() in text]
    assert not [text for text in outputs if re.search(r"SecretAccessKey|aws_secret", text)]


def test_aws_out_of_reach_is_told(story: Story) -> None:
    story.admin.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"

    failed = story.admin.types("gatepass plan")

    assert failed.returncode == 1
    assert "AWS does not answer" in failed.stdout
    assert "Traceback" not in failed.stdout


def test_inside_exec_ones_own_credentials_are_still_ones_own(story: Story) -> None:
    """The customer's session is in the environment there; what acts as oneself must not find it."""
    environment = story.netops.environment
    keys = [environment.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    profile = f"[default]\naws_access_key_id={keys[0]}\naws_secret_access_key={keys[1]}\n"
    (story.netops.home / "credentials").write_text(profile, encoding="utf-8")
    (story.netops.home / "access.yml").write_text(ACCESS, encoding="utf-8")
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0

    checked = story.netops.types("gatepass exec -- python -m gatepass check access.yml")
    again = story.netops.types(f"gatepass exec -- python -m gatepass sudo {ROLE} --json", stdin=story.external_id())

    assert "the credentials are for 111122223333" in checked.stdout
    assert json.loads(again.stdout)["source_identity"] == "netops-1"
    assert again.returncode == 0


@pytest.mark.parametrize("missing", ["GATEPASS_ROLE", "GATEPASS_ENGINEER", "AWS_SESSION_EXPIRATION"])
def test_half_an_exec_environment_is_told_and_not_guessed_at(story: Story, missing: str) -> None:
    assert story.netops.types(f"gatepass sudo {ROLE}", stdin=story.external_id()).returncode == 0

    for spoil in (f"env -u {missing}", f"env {missing}=!"):
        told = story.netops.types(f"gatepass exec -- {spoil} python -m gatepass whoami")
        assert told.returncode == 1
        assert "Traceback" not in told.stdout
        assert "gatepass exec" in told.stdout
