"""What a shell asks of Gatepass: its Region, what is under way, and the words behind the Tab key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pexpect
import pytest

from gatepass.adapters.aws_connection import connection
from gatepass.adapters.base_credentials import base_credentials
from gatepass.adapters.chosen_region import ChosenRegion
from gatepass.adapters.kept_sessions import KeptSessions
from gatepass.adapters.session_cache import SessionCache
from gatepass.adapters.static_profile import own_keys
from gatepass.cli.main import cli
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.region_name import RegionName
from gatepass.domain.session import Credentials, Session
from gatepass.domain.shell_environment import inside
from gatepass.wiring import sessions, shell
from tests.cli.person import Person
from tests.cli.test_shells import REGISTER

NOW = datetime.now(UTC)
ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support")
ACCESS = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support: {provider: "111122223333", permissions: [ReadOnlyAccess]}
  audit: {provider: "111122223333", permissions: [ReadOnlyAccess]}
"""


def session(key_id: str, left: timedelta, customer: str = "acme-prod") -> Session:
    keys = Credentials(key_id, "MARKERSECRET", "MARKERTOKEN", NOW + left)
    return Session(ROLE, EngineerName("netops-1"), NOW + left, keys, customer, "support")


@pytest.fixture
def engineer(tmp_path: Path) -> Person:
    """Return somebody whose function called; nothing here asks AWS."""
    (tmp_path / "customers.yml").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")
    return Person(tmp_path, {"GATEPASS_STACK": "1.2", "GATEPASS_SHELL": "bash", "AWS_ACCESS_KEY_ID": "AKIAOWN"})


def keep(engineer: Person, monkeypatch: pytest.MonkeyPatch, stack: str, *sessions: Session) -> Path:
    monkeypatch.setenv("GATEPASS_STACK", stack)
    shelf = KeptSessions("AKIAOWN", engineer.home / "state" / "gatepass")
    shelf.put(sessions)
    return shelf.path


@pytest.mark.parametrize(
    "name", ["moon", "eu-west", "eu_west_1", "eu-west-1;id", "EU-WEST-1", "x" * 300, "../eu-west-1"]
)
def test_what_can_be_no_region_is_refused_and_changes_nothing(engineer: Person, name: str) -> None:
    refused = engineer.types(f"gatepass region '{name}'")

    assert refused.returncode == 1
    assert "not the name of a Region" in refused.stdout
    assert engineer.types("gatepass region").stdout == "us-east-1\n"


