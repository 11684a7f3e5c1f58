"""gatepass scalr and gatepass hcp without AWS: what is shown and refused, and how a command goes on after a fault."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.cli.handover import done, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER
from tests.local_store import local_store
from tests.platforms.fake.faults import Fault
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.fake.tag_bindings import bound_tags
from tests.platforms.quick import RolesOfDoors, customer

_ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-111122223333-support"
_EXTERNAL_ID = re.compile(r"gp1\.[A-Z0-9]+\.[A-Z0-9]+")


@pytest.fixture(params=list(Api), ids=lambda api: api.value)
def platform(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    """Return each platform, whose runs give out roles and touch no AWS."""
    with FakePlatform(request.param, execute=RolesOfDoors()) as started:
        yield started


@pytest.fixture(params=[Api.SCALR, pytest.param(Api.HCP, marks=pytest.mark.thorough)], ids=lambda api: api.value)
def either(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    """Return such a platform, for what hangs little on which of the two it is."""
    with FakePlatform(request.param, execute=RolesOfDoors()) as started:
        yield started


@pytest.fixture
def scalr() -> Iterator[FakePlatform]:
    """Return a Scalr of that kind."""
    with FakePlatform(Api.SCALR, execute=RolesOfDoors()) as started:
        yield started


@pytest.fixture
def person(scalr: FakePlatform, tmp_path: Path) -> Person:
    """Return a customer with a token and a workspace's file for Scalr."""
    return customer(tmp_path / "customer", scalr)


def workspace_of(platform: FakePlatform) -> str:
    """Return the id of the one workspace."""
    (found,) = platform.objects.all("workspaces")
    return found.id


def doors_now(person: Person) -> dict[str, dict[str, object]]:
    """Return what the customer's store keeps of each door."""
    store = local_store(person.home)
    names = (f"customer/workspace-/{CUSTOMER}/{grant}" for grant in ("audit", "support"))
    return {name.rpartition("/")[2]: json.loads(store.get(name) or "{}") for name in names}


def test_a_file_for_the_other_platform_is_refused_by_name_of_the_right_command(
    either: FakePlatform, tmp_path: Path
) -> None:
    owner = customer(tmp_path, either)
    own, other = ("scalr", "hcp") if either.api is Api.SCALR else ("hcp", "scalr")

    for words in ("setup --yes", "status", "run", "outputs", "rotate", "remove --yes"):
        told = refused(owner, f"gatepass {other} {words}", "workspace.yml is for")
        assert f"type gatepass {own}" in told
    refused(owner, f"gatepass {other} open workspace.yml support", f"type gatepass {own}")
    refused(owner, f"gatepass {other} close workspace.yml support", f"type gatepass {own}")
    assert either.requests == []


def test_without_a_token_nobody_is_asked_and_the_ways_to_give_one_are_told(
    either: FakePlatform, tmp_path: Path
) -> None:
    owner = customer(tmp_path, either)
    verb, name = either.api.value, "SCALR" if either.api is Api.SCALR else "TFE"
    del owner.environment[f"{name}_TOKEN"]

    told = refused(owner, f"gatepass {verb} setup --yes", "there is no token")

    assert f"export {name}_TOKEN=... with {name}_HOSTNAME={either.host}" in told
    assert either.requests == []


def test_a_wrong_file_is_told_with_every_place_in_it(person: Person) -> None:
    (person.home / "workspace.yml").write_text("gatepass: workspace\nversion: 1\nplatform: scalr\nspace: x\n")

    told = refused(person, "gatepass scalr setup --yes", "workspace.yml:4:1: unknown key: space")

    assert "workspace is missing" in told


def test_nothing_is_made_before_somebody_said_yes(scalr: FakePlatform, person: Person) -> None:
    refused(person, "gatepass scalr setup", "add --yes", code=2)

    terminal = person.at_terminal("gatepass scalr setup")
    terminal.expect("Make these changes?")
    terminal.sendline("n")
    terminal.expect("nothing was changed")
    terminal.expect(pexpect.EOF)

    assert terminal.wait() == 0
    assert scalr.count("POST") == scalr.count("PATCH") == 0
    assert doors_now(person) == {"audit": {}, "support": {}}


