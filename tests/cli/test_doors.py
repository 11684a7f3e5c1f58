"""The command doors: an account with roles made by hand and by Gatepass, as table, facts and page."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pexpect
import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.chromium import Chromium, chromium_on_path
from tests.cli.door_roles import EXTERNAL_IDS, OPEN_TO_ALL, SAML, SCALR, asking, letting_in, make_roles, root
from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER, Cloud

ACCESS = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  support:
    provider: "{PROVIDER}"
    permissions: [AmazonS3FullAccess]
    principals: [role/engineers/*]
  build:
    provider: "777788889999"
    permissions: [PowerUserAccess]
"""
ATTACK = "<script>document.title='pwned'</script><img src=x onerror=alert(1)>\"'&amp;"


@dataclass(frozen=True)
class Scene:
    """The customer's administrator before an account full of roles."""

    cloud: Cloud
    admin: Person


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Return an account with roles of every kind; one grant is open, one is closed, one role was used."""
    home = tmp_path_factory.mktemp("doors")
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        admin = cloud.administrator(home)
        make_roles(*(cloud.client("iam", aws.root_credentials(each)) for each in (CUSTOMER, PROVIDER)))
        (home / "access.yml").write_text(ACCESS, encoding="utf-8")
        assert admin.types("gatepass apply access.yml --yes").returncode == 0
        assert admin.types("gatepass close build --wait 0s").returncode == 0
        enter = '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}'
        engineer = cloud.client("sts", cloud.user(PROVIDER, "alice", enter))
        session = engineer.assume_role(
            RoleArn=f"arn:aws:iam::{CUSTOMER}:role/{OPEN_TO_ALL}", RoleSessionName="alice"
        )["Credentials"]  # fmt: skip
        keys = (session["AccessKeyId"], session["SecretAccessKey"])
        cloud.client("sts", keys, session["SessionToken"]).get_caller_identity()
        yield Scene(cloud, admin)


@pytest.fixture
def chromium(tmp_path: Path) -> Chromium:
    return chromium_on_path(tmp_path / "profile")


@dataclass
class Reading(HTMLParser):
    """What is in a page: its elements, their attributes, its words."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str | None]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def read(page: str) -> Reading:
    reading = Reading()
    reading.feed(page)
    return reading


def facts(admin: Person, arguments: str = "") -> dict[str, Any]:
    finished = admin.types(f"gatepass doors --json {arguments}")
    found: dict[str, Any] = json.loads(finished.stdout[finished.stdout.index("{") :])
    return found


def details(*roles: dict[str, Any]) -> str:
    return json.dumps({"RoleDetailList": list(roles)})