def test_a_region_holds_for_the_terminal_until_the_environment_names_another(
    engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engineer.types("gatepass region eu-west-1").stdout == "eu-west-1\n"
    assert json.loads(engineer.types("gatepass region --json").stdout) == {"region": "eu-west-1"}

    other = Person(engineer.home, engineer.environment | {"GATEPASS_STACK": "3.4"})
    assert other.types("gatepass region").stdout == "us-east-1\n"
    later = Person(engineer.home, engineer.environment | {"AWS_REGION": "ap-south-1"})
    assert later.types("gatepass region").stdout == "ap-south-1\n"

    monkeypatch.setenv("GATEPASS_STACK", "1.2")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("XDG_STATE_HOME", str(engineer.home / "state"))
    assert connection(Credentials("AKIA", "x")).region_name == "eu-west-1"


@pytest.mark.parametrize("text", ["", "moon\n\n", "eu-west-1", "\nx\n"])
def test_a_region_that_was_written_by_hand_goes_nowhere(tmp_path: Path, text: str) -> None:
    chosen = ChosenRegion(tmp_path)
    chosen.choose(RegionName("eu-west-1"))
    (path,) = (tmp_path / "terminals").iterdir()
    path.write_text(text, encoding="utf-8")

    assert chosen.chosen() is None


def test_lines_with_credentials_are_not_shown_at_a_terminal(engineer: Person) -> None:
    terminal = engineer.at_terminal("gatepass shell-env bash")
    terminal.expect("for a shell to evaluate")
    terminal.expect(pexpect.EOF)

    assert terminal.wait() == 2


@pytest.mark.parametrize("command", ["shell-init", "shell-init tcsh", "shell-env csh", "completion powershell"])
def test_a_shell_that_is_not_known_is_told_which_are(engineer: Person, command: str) -> None:
    refused = engineer.types(f"gatepass {command}")

    assert refused.returncode == 2
    assert "bash" in refused.stdout


def test_an_environment_that_no_line_can_hold_is_refused_whole(
    engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engineer, monkeypatch, "1.2", session("ASIA1", timedelta(hours=1)))
    odd = Person(engineer.home, engineer.environment | {"AWS_PROFILE": "MARK\nED"})

    refused = odd.types("gatepass shell-env bash")

    assert refused.returncode == 1
    assert "line break" in refused.stdout
    assert "MARK" not in refused.stdout
    assert "export" not in refused.stdout


def test_inside_the_region_of_the_persons_own_profile_goes_on(
    engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile is unset inside, and its Region would be lost with it."""
    keep(engineer, monkeypatch, "1.2", session("ASIA1", timedelta(hours=1)))
    (engineer.home / "config").write_text("[profile work]\nregion = eu-north-1\n", encoding="utf-8")
    own = {"AWS_PROFILE": "work", "AWS_REGION": "", "AWS_SECRET_ACCESS_KEY": "x"}

    lines = Person(engineer.home, engineer.environment | own).types("gatepass shell-env bash").stdout.splitlines()

    assert "export AWS_REGION='eu-north-1'" in lines
    assert "unset AWS_PROFILE" in lines
    assert "export GATEPASS_OWN_AWS_PROFILE='work'" in lines


def test_without_a_prompt_or_completion_only_the_function_is_printed(engineer: Person) -> None:
    whole, bare = (
        engineer.types(f"gatepass shell-init bash {options}").stdout for options in ("", "--no-prompt --no-completion")
    )

    assert "PROMPT_COMMAND" in whole
    assert "complete " in whole
    assert "PROMPT_COMMAND" not in bare
    assert "complete " not in bare
    assert "[custom.gatepass]" in engineer.types("gatepass shell-init starship").stdout


def test_the_function_knows_every_option_of_sudo_that_takes_a_word(engineer: Person) -> None:
    """A word behind one that is not known would be taken for an external ID."""
    sudo = cli.get_command(click.Context(cli), "sudo")
    assert sudo is not None
    options = [each for each in sudo.params if isinstance(each, click.Option) and not each.is_flag]

    for name in ("bash", "zsh", "fish", "powershell"):
        text = engineer.types(f"gatepass shell-init {name}").stdout
        assert not [word for each in options for word in each.opts if word not in text]


def test_status_tells_expired_from_live_and_this_terminal_from_others(
    engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (session("ASIA1", timedelta(hours=2)), session("ASIA2", timedelta(seconds=-1), "beta"))
    keep(engineer, monkeypatch, "1.2", *mine)
    keep(
        engineer,
        monkeypatch,
        "3.4",
        session("ASIA3", timedelta(minutes=30), "gamma"),
        session("ASIA4", -timedelta(1), "delta"),
    )
    old = keep(engineer, monkeypatch, "5.6", session("ASIA5", timedelta(days=-2), "epsilon"))
    changes = inside({"AWS_ACCESS_KEY_ID": "AKIAOWN"}, mine[1], None)
    within = Person(
        engineer.home, engineer.environment | {name: value for name, value in changes.items() if value is not None}
    )

    shown = within.types("gatepass status").stdout
    found = json.loads(within.types("gatepass status --json").stdout)["sessions"]

    assert [(each["customer"], each["where"], each["current"], each["expired"]) for each in found] == [
        ("acme-prod", "this terminal", False, False),
        ("beta", "this terminal", True, True),
        ("gamma", "another terminal", False, False),
    ]
    assert "EXPIRED" in shown
    assert not old.exists()
    assert "MARKER" not in shown + json.dumps(found)
    assert "ASIA" not in shown + json.dumps(found)


def test_in_a_shell_that_follows_only_its_environment_tells_where_one_is(
    engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a subshell entered, the shell around it is not in; aws in that shell is not either."""
    keep(engineer, monkeypatch, "1.2", session("ASIA1", timedelta(hours=2)))

    assert "no session is under way" in engineer.types("gatepass exec -- true").stdout
    assert json.loads(engineer.types("gatepass leave --json").stdout) == {"left": None, "now_in": None}
    assert json.loads(engineer.types("gatepass status --json").stdout) == {"sessions": []}


def test_inside_a_session_the_profile_that_was_the_persons_own_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=x\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in inside({"AWS_PROFILE": "work"}, session("ASIA1", timedelta(hours=1)), None).items():
        if value is not None:
            monkeypatch.setenv(name, value)

    own = base_credentials()

    assert own.origin == "profile work"
    assert connection(own.credentials).get_credentials().access_key == "AKIAWORK"
    quick = own_keys(own)
    assert quick is not None
    assert quick.credentials.access_key_id == "AKIAWORK"


def test_entering_anew_leaves_no_expired_session_to_step_back_into(
    engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(engineer.home / "state"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOWN")
    expired, live = session("ASIA1", timedelta(seconds=-1)), session("ASIA2", timedelta(hours=1))
    keep(engineer, monkeypatch, "1.2", live, expired)

    shell.forget_expired()

    assert list(sessions.shelf().sessions()) == [live]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["su"], ["sudo"]),
        (["shell"], ["shell-init"]),
        (["sudo", "ac"], ["acme-prod"]),
        (["sudo", "acme-prod/"], ["acme-prod/support"]),
        (["sudo", "--read"], ["--read-only"]),
        (["exec", "ac"], ["acme-prod"]),
        (["console", "ac"], ["acme-prod"]),
        (["customers", "show", "ac"], ["acme-prod"]),
        (["customers", "list", "--team", "n"], ["netops"]),
        (["close", "s"], ["support"]),
        (["rotate", ""], ["audit", "support"]),
        (["list", "ec2-instance-d"], ["ec2-instance-detailed"]),
        (["region", "eu-n"], ["eu-north-1"]),
        (["shell-init", "f"], ["fish"]),
        (["sudo", "zz"], []),
        (["sudo", "--register", "nowhere.yml", "a"], []),
        (["sudo", "--register", "access.yml", "a"], []),
        (["no-such-command", "a"], []),
    ],
)
def test_the_tab_key_offers_what_may_be_meant(engineer: Person, words: Sequence[str], offered: Sequence[str]) -> None:
    asked = {
        "_GATEPASS_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["gatepass", *words]),
        "COMP_CWORD": str(len(words)),
    }

    told = Person(engineer.home, engineer.environment | asked).types("gatepass")

    found = [line.partition(",")[2] for line in told.stdout.splitlines() if line.startswith("plain,")]
    assert found == offered
    assert "Traceback" not in told.stdout


def test_an_id_that_was_typed_for_a_registered_customer_is_refused_through_the_function_too(engineer: Person) -> None:
    """The function hands it on by standard input, where a registered customer's is not looked for."""
    typed = Person(engineer.home, engineer.environment | {"GATEPASS_TYPED": "1", "AWS_SECRET_ACCESS_KEY": "x"})

    refused = typed.types("gatepass sudo acme-prod", stdin="gp1.AAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBB\n")

    assert refused.returncode == 1
    assert "the external ID of acme-prod/support is not typed" in refused.stdout
    assert "BBBB" not in refused.stdout


def test_status_lists_what_aws_profiles_use_while_it_lasts(engineer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(engineer.home / ".cache"))
    cache = SessionCache()
    for name, left in (("session-1", timedelta(minutes=40)), ("session-2", timedelta(seconds=1))):
        cache.keep(name, session("ASIA9", left), (NOW + left).timestamp())
    (engineer.home / ".cache" / "gatepass" / "sessions" / "session-3").write_text("half\n", encoding="utf-8")

    told = engineer.types("gatepass status --json").stdout

    assert {each["where"] for each in json.loads(told)["sessions"]} == {"AWS profiles"}
    assert json.loads(told)["sessions"][0]["role"] == str(ROLE)
    assert "ASIA" not in told