def test_set_up_shown_made_and_run_once_and_the_second_time_nothing(platform: FakePlatform, tmp_path: Path) -> None:
    owner, verb = customer(tmp_path, platform), f"gatepass {platform.api.value}"

    first = done(owner, f"{verb} setup --yes")
    again = json.loads(done(owner, f"{verb} setup --json"))
    shown = json.loads(done(owner, f"{verb} status --json"))

    assert "  + workspace access-444455556666" in first
    assert "  door support: a new external ID" in first
    assert f"role support: {_ROLE}" in first
    assert {change["sign"] for change in again["changes"]} == {"="}
    assert (again["made"], again["run"]) == ([], None)
    assert [(door["grant"], door["state"], door["is_ahead_of_aws"]) for door in shown["doors"]] == [
        ("support", "open", False),
        ("audit", "open", False),
    ]
    assert shown["is_well"] is True
    assert len(platform.objects.all("runs")) == 1
    assert done(owner, f"{verb} outputs").startswith(f"role support: {_ROLE}\n")


def test_a_workspace_of_that_name_that_is_not_ours_is_never_changed(platform: FakePlatform, tmp_path: Path) -> None:
    owner, verb = customer(tmp_path, platform), f"gatepass {platform.api.value}"
    done(owner, f"{verb} setup --yes --no-run")
    (foreign,) = platform.objects.all("workspaces")
    with platform.objects.changed:
        foreign.relations["tags"] = []
        bound_tags(foreign).clear()
    platform.forget_requests()

    told = refused(owner, f"{verb} setup --yes", "is not ours")
    for words in ("run", "rotate", "close workspace.yml support", "remove --destroy --yes"):
        refused(owner, f"{verb} {words}", "is not ours")

    assert "! the workspace access-444455556666" in told
    assert platform.count("POST") == platform.count("PATCH") == platform.count("DELETE") == 0


def test_a_token_that_expired_in_the_middle_leaves_what_the_next_set_up_finishes(
    scalr: FakePlatform, person: Person
) -> None:
    scalr.fail(Fault.TOKEN_EXPIRED, "POST", "/vars")

    told = refused(person, "gatepass scalr setup --yes", "does not accept the token")
    done(person, "gatepass scalr setup --yes")

    assert "done 2/3: + workspace access-444455556666" in told
    assert "it finishes the rest" in told
    assert scalr.token not in told
    assert [len(scalr.objects.all(kind)) for kind in ("environments", "workspaces", "vars", "runs")] == [1, 1, 1, 1]


def test_a_locked_workspace_moves_no_door_and_names_the_lock(scalr: FakePlatform, person: Person) -> None:
    done(person, "gatepass scalr setup --yes")
    before = doors_now(person)
    scalr.lock(workspace_of(scalr), "maintenance")

    for words in ("close workspace.yml support", "run --wait"):
        refused(person, f"gatepass scalr {words}", "access-444455556666 is locked")
    refused(person, "gatepass scalr rotate", "access-444455556666 is locked")

    assert doors_now(person) == before
    assert len(scalr.objects.all("runs")) == 1


def test_a_run_that_fails_shows_its_log_and_the_same_command_goes_on(scalr: FakePlatform, person: Person) -> None:
    done(person, "gatepass scalr setup --yes")
    scalr.fail_runs("apply")

    told = refused(person, "gatepass scalr close workspace.yml support", "failed (errored)")
    half = person.types("gatepass scalr status")
    done(person, "gatepass scalr close workspace.yml support")

    assert "something went wrong on the platform's side" in told
    assert "door support: closed; its last move is not in AWS yet" in half.stdout
    assert half.returncode == 3
    assert done(person, "gatepass scalr close workspace.yml support").startswith("a run closes it")
    assert "closed already" in done(person, "gatepass scalr close workspace.yml support")
    assert len(scalr.objects.all("runs")) == 3