def detail(name: str, *statements: dict[str, Any], path: str = "/", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Arn": f"arn:aws:iam::{CUSTOMER}:role{path}{name}", "AssumeRolePolicyDocument": trust, **more}


def test_who_may_not_read_the_account_is_told_so(cloud: Cloud, tmp_path: Path) -> None:
    keys = cloud.user(CUSTOMER, "nobody", '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}')

    finished = cloud.person(tmp_path, keys).types("gatepass doors")

    assert finished.returncode == 1
    assert "AWS refused iam:GetAccountAuthorizationDetails" in finished.stdout


def test_an_account_that_nobody_outside_can_enter_is_told_so(tmp_path: Path) -> None:
    machine = detail("machine", letting_in("ec2.amazonaws.com", form="Service"))
    (tmp_path / "details.json").write_text(details(machine), encoding="utf-8")

    finished = Person(tmp_path).types("gatepass doors --account-details details.json")

    assert finished.returncode == 0
    assert finished.stdout == (
        "nobody outside the account can enter any of its roles\n"
        "nobody outside can enter the account's other 1 role; --all lists them\n"
    )


def test_a_door_with_nothing_of_weight_found_at_it_is_no_reason_for_an_exit_of_three(tmp_path: Path) -> None:
    good = detail("good", letting_in(root(SCALR), **asking(EXTERNAL_IDS[0])))
    (tmp_path / "details.json").write_text(details(good), encoding="utf-8")

    finished = Person(tmp_path).types("gatepass doors --account-details details.json")

    assert finished.returncode == 0
    assert f"{SCALR} (Scalr)" in finished.stdout


def test_no_external_id_is_printed_in_any_form(scene: Scene) -> None:
    shown = scene.admin.types("gatepass pass support --reveal").stdout
    ours = next(word for word in shown.split() if word.startswith("gp1."))
    told = "".join(
        scene.admin.types(f"gatepass doors {option}").stdout for option in ("", "--json", "--html page.html")
    )
    told += (scene.admin.home / "page.html").read_text(encoding="utf-8")

    for each in (*EXTERNAL_IDS, ours):
        assert each not in told
        assert each[:9] not in told


def test_the_table_tells_each_door_in_one_line(scene: Scene) -> None:
    finished = scene.admin.types("gatepass doors")

    lines = {line.split()[1]: line for line in finished.stdout.splitlines() if line.startswith(("open ", "closed "))}
    assert finished.returncode == 3
    assert "everyone: any AWS account" in lines[OPEN_TO_ALL]
    assert "administrator: can do everything" in lines[OPEN_TO_ALL]
    assert "today (" in lines[OPEN_TO_ALL]
    assert "never; made today" in lines["scalr"]
    assert f"{PROVIDER}, only role/engineers/*" in lines[f"ServiceProvider-{PROVIDER}-support"]
    assert "nobody; made for 777788889999" in lines["ServiceProvider-777788889999-build"]
    assert "machine" not in finished.stdout


def test_all_lists_the_roles_too_that_nobody_outside_can_enter(scene: Scene) -> None:
    finished = scene.admin.types("gatepass doors --all")

    assert f"role/machine{' ' * 3}" in finished.stdout
    assert "ec2.amazonaws.com" in finished.stdout
    assert {each["role_arn"].rsplit("/", 1)[-1] for each in facts(scene.admin, "--all")["inside"]} == {
        "machine",
        "colleagues",
    }


def test_a_narrow_terminal_gets_the_facts_below_each_other(scene: Scene) -> None:
    child = scene.admin.at_terminal("gatepass doors")
    child.setwinsize(40, 90)
    child.expect(pexpect.EOF)

    assert "(closed)" in child.before
    assert "external ID:" in child.before


def test_the_facts_are_the_same_as_json(scene: Scene) -> None:
    found = facts(scene.admin)

    doors = {each["role_arn"].rsplit("/", 1)[-1]: each for each in found["doors"]}
    assert found["account"] == CUSTOMER
    assert doors[OPEN_TO_ALL]["last_used"]["region"] == "us-east-1"
    assert doors["orphan"]["who"][0]["kind"] == "unknown principal"
    assert doors["last-year"]["state"] == "over"
    assert doors["until-2099"]["ends"] == "2099-01-01T00:00:00Z"
    assert doors["guessed"]["external_id"]["quality"] == "words or numbers that others can know"
    assert doors["ServiceProvider-777788889999-build"]["switch"] == "closed"
    assert doors["ServiceProvider-777788889999-build"]["at_worst"]["only_once_open"]
    assert found["findings"]["high"] == sum(
        finding["severity"] == "high" for each in found["doors"] for finding in each["findings"]
    )


def test_names_of_the_organisation_help_reading_where_they_can_be_had(cloud: Cloud, tmp_path: Path) -> None:
    organizations = cloud.client("organizations", cloud.aws.root_credentials(CUSTOMER))
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="Tools [b]", Email="tools@example.com")["CreateAccountStatus"]
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    trust = {"Version": "2012-10-17", "Statement": [letting_in(root(made["AccountId"]))]}
    iam.create_role(RoleName="tools", AssumeRolePolicyDocument=json.dumps(trust))
    reader = cloud.user(CUSTOMER, "reader", '{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}')

    by_admin = cloud.administrator(tmp_path / "admin").types("gatepass doors")
    by_reader = cloud.person(tmp_path / "reader", reader).types("gatepass doors")

    assert f"{made['AccountId']} (Tools [b])" in by_admin.stdout
    assert "Tools" not in by_reader.stdout
    assert made["AccountId"] in by_reader.stdout


