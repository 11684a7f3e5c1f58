"""A customer's session for one command only, or for a look into the console."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.entering_story import LOCKED, OPEN, REGISTER, Scene, entering_scene
from tests.cli.person import Person


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with entering_scene(tmp_path_factory.mktemp("customer")) as made:
        yield made


@pytest.fixture
def netops(scene: Scene, tmp_path: Path) -> Person:
    return scene.engineer(tmp_path)


def test_exec_is_the_command_to_whoever_waits_for_it(netops: Person) -> None:
    codes = {
        "no-such-command": 127, "/": 126, "sh -c 'exit 7'": 7, "sh -c 'kill -KILL $$'": -9,
    }  # fmt: skip
    assert netops.types(f"gatepass sudo {OPEN}").returncode == 0
    for command, code in codes.items():
        assert netops.types(f"gatepass exec -- {command}").returncode == code

    for words in ("", "--", f"{OPEN} --"):
        came = netops.types(f"gatepass exec {words}")
        assert came.returncode == 2
        assert "no command was given" in came.stdout


@pytest.mark.parametrize("option", ["--read-only", "--policy narrow.json", "--ticket ABC-1", "--for 2h"])
def test_a_session_that_is_under_way_takes_no_other_terms(netops: Person, option: str) -> None:
    assert netops.types(f"gatepass sudo {OPEN}").returncode == 0

    for command in (f"exec {option} -- true", f"console {option} --print"):
        came = netops.types(f"gatepass {command}")
        assert came.returncode == 2
        assert "neither narrowed, labelled nor made longer; name the customer" in came.stdout


def test_exec_without_dashes_is_understood_where_it_is_clear(netops: Person) -> None:
    (netops.home / "customers.yml").write_text(REGISTER.replace("acme-test:", "env:"), encoding="utf-8")
    assert netops.types("gatepass exec echo hello").stdout.count("no session is under way") == 1
    # A program and a customer of one name; an option of ours behind the customer.
    for unclear in ("env aws s3 ls", f"{OPEN} --read-only aws s3 ls"):
        came = netops.types(f"gatepass exec {unclear}")
        assert came.returncode == 2
        assert "it is not clear where the command begins" in came.stdout

    (netops.home / "customers.yml").unlink()
    assert f"GATEPASS_ROLE={OPEN}" in netops.types(f"gatepass exec {OPEN} env").stdout
    assert netops.types(f"gatepass sudo {OPEN}").returncode == 0
    assert netops.types("gatepass exec echo one -- two").stdout == "one -- two\n"


def test_exec_takes_the_first_line_of_its_input_and_leaves_the_rest(scene: Scene, netops: Person) -> None:
    wrong = netops.types(f"gatepass exec {LOCKED} -- cat", stdin="not-the-id\nthe rest\n")
    assert wrong.returncode == 1
    assert "the rest" not in wrong.stdout
    nothing = netops.types(f"gatepass exec {LOCKED} -- cat")
    assert "no external ID and is no terminal to ask at" in nothing.stdout
    assert nothing.returncode == 1

    came = netops.types(f"gatepass exec {LOCKED} -- cat", stdin=f"{scene.external_id()}\nthe rest\nof it\n")

    assert came.stdout == "the rest\nof it\n"


def test_the_commands_environment_is_the_sessions(scene: Scene, tmp_path: Path) -> None:
    netops = scene.engineer(
        tmp_path, AWS_SECURITY_TOKEN="left", AWS_DEFAULT_PROFILE="left", GATEPASS_OWN_KEPT="1",
        GATEPASS_OWN_AWS_SECRET_ACCESS_KEY="the-shells-own",
    )  # fmt: skip

    shown = netops.types(f"gatepass exec --region eu-central-1 {OPEN} -- env").stdout
    found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    assert (found["AWS_REGION"], found["AWS_DEFAULT_REGION"]) == ("eu-central-1", "eu-central-1")
    assert found["AWS_CREDENTIAL_EXPIRATION"] == found["AWS_SESSION_EXPIRATION"]
    assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"} & found.keys()
    assert found["AWS_ACCESS_KEY_ID"] != scene.keys[0]
    # Neither the engineer's own keys nor those that the shell keeps for its way back.
    assert scene.keys[1] not in shown
    assert "the-shells-own" not in shown


def page_at(link: str) -> tuple[int, str]:
    """Open the link, which is the sandbox's."""
    assert link.startswith("http://127.0.0.1:")
    try:
        with urllib.request.urlopen(link, timeout=10) as answer:  # noqa: S310 - checked above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def test_a_console_link_is_refused_once_its_session_is_over(scene: Scene, netops: Person) -> None:
    assert netops.types(f"gatepass sudo {OPEN} --for 15m").returncode == 0
    link = netops.types("gatepass console --print").stdout.splitlines()[0]
    assert page_at(link)[0] == 200

    scene.cloud.aws.advance(901)

    assert page_at(link)[0] == 400
    came = netops.types("gatepass console --print")
    assert came.returncode == 1
    assert "AWS signs nobody in to the console with this session" in came.stdout


def test_the_console_is_the_customers_at_the_service_that_was_asked_for(scene: Scene, netops: Person) -> None:
    assert netops.types(f"gatepass console {LOCKED} --service S3 --print", stdin=scene.external_id()).returncode == 1
    command = f"gatepass console {LOCKED} --service s3 --region eu-west-1 --ticket ABC-1"

    link, *notes = netops.types(f"{command} --print", stdin=scene.external_id()).stdout.splitlines()

    assert "send it to nobody" in notes[-1]
    status, page = page_at(link)
    assert status == 200
    assert f"assumed-role/{LOCKED.rpartition('/')[2]}/netops-1+ABC-1" in page
    assert "https://console.aws.amazon.com/s3/home?region=eu-west-1" in page
    told = json.loads(
        netops.types(f"{command} --print --json", stdin=scene.external_id()).stdout.partition("\n}")[0] + "}"
    )
    assert page_at(told["url"])[0] == 200
    # It was for one look: no session of this terminal came of it.
    assert not list((netops.home / "state").rglob("terminals/*.json"))
