"""A customer's credentials for AWS's tools: one entry for however many callers, and never a secret in the wrong place."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatepass.domain.identifiers import ExternalId
from gatepass.domain.kept_factor import KeptFactor, Quarantine
from gatepass.domain.sealed_factors import Factor
from gatepass.sandbox.memory.faults import FaultKind
from tests.cli.entering_scene import MARKER, ROLE, Engineer, engineer, secrets_in
from tests.conftest import CUSTOMER

PARALLEL = 50
# What AWS's tools read, and nothing else: AWS SDKs and Tools Reference Guide, "Process credential provider".
FIELDS = {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"}


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engineer]:
    with engineer(tmp_path_factory.mktemp("maria")) as found:
        yield found


@pytest.fixture
def maria(everybody: Engineer) -> Iterator[Engineer]:
    """Maria with nothing ready, and what was said looked through for secrets afterwards."""
    before = dict(everybody.environment)
    everybody.types("leave", "--forget")
    everybody.cloud.aws.clear_faults()
    everybody.keeps(KeptFactor(ROLE, Factor(ExternalId(MARKER))))
    yield everybody
    everybody.environment = before
    assert not secrets_in("".join(everybody.printed))
    files = [path for path in everybody.home.rglob("*") if path.is_file()]
    assert files
    assert not any(secrets_in(path.read_bytes().decode("latin-1")) for path in files if path.name != "customers.yml")


def asked(maria: Engineer, target: str = "acme-prod") -> dict[str, object]:
    done = maria.types("credential-process", target)
    assert done.returncode == 0, done.stderr
    facts: dict[str, object] = json.loads(done.stdout)
    return facts


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("acme-pord", "did you mean acme-prod?"),
        ("acme-prod/audit", "has no grant audit"),
        ("arn:aws:iam::444455556666:role/Other", "no register knows the role Other"),
        ("arn:nonsense", "is not the ARN of an IAM role"),
    ],
)
def test_who_is_not_known_is_not_entered(maria: Engineer, target: str, said: str) -> None:
    entered = maria.calls("AssumeRole")

    done = maria.types("credential-process", target)

    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert maria.calls("AssumeRole") == entered


def test_without_a_register_or_on_another_team_or_in_quarantine_nothing_is_handed_out(maria: Engineer) -> None:
    maria.environment["GATEPASS_REGISTER"] = str(maria.home / "none.yml")
    done = maria.types("credential-process", "acme-prod")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no register" in done.stderr

    maria.environment["GATEPASS_REGISTER"] = str(maria.home / "customers.yml")
    maria.keeps(Quarantine("it opened without its external ID", datetime(2026, 11, 22, tzinfo=UTC)))
    done = maria.types("credential-process", "acme-prod")
    assert (done.returncode, done.stdout) == (1, "")
    assert "in quarantine" in done.stderr

    maria.environment["AWS_SECRET_ACCESS_KEY"] = "x" * 40
    done = maria.types("credential-process", "acme-prod")
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not accept the credentials" in done.stderr


def test_a_wrong_option_is_wrong_usage(maria: Engineer) -> None:
    assert maria.types("credential-process").returncode == 2
    assert maria.types("credential-process", "acme-prod", "--nonsense").returncode == 2


def test_what_is_printed_is_what_awss_tools_read(maria: Engineer) -> None:
    facts = asked(maria)

    assert set(facts) == FIELDS
    assert facts["Version"] == 1
    assert facts["AccountId"] == CUSTOMER
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(facts["Expiration"]))
    left = datetime.fromisoformat(str(facts["Expiration"])) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=60, seconds=5)


def test_the_second_call_asks_nobody_and_says_the_same(maria: Engineer) -> None:
    first, seen = asked(maria), len(maria.cloud.aws.events())

    assert asked(maria) == first
    assert len(maria.cloud.aws.events()) == seen
    # Another way to say it is asked for anew, and is the same session.
    assert asked(maria, "acme/support") == asked(maria, str(ROLE)) == first
    done = maria.types("credential-process", "--register", "customers.yml", "--store", "ssm", "acme-prod")
    assert json.loads(done.stdout) == first
    assert maria.calls("AssumeRole") == sum(
        event["eventName"] == "AssumeRole" for event in maria.cloud.aws.events()[:seen]
    )


def test_fifty_callers_at_once_make_one_entry(maria: Engineer) -> None:
    before = maria.calls("AssumeRole"), maria.calls("GetParameter")

    callers = [maria.begins("credential-process", "acme-prod") for _ in range(PARALLEL)]
    answers = [caller.communicate() for caller in callers]

    assert [caller.returncode for caller in callers] == [0] * PARALLEL, answers
    assert len({out for out, _ in answers}) == 1
    assert maria.calls("AssumeRole") == before[0] + 1
    # On a machine at its limits a read that got no answer in time is made once more.
    assert maria.calls("GetParameter") - before[1] in {1, 2}


def test_less_than_fifteen_minutes_are_renewed(maria: Engineer) -> None:
    first = asked(maria)
    maria.shorten(14 * 60)

    assert asked(maria)["AccessKeyId"] != first["AccessKeyId"]


def test_while_aws_does_not_answer_what_is_left_is_handed_out_with_a_word_about_it(maria: Engineer) -> None:
    first = asked(maria)
    maria.shorten(10 * 60)
    maria.cloud.aws.stage_fault(FaultKind.THROTTLE, times=99)

    done = maria.types("credential-process", "acme-prod")

    assert json.loads(done.stdout) == first
    assert "AWS is too busy" in done.stderr
    assert "handed out the session from before" in done.stderr
    maria.shorten(-1)
    done = maria.types("credential-process", "acme-prod")
    assert (done.returncode, done.stdout) == (1, "")
    assert "AWS is too busy" in done.stderr


def test_a_changed_register_is_looked_at_again(maria: Engineer) -> None:
    asked(maria)
    register = maria.home / "customers.yml"
    text = register.read_text(encoding="utf-8")
    try:
        register.write_text(text.replace("acme-prod:", "acme-other:"), encoding="utf-8")
        assert maria.types("credential-process", "acme-prod").returncode == 1
    finally:
        register.write_text(text, encoding="utf-8")


def test_forgetting_lets_the_next_call_enter_anew(maria: Engineer) -> None:
    first = asked(maria)
    assert maria.types("sudo", "acme-prod").returncode == 0

    assert maria.types("leave").returncode == 0
    assert asked(maria) == first
    assert maria.types("leave", "--forget").returncode == 0
    assert asked(maria)["AccessKeyId"] != first["AccessKeyId"]


def test_an_interrupt_in_the_middle_leaves_no_lock_and_no_draft(maria: Engineer) -> None:
    maria.cloud.aws.stage_fault(FaultKind.HANG_BEFORE, "AssumeRole")
    caller = maria.begins("credential-process", "acme-prod")
    assert maria.cloud.aws.wait_until_held()

    caller.send_signal(signal.SIGINT)
    out, err = caller.communicate()

    assert (caller.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert [path.name for path in maria.sessions.iterdir()] == [".lock"]
    maria.cloud.aws.clear_faults()
    asked(maria)


def test_a_home_that_cannot_be_written_costs_a_call_and_no_more(maria: Engineer) -> None:
    (maria.home / "full").write_text("a file in place of a folder")
    maria.environment["XDG_CACHE_HOME"] = str(maria.home / "full")

    done = maria.types("credential-process", "acme-prod")

    assert set(json.loads(done.stdout)) == FIELDS
    assert "nothing is kept for the next call" in done.stderr


def test_sudo_by_the_short_way_is_sudo_and_its_label_is_the_prompt(maria: Engineer) -> None:
    assert maria.types("prompt", "--shell", "bash").stdout == ""
    assert maria.types("prompt", "--always").stdout == "provider\n"

    refused = maria.types("sudo", "acme-pord")
    assert refused.returncode == 1
    assert "did you mean acme-prod?" in refused.stderr
    entered = maria.types("sudo", "acme-prod")

    assert entered.returncode == 0
    assert entered.stdout.startswith(f"in customer account {CUSTOMER} as maria until ")
    assert re.fullmatch(rf"customer acme-prod/support {CUSTOMER} us-east-1 (59m|1h00m)\n", maria.types("prompt").stdout)
    assert json.loads(maria.types("whoami", "--json").stdout)["source_identity"] == "maria"
    maria.environment["AWS_ACCESS_KEY_ID"] = "AKIAANOTHERPERSON000"
    assert maria.types("prompt").stdout == ""
    maria.environment["AWS_ACCESS_KEY_ID"] = maria.cloud.aws.root_credentials(CUSTOMER)[0]
    assert maria.types("prompt").stdout == ""


def test_leaving_takes_the_label_away(maria: Engineer) -> None:
    maria.types("sudo", "acme-prod")
    while maria.types("prompt").stdout:
        assert maria.types("leave").returncode == 0

    assert maria.types("prompt").stdout == ""
    assert not list(Path(maria.home / "state").rglob("*.label"))


def test_awss_tools_go_on_across_the_end_of_a_session(maria: Engineer) -> None:
    """A session of 15 minutes ends under boto3 and under the AWS CLI, and both have a new one from us."""
    (maria.home / "aws-config").write_text(
        "[profile acme]\nregion = us-east-1\n"
        f"credential_process = {sys.executable} -m gatepass credential-process --for 15m acme-prod\n"
    )
    own = {name: maria.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    (maria.home / ".aws").mkdir(exist_ok=True)
    (maria.home / ".aws" / "credentials").write_text(
        f"[default]\naws_access_key_id = {own['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {own['AWS_SECRET_ACCESS_KEY']}\n"
    )
    for name in own:
        del maria.environment[name]
    maria.environment["AWS_CONFIG_FILE"] = str(maria.home / "aws-config")
    program = (
        "import boto3, sys\n"
        "s3 = boto3.Session(profile_name='acme').client('s3')\n"
        "s3.create_bucket(Bucket='ours'); print('made', flush=True)\n"
        "sys.stdin.readline()\n"
        "s3.put_object(Bucket='ours', Key='after', Body=b'x'); print('put', flush=True)\n"
    )
    tool = subprocess.Popen(
        [sys.executable, "-c", program], cwd=maria.home, env=maria.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert tool.stdout is not None
    assert tool.stdout.readline() == "made\n"
    maria.cloud.aws.advance(16 * 60)
    out, err = tool.communicate("\n")
    assert (tool.returncode, out) == (0, "put\n"), err

    (maria.home / "big").write_bytes(b"x" * 1_000_000)
    maria.cloud.aws.advance(16 * 60)
    for command in (("cp", "big", "s3://ours/big"), ("cp", "s3://ours/big", "back")):
        done = maria.runs("aws", "--profile", "acme", "s3", *command)
        assert done.returncode == 0, done.stderr
        maria.cloud.aws.advance(16 * 60)
    assert (maria.home / "back").read_bytes() == (maria.home / "big").read_bytes()
