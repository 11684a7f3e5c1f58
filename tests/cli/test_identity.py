"""Who one is: loading credentials from everywhere, and whoami wherever one stands."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from gatepass.sandbox.answering.mfa import code_of
from gatepass.sandbox.embedded import EmbeddedAws
from tests.adapters.portal import portal
from tests.cli.person import Person
from tests.cli.test_choosing import REGISTER
from tests.conftest import CUSTOMER, PROVIDER, Cloud

DEVICE = f"arn:aws:iam::{PROVIDER}:mfa/ann"
TRUST = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
"Principal": {"AWS": "arn:aws:iam::111122223333:root"}%s}]}"""
WITH_CODE = ', "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}'


@dataclass(frozen=True)
class Scene:
    """Ann, an IAM user of the provider with a device, and roles that she may enter by other tools."""

    cloud: Cloud
    keys: tuple[str, str]
    seed: str

    def ann(self, home: Path) -> Person:
        """Return Ann at a new terminal, with nothing in her environment."""
        home.mkdir(parents=True, exist_ok=True)
        return Person(home, {"AWS_ENDPOINT_URL": self.cloud.aws.endpoint})

    def code(self) -> str:
        return code_of(self.seed, int(time.time()) // 30)

    @property
    def pasted(self) -> str:
        return f"export AWS_ACCESS_KEY_ID={self.keys[0]}\nexport AWS_SECRET_ACCESS_KEY={self.keys[1]}\n"


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        work = (
            '{"Effect": "Allow", "Action": ["sts:*", "iam:ListMFADevices", "iam:ListAccountAliases"], "Resource": "*"}'
        )
        keys = cloud.user(PROVIDER, "ann", work)
        own = cloud.client("iam", aws.root_credentials(PROVIDER))
        own.create_account_alias(AccountAlias="example-provider")
        device = own.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]
        own.enable_mfa_device(
            UserName="ann", SerialNumber=DEVICE, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
        own.create_role(RoleName="Guarded", AssumeRolePolicyDocument=TRUST % WITH_CODE)
        theirs = cloud.client("iam", aws.root_credentials(CUSTOMER))
        theirs.create_role(RoleName="ByOtherTools", AssumeRolePolicyDocument=TRUST % "")
        yield Scene(cloud, keys, device["Base32StringSeed"].decode())


def answered(ann: Person, command: str, code: str) -> str:
    """Type the command and give the code that it asks for; return what it said after that."""
    terminal = ann.at_terminal(command)
    terminal.expect("ode")
    terminal.sendline(code)
    terminal.expect(pexpect.EOF)
    return f"{terminal.before} code {terminal.wait()}"


def test_without_credentials_whoami_says_what_to_do(scene: Scene, tmp_path: Path) -> None:
    told = scene.ann(tmp_path).types("gatepass whoami")

    assert told.returncode == 1
    assert "there are no AWS credentials to use" in told.stdout
    assert "gatepass creds load" in told.stdout


@pytest.mark.parametrize(
    ("options", "pasted", "words"),
    [
        ("", "", "no access key ID and no secret access key"),
        ("", "export AWS_ACCESS_KEY_ID=ASIA", "no secret access key"),
        ("--profile nobodys", "", "no profile nobodys"),
        ("--profile a --section b", "", "--section belongs to what is pasted"),
        ("--section b", "[a]\naws_access_key_id=x\n", "no profile of that name was pasted"),
        ("--mfa", "", "there are no AWS credentials to use"),
    ],
)
def test_what_cannot_be_loaded_is_told_and_nothing_is_kept(
    scene: Scene, tmp_path: Path, options: str, pasted: str, words: str
) -> None:
    ann = scene.ann(tmp_path)

    told = ann.types(f"gatepass creds load {options}", stdin=pasted)

    assert told.returncode == (2 if "--section b" in options and "--profile" in options else 1)
    assert words in told.stdout
    assert "Traceback" not in told.stdout
    assert not (ann.home / "state" / "gatepass" / "credentials.json").exists()


def test_half_a_secret_is_recognised_by_what_aws_answers(scene: Scene, tmp_path: Path) -> None:
    told = scene.ann(tmp_path).types(
        "gatepass creds load", stdin=scene.pasted.replace(scene.keys[1], scene.keys[1][:20])
    )

    assert told.returncode == 1
    assert "half of it may be missing" in told.stdout
    assert scene.keys[1][:20] not in told.stdout


def test_a_long_lived_key_is_taken_with_advice_and_becomes_a_session_by_a_code(scene: Scene, tmp_path: Path) -> None:
    ann = scene.ann(tmp_path)

    loaded = ann.types("gatepass creds load", stdin=scene.pasted)
    shown = ann.types("gatepass creds show")
    wrong = answered(ann, "gatepass creds load --mfa", f"{(int(scene.code()) + 500_000) % 1_000_000:06}")
    still = json.loads(ann.types("gatepass creds show --json").stdout)
    right = answered(ann, "gatepass creds load --mfa", scene.code())
    session = json.loads(ann.types("gatepass creds show --json").stdout)
    again = ann.types("gatepass creds load --mfa")
    who = json.loads(ann.types("gatepass whoami --json").stdout)
    cleared = ann.types("gatepass creds clear")

    assert "this key does not end by itself" in loaded.stdout
    assert "never: a long-lived key" in shown.stdout
    assert "AWS did not take the code" in wrong
    assert still["access_key_id"] == scene.keys[0]
    assert "loaded: arn:aws:iam::111122223333:user/ann" in right
    assert (session["access_key_id"][:4], session["account"]) == ("ASIA", PROVIDER)
    assert "MFA device" in session["loaded_from"]
    assert "short-lived already" in again.stdout
    assert (who["side"], who["alias"], who["source_identity"]) == ("provider", "example-provider", None)
    assert who["expires_at"] == session["expires_at"]
    assert cleared.returncode == 0
    assert "there are no AWS credentials" in ann.types("gatepass whoami").stdout
    for told in (loaded.stdout, shown.stdout, wrong, right):
        assert scene.keys[1] not in told


def test_what_is_pasted_at_a_terminal_is_not_shown_and_may_be_long(scene: Scene, tmp_path: Path) -> None:
    """A terminal's own line editing cuts lines at 4,095 characters."""
    ann = scene.ann(tmp_path)
    long = f"export AWS_SESSION_TOKEN=MARKER{'x' * 6000}"
    for pasted, words in ((scene.pasted, "loaded: arn:aws:iam"), (scene.pasted + long, "does not accept")):
        terminal = ann.at_terminal("gatepass creds load")
        terminal.expect("then press Ctrl-D")
        terminal.send(pasted + "\x04")
        terminal.expect(pexpect.EOF)
        assert words in terminal.before
        assert scene.keys[1] not in terminal.before
        assert "MARKER" not in terminal.before


def test_a_code_is_asked_at_the_terminal_or_not_at_all(scene: Scene, tmp_path: Path) -> None:
    ann = scene.ann(tmp_path)
    ann.types("gatepass creds load", stdin=scene.pasted)

    alone = ann.types(f"setsid {sys.executable} -m gatepass creds load --mfa {DEVICE}", stdin="")

    assert alone.returncode == 1
    assert "there is no terminal to ask for a code at" in alone.stdout


def test_profiles_of_every_kind_are_loaded_with_their_expiry(scene: Scene, tmp_path: Path) -> None:
    ann = scene.ann(tmp_path)
    printed = {"Version": 1, "AccessKeyId": scene.keys[0], "SecretAccessKey": scene.keys[1]}
    (ann.home / "printed.json").write_text(json.dumps(printed), encoding="utf-8")
    old = printed | {"SessionToken": "t", "Expiration": "2020-01-01T00:00:00Z"}
    (ann.home / "old.json").write_text(json.dumps(old), encoding="utf-8")
    (ann.home / "credentials").write_text(
        f"[static]\naws_access_key_id={scene.keys[0]}\naws_secret_access_key={scene.keys[1]}\n", encoding="utf-8"
    )
    (ann.home / "config").write_text(
        f"[profile process]\ncredential_process = cat {ann.home}/printed.json\n"
        "[profile broken]\ncredential_process = sh -c 'echo SECRET-MARKER >&2; exit 1'\n"
        f"[profile old]\ncredential_process = cat {ann.home}/old.json\n"
        "[profile junk]\ncredential_process = echo MARKER\n"
        f"[profile absent]\ncredential_process = {ann.home}/absent\n"
        "[profile empty]\nregion = eu-west-1\n"
        "[profile lost]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = nowhere\n"
        f"[profile guarded]\nrole_arn = arn:aws:iam::111122223333:role/Guarded\nsource_profile = static\nmfa_serial = {DEVICE}\n"
        "[profile login]\nlogin_session = arn:aws:iam::111122223333:user/ann\n"
        "[profile centre]\nsso_session = example\nsso_account_id = 111122223333\nsso_role_name = Engineers\n"
        "[sso-session example]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\n",
        encoding="utf-8",
    )

    told = {
        name: ann.types(f"gatepass creds load --profile {name}")
        for name in (
            "static",
            "process",
            "broken",
            "old",
            "junk",
            "absent",
            "empty",
            "lost",
            "login",
            "centre",
            "statik",
        )
    }
    by_code = answered(ann, "gatepass creds load --profile guarded", scene.code())
    guarded = json.loads(ann.types("gatepass creds show --json").stdout)

    ann.environment["AWS_PROFILE"] = "static"
    by_environment = answered(ann, "gatepass creds load --json --mfa", scene.code())
    assert '"in_use": false' in by_environment
    assert "profile static has credentials too" in by_environment

    assert [name for name, each in told.items() if each.returncode == 0] == ["static", "process"]
    assert "its credential_process" not in told["static"].stdout
    assert "aws sts get-caller-identity --profile broken" in told["broken"].stdout
    assert all(f"the profile {name} cannot be used" in told[name].stdout for name in ("junk", "absent"))
    assert told["old"].stdout.count("profile old") == 2
    assert "has no credentials" in told["empty"].stdout
    assert "nowhere" in told["lost"].stdout
    assert "aws login --profile login" in told["login"].stdout
    assert "aws sso login --profile centre" in told["centre"].stdout
    assert "did you mean: --profile static" in told["statik"].stdout
    assert "assumed-role/Guarded" in by_code
    assert guarded["loaded_from"] == "profile guarded by the role it assumes"
    assert guarded["expires_at"] is not None
    assert not [name for name, each in told.items() if "Traceback" in each.stdout or "MARKER" in each.stdout]


def test_sessions_that_the_aws_cli_holds_are_taken_over(scene: Scene, tmp_path: Path) -> None:
    """Identity Center's portal is a server of the test's own; what it answers is real and short-lived."""
    ann = scene.ann(tmp_path)
    keys = scene.cloud.client("sts", scene.keys).get_session_token()["Credentials"]
    with portal(keys, ann.home) as address:
        ann.environment |= {"AWS_ENDPOINT_URL_SSO": address, "PYTHONPATH": str(Path("src").resolve())}
        centre = ann.types("gatepass creds load --profile centre --json")
        login = ann.types("gatepass creds load --profile login --json")
    shown = json.loads(ann.types("gatepass creds show --json").stdout)

    ends = keys["Expiration"].isoformat()
    assert centre.returncode == login.returncode == 0, centre.stdout + login.stdout
    assert json.loads(centre.stdout)["expires_at"] == json.loads(login.stdout)["expires_at"] == ends
    assert shown["loaded_from"] == "profile login by aws login"


def test_by_other_tools_in_a_customers_account_the_register_tells_whose_it_is(scene: Scene, tmp_path: Path) -> None:
    ann = scene.ann(tmp_path)
    role = f"arn:aws:iam::{CUSTOMER}:role/ByOtherTools"
    keys = scene.cloud.client("sts", scene.keys).assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"]
    ann.environment |= {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_CREDENTIAL_EXPIRATION": keys["Expiration"].isoformat(),
    }

    unknown = json.loads(ann.types("gatepass whoami --json").stdout)
    (ann.home / "customers.yml").write_text(REGISTER.replace("444455556660", CUSTOMER), encoding="utf-8")
    known = json.loads(ann.types("gatepass whoami --json").stdout)
    words = ann.types("gatepass whoami").stdout
    (ann.home / "customers.yml").write_text("gatepass: provider\nnonsense: 1\n", encoding="utf-8")
    broken = ann.types("gatepass whoami")

    assert "nothing says that it is a customer's" in unknown["known_from"]
    assert (known["side"], known["customer"], known["company"]) == ("customer", "acme-dev", "acme")
    assert known["expires_at"] == keys["Expiration"].isoformat()
    assert known["alias"] is None
    assert "unknown: AWS does not tell it" in words
    assert broken.returncode == 0
    assert "no names from the register" in broken.stdout