def test_a_platform_that_is_too_busy_for_long_is_told_and_asked_no_longer(scalr: FakePlatform, person: Person) -> None:
    busy = scalr.fail(Fault.TOO_MANY, times=1000, seconds=300)

    told = refused(person, "gatepass scalr status", "Too many requests")

    assert "run the command again in some minutes" in told
    assert busy.hit == 1


def test_rotation_leaves_passes_and_waits_for_receipts_and_no_external_id_is_ever_shown(
    either: FakePlatform, tmp_path: Path
) -> None:
    owner, verb = customer(tmp_path, either), f"gatepass {either.api.value}"
    said = [done(owner, f"{verb} setup --yes")]
    before = doors_now(owner)

    first = owner.types(f"{verb} rotate")
    second = owner.types(f"{verb} rotate --json --grant support")

    assert (first.returncode, second.returncode) == (3, 3)
    assert re.search(
        rf"^{CUSTOMER}/support: handed over; both open until .*pass: ./{CUSTOMER}-support", first.stdout, re.MULTILINE
    )
    (told,) = json.loads(second.stdout)["workspaces"]
    assert [(door["grant"], door["stage"]) for door in told["doors"]] == [("support", "waiting for the receipt")]
    for grant, record in doors_now(owner).items():
        assert record["ids"][1:] == before[grant]["ids"]  # type: ignore[index]
    said += [first.stdout, second.stdout, done(owner, "gatepass audit log --json")]
    assert not any(_EXTERNAL_ID.search(text) for text in said)
    assert either.urls_with("gp1.") == []
    assert either.token not in "".join(said)


def test_one_file_that_fails_stops_no_other(scalr: FakePlatform, person: Person) -> None:
    second = customer(person.home, scalr, "second.yml", "999900001111")
    for file in ("workspace.yml", "second.yml"):
        done(second, f"gatepass scalr setup {file} --yes")
    scalr.lock(next(each.id for each in scalr.objects.all("workspaces") if each.attributes["name"].endswith("1111")))

    told = person.types("gatepass scalr rotate workspace.yml second.yml nowhere.yml --overlap 1h")

    assert told.returncode == 1
    assert f"{CUSTOMER}/support: handed over" in told.stdout
    assert "second.yml: failed" in told.stdout
    assert "access-999900001111 is locked" in told.stdout
    assert "nowhere.yml cannot be read" in told.stdout


def test_open_and_close_are_recorded_with_whom_they_were_about(scalr: FakePlatform, person: Person) -> None:
    done(person, "gatepass scalr setup --yes")
    done(person, "gatepass scalr close workspace.yml support")
    opened = json.loads(done(person, "gatepass scalr open workspace.yml support --json"))
    scalr.expire_token()
    refused(person, "gatepass scalr close workspace.yml support", "does not accept the token")

    log = json.loads(done(person, "gatepass audit log --json"))

    assert opened["changed"] is True
    assert opened["pass"] == f"./{CUSTOMER}-support.pass.json"
    assert [(each["action"], each["customer"], each["grant"], each["outcome"]) for each in log["records"]] == [
        ("workspace setup", CUSTOMER, "", "done"),
        ("close", CUSTOMER, "support", "done"),
        ("open", CUSTOMER, "support", "done"),
        ("close", CUSTOMER, "support", "refused"),
    ]


def test_a_pass_is_written_once_and_never_over_anything(scalr: FakePlatform, person: Person) -> None:
    refused(person, "gatepass scalr outputs --pass support -o a.pass.json", "nothing to hand over")
    done(person, "gatepass scalr setup --yes")
    refused(person, "gatepass scalr outputs --pass support", "a pass needs both", code=2)
    (person.home / "a.pass.json").write_text("mine")
    refused(person, "gatepass scalr outputs --pass support -o a.pass.json", "a.pass.json")

    done(person, "gatepass scalr outputs --pass support -o b.pass.json")

    assert (person.home / "a.pass.json").read_text() == "mine"
    handed = (person.home / "b.pass.json").read_text()
    assert _ROLE in handed
    assert not _EXTERNAL_ID.search(handed)
    assert scalr.count("POST", "/runs") == 1