def test_an_earlier_page_is_replaced_and_nothing_else_is(scene: Scene) -> None:
    refused = scene.admin.types("gatepass doors --html access.yml")
    for _ in range(2):
        written = scene.admin.types("gatepass doors --html doors.html")

    page = scene.admin.home / "doors.html"
    assert refused.returncode == 1
    assert "access.yml is not overwritten" in refused.stdout
    assert (scene.admin.home / "access.yml").read_text(encoding="utf-8") == ACCESS
    assert written.returncode == 3
    assert written.stdout.startswith("written: doors.html\n")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_the_page_needs_no_script_and_no_network(scene: Scene) -> None:
    scene.admin.types("gatepass doors --html alone.html --all")

    text = (scene.admin.home / "alone.html").read_text(encoding="utf-8")
    reading = read(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(reading.tags)
    assert not [value for name, value in reading.attributes if name in ("src", "action", "background", "style")]
    assert all(str(value).startswith("#") for name, value in reading.attributes if name == "href")
    assert "url(" not in text
    assert "@import" not in text


def test_markup_in_names_paths_tags_and_conditions_stays_text(tmp_path: Path, chromium: Chromium) -> None:
    """An IAM path takes every printable character, and a file of details takes whatever its writer likes."""
    hostile = detail(
        "attack",
        letting_in(root(SCALR), **asking(ATTACK), StringEqualsIgnoreCase={"aws:PrincipalOrgID": ATTACK}),
        letting_in(f"{SAML}{ATTACK}", form="Federated", action="sts:AssumeRoleWithSAML"),
        path="/<script>document.title='pwned'</script><img/src=x/onerror=alert(1)>/",
        Tags=[{"Key": ATTACK, "Value": ATTACK + "\u202e\x1b[31m"}],
        RolePolicyList=[{"PolicyName": ATTACK, "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}],
        AttachedManagedPolicies=[{"PolicyName": "x", "PolicyArn": ATTACK}],
        PermissionsBoundary={"PermissionsBoundaryArn": ATTACK},
        RoleLastUsed={"LastUsedDate": "2026-11-21T00:00:00Z", "Region": f"{ATTACK}\x1b[31m"},
    )  # fmt: skip
    (tmp_path / "details.json").write_text(details(hostile), encoding="utf-8")

    finished = Person(tmp_path).types("gatepass doors --account-details details.json --html doors.html")

    text = (tmp_path / "doors.html").read_text(encoding="utf-8")
    assert finished.returncode in (0, 3), finished.stdout
    assert "<script" not in text
    assert "<img" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "pwned" in text
    dom = read(chromium.dom(tmp_path / "doors.html"))
    assert not {"script", "img"} & set(dom.tags)
    assert not [name for name, _ in dom.attributes if name.startswith("on")]
    assert "<img src=x onerror=alert(1)>" in dom.text
    table = Person(tmp_path).types("gatepass doors --account-details details.json").stdout
    assert "\x1b" not in table


def test_a_browser_shows_the_page_as_it_was_written(scene: Scene, chromium: Chromium, tmp_path: Path) -> None:
    scene.admin.types("gatepass doors --html shown.html")
    page = scene.admin.home / "shown.html"

    dom = read(chromium.dom(page))
    chromium.screenshot(page, tmp_path / "page.png")
    chromium.print(page, tmp_path / "page.pdf")

    doors = facts(scene.admin)["doors"]
    headings = [tag for tag in dom.tags if tag in ("h1", "h2", "h3")]
    ids = {value for name, value in dom.attributes if name == "id"}
    links = {str(value).removeprefix("#") for name, value in dom.attributes if name == "href"}
    assert f"Doors into AWS account {CUSTOMER}" in dom.text
    assert headings[:2] == ["h1", "h2"]
    assert dom.tags.count("article") == len(doors)
    assert links <= ids
    assert ("lang", "en") in dom.attributes
    for each in doors:
        assert each["role_arn"] in dom.text
        assert all(finding["what"] in dom.text for finding in each["findings"])
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