def test_a_removal_takes_all_of_ours_away_and_what_it_would_leave_open_is_asked_for(
    either: FakePlatform, tmp_path: Path
) -> None:
    owner, verb = customer(tmp_path, either), f"gatepass {either.api.value}"
    done(owner, f"{verb} setup --yes")

    refused(owner, f"{verb} remove --destroy --leave-roles --yes", "two things", code=2)
    refused(owner, f"{verb} remove --yes", "roles stand in the state")
    assert len(either.objects.all("workspaces")) == 1
    done(owner, f"{verb} remove --destroy --yes")

    assert either.objects.all("workspaces") == []
    assert doors_now(owner) == {"audit": {}, "support": {}}
    assert "there is nothing of it" in done(owner, f"{verb} remove --yes")


def test_ctrl_c_ends_the_waiting_and_says_that_the_run_goes_on(scalr: FakePlatform, person: Person) -> None:
    done(person, "gatepass scalr setup --yes")
    scalr.hold_runs("planning")

    terminal = person.at_terminal("gatepass scalr rotate")
    terminal.expect("planning")
    terminal.sendcontrol("c")
    terminal.expect("what was done stays done")
    terminal.expect(pexpect.EOF)
    assert terminal.wait() == 130
    scalr.let_runs_go()
    again = person.types("gatepass scalr rotate")

    assert again.returncode == 3
    assert f"{CUSTOMER}/support: handed over" in again.stdout
    assert scalr.count("POST", "/runs") == 2


def test_tab_completes_the_grants_that_the_workspace_keeps(person: Person) -> None:
    person.environment |= {"_GATEPASS_COMPLETE": "bash_complete", "COMP_CWORD": "4"}

    person.environment["COMP_WORDS"] = "gatepass scalr open workspace.yml su"
    shown = person.types("gatepass")

    assert "support" in shown.stdout


def test_the_customers_channels_hear_of_doors_that_a_run_moved(scalr: FakePlatform, person: Person) -> None:
    """Nobody listens there: what cannot be told becomes a note, and the door is moved all the same."""
    access = person.home / "workspace" / "access.yml"
    access.write_text(access.read_text() + "notify: {webhook: https://127.0.0.1:1/}\n")
    assert "not told by" not in done(person, "gatepass scalr setup --yes")

    assert "not told by" in done(person, "gatepass scalr close workspace.yml support")
    assert "not told by" not in done(person, "gatepass scalr close workspace.yml support")
    assert scalr.count("POST", "/runs") == 2


def test_what_goes_to_a_file_is_the_result_alone_while_a_terminal_shows_the_progress(person: Person) -> None:
    done(person, "gatepass scalr setup --yes")
    words = f"{sys.executable} -m gatepass scalr rotate workspace.yml nowhere.yml > out.txt"

    terminal = person.at_terminal_of(["sh", "-c", words], (40, 160))
    terminal.expect("nowhere.yml cannot be read")
    terminal.expect(pexpect.EOF)

    assert terminal.wait() == 1
    lines = (person.home / "out.txt").read_text().splitlines()
    assert [line.partition(";")[0] for line in sorted(lines)] == [
        f"{CUSTOMER}/audit: handed over",
        f"{CUSTOMER}/support: handed over",
        "nowhere.yml: failed",
    ]


def test_an_answer_that_is_lost_makes_nothing_twice(either: FakePlatform, tmp_path: Path) -> None:
    owner, verb = customer(tmp_path, either), f"gatepass {either.api.value}"
    for path in ("/vars", "/workspaces/[^/]+/vars", "/organizations/[^/]+/workspaces", "/workspaces"):
        either.fail(Fault.ERROR_AFTER, "POST", path)
    done(owner, f"{verb} setup --yes --no-run")
    either.fail(Fault.LOST, "POST", "/runs")
    done(owner, f"{verb} run --wait")
    either.fail(Fault.LOST, "POST", "/runs")
    either.fail(Fault.ERROR_AFTER, "PATCH", ".*/?vars/[^/]+")

    assert owner.types(f"{verb} rotate").returncode == 3

    assert [len(either.objects.all(kind)) for kind in ("workspaces", "vars", "runs")] == [1, 1, 2]
