"""The workspace's file: every mistake at once with its place, nothing secret repeated, and what the environment adds."""

from __future__ import annotations

import contextlib
from pathlib import Path

import jsonschema
import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters.file_kinds import is_register, is_workspace
from gatepass.adapters.workspace_file import load_workspace_file, workspace_schema
from gatepass.adapters.written_workspace import demand_hostname
from gatepass.domain.errors import GatepassError, InvalidFile, InvalidInput
from gatepass.domain.identifiers import GrantName
from gatepass.domain.workspace_setup import Platform, Repository, WorkspaceSetup

ACCESS = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support: {provider: "111122223333", permissions: [SecurityAudit]}
"""
SCALR = """\
gatepass: workspace
version: 1
platform: scalr
hostname: example.scalr.io
account: acc-example
environment: aws-access
workspace: access-444455556666
access: access.yml
repository: {connection: github, identifier: acme/aws-access, branch: main, directory: customer}
own_access: scalr
schedule: "0 3 * * *"
terraform: 1.11.4
"""
HCP = """\
gatepass: workspace
version: 1
platform: hcp
organization: acme
project: aws access
workspace: access-444455556666
access: access.yml
"""


def loaded(folder: Path, text: str, access: str = ACCESS, **environ: str) -> WorkspaceSetup:
    """Return what the file declares."""
    (folder / "access.yml").write_text(access, encoding="utf-8")
    (folder / "workspace.yml").write_text(text, encoding="utf-8")
    return load_workspace_file(folder / "workspace.yml", environ).setup


def problems(folder: Path, text: str, access: str = ACCESS, **environ: str) -> list[tuple[str, str]]:
    """Return the place behind the folder, and the words, of each problem."""
    with pytest.raises(InvalidFile) as caught:
        loaded(folder, text, access, **environ)
    for problem in caught.value.problems:
        assert problem.why, problem
        assert problem.next_step, problem
    return [(problem.place.removeprefix(f"{folder}/"), problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("line", "written", "place", "what"),
    [
        ("platform: scalr", "platform: atlantis", "3:11", "this is no platform that Gatepass knows"),
        (
            "hostname: example.scalr.io",
            "hostname: https://example.scalr.io",
            "4:11",
            "the hostname is more than a host",
        ),
        ("hostname: example.scalr.io", "hostname: example.scalr.io/api", "4:11", "the hostname is more than a host"),
        (
            "hostname: example.scalr.io",
            "hostname: ann:s3cret@example.scalr.io",
            "4:11",
            "the hostname is more than a host",
        ),
        ("hostname: example.scalr.io", "hostname: exa_mple", "4:11", "the hostname is not the name of a host"),
        (
            "hostname: example.scalr.io",
            "hostname: example.scalr.io:99999",
            "4:11",
            "the hostname is not the name of a host",
        ),
        (
            "hostname: example.scalr.io",
            'hostname: "ex\u0430mple.scalr.io"',
            "4:11",
            "the hostname is not the name of a host",
        ),
        ("account: acc-example", "account: example", "5:10", "'example' is not the id of an account of Scalr"),
        ("account: acc-example", "account: 12", "5:10", "12 is read as a number, not as text"),
        ("environment: aws-access", 'environment: "a/b"', "6:14", "'a/b' cannot name an environment"),
        ("environment: aws-access\n", "", "1:1", "environment is missing"),
        ("environment: aws-access", "project: aws-access", "1:1", "environment is missing"),
        ("environment: aws-access", "environment: x\norganization: acme", "7:1", "Scalr has no organization"),
        (
            "workspace: access-444455556666",
            "workspace: 444455556666",
            "7:12",
            "444455556666 is read as a number, not as text",
        ),
        ("workspace: access-444455556666", 'workspace: "a b"', "7:12", "'a b' cannot name a workspace"),
        ("workspace: access-444455556666", "workspce: x", "7:1", "unknown key: workspce"),
        (
            "access: access.yml",
            "access: nowhere.yml",
            "8:9",
            "{folder}/nowhere.yml cannot be read: No such file or directory",
        ),
        ("access: access.yml\n", "", "1:1", "access is missing"),
        (
            "identifier: acme/aws-access",
            "identifier: https://github.com/acme/x",
            "9:46",
            "'https://github.com/acme/x' is not a repository",
        ),
        ("identifier: acme/aws-access", "identifier: ../x", "9:46", "'../x' is not a repository"),
        ("branch: main", "brnch: main", "9:63", "unknown key: brnch"),
        ("branch: main", 'branch: "-x"', "9:71", "'-x' cannot name a branch"),
        ("branch: main", 'branch: "a..b"', "9:71", "'a..b' cannot name a branch"),
        ("directory: customer", "directory: ../customer", "9:88", "'../customer' is not a directory of the repository"),
        ("directory: customer", "directory: /customer", "9:88", "'/customer' is not a directory of the repository"),
        ("connection: github", 'connection: ""', "9:26", "the connection cannot be shown"),
        (
            "own_access: scalr",
            "own_access: Support",
            "10:13",
            "the workspace would keep the grant support, by which its platform enters",
        ),
        ("own_access: scalr", "own_access: 1st", "10:13", "'1st' cannot name a grant"),
        ('schedule: "0 3 * * *"', 'schedule: "0 3 * *"', "11:11", "'0 3 * *' is no time in cron's way"),
        ("terraform: 1.11.4", "terraform: 1.11", "12:12", "1.11 is read as a number, not as text"),
        ("terraform: 1.11.4", 'terraform: "1.4.9"', "12:12", "Terraform 1.4.9 is too old"),
        ("terraform: 1.11.4", "terraform: 1.11.4-beta1", "12:12", "'1.11.4-beta1' is not a version of Terraform"),
        ("version: 1", "version: 2", "2:10", "this version of the file is not known"),
        ("gatepass: workspace", "gatepass: customer", "1:11", "this is not a workspace's file"),
        ("account: acc-example", "account: acc-example\naccount: acc-other", "6:1", "account stands twice"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, line: str, written: str, place: str, what: str) -> None:
    assert line in SCALR

    found = problems(tmp_path, SCALR.replace(line, written, 1))

    assert (f"workspace.yml:{place}", what.format(folder=tmp_path)) in found
    assert "s3cret" not in str(found)


def test_all_mistakes_are_told_at_once_those_of_the_other_file_included(tmp_path: Path) -> None:
    text = SCALR.replace("acc-example", "x").replace("0 3 * * *", "x")

    found = problems(tmp_path, text, ACCESS.replace("SecurityAudit", "Security Audit"))

    assert [place for place, _ in found] == ["access.yml:5:53", "workspace.yml:5:10", "workspace.yml:11:11"]


@pytest.mark.parametrize("key", ["account: acc-example", "environment: x", 'schedule: "0 3 * * *"'])
def test_what_hcp_terraform_has_not_is_refused_there(tmp_path: Path, key: str) -> None:
    name = key.partition(":")[0]

    assert ("workspace.yml:8:1", f"HCP Terraform has no {name}") in problems(tmp_path, f"{HCP}{key}\n")


@pytest.mark.parametrize("name", ["ab", "x" * 41, " ab c", "a.b.c"])
def test_a_project_has_a_name_that_hcp_terraform_takes(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, HCP.replace("aws access", f'"{name}"'))

    assert [what for _, what in found] == [f"{name!r} cannot name a project"]


def test_a_grant_that_keeps_a_role_is_refused_for_terraform_would_make_it_twice(tmp_path: Path) -> None:
    access = ACCESS.replace("[SecurityAudit]", "[SecurityAudit], role: VendorAudit")

    assert ("workspace.yml:8:9", "the grant support keeps a role that stands already") in problems(
        tmp_path, SCALR, access
    )


def test_where_neither_file_nor_environment_says_it_both_are_named(tmp_path: Path) -> None:
    text = SCALR.replace("hostname: example.scalr.io\n", "").replace("account: acc-example\n", "")

    with pytest.raises(InvalidFile) as caught:
        loaded(tmp_path, text)

    assert [problem.what for problem in caught.value.problems] == ["hostname is missing", "account is missing"]
    assert "SCALR_HOSTNAME" in caught.value.problems[0].next_step
    assert "SCALR_ACCOUNT" in caught.value.problems[1].next_step


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({"SCALR_HOSTNAME": "https://ann:s3cret@x.io"}, "SCALR_HOSTNAME: the hostname is more than a host"),
        ({"SCALR_HOSTNAME": "x.io", "SCALR_ACCOUNT": "x"}, "SCALR_ACCOUNT: 'x' is not the id of an account of Scalr"),
    ],
)
def test_what_the_environment_says_is_held_to_the_same_rules(
    tmp_path: Path, environ: dict[str, str], what: str
) -> None:
    text = SCALR.replace("hostname: example.scalr.io\n", "").replace("account: acc-example\n", "")

    with pytest.raises(InvalidFile) as caught:
        loaded(tmp_path, text, **environ)

    assert what in [problem.what for problem in caught.value.problems]
    assert "s3cret" not in str(caught.value.problems)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    setup = loaded(tmp_path, SCALR, SCALR_HOSTNAME="other.scalr.io", SCALR_ACCOUNT="acc-other")

    assert (setup.platform, setup.hostname, setup.owner) == (Platform.SCALR, "example.scalr.io", "acc-example")
    assert (setup.environment, setup.workspace) == ("aws-access", "access-444455556666")
    assert setup.repository == Repository("github", "acme/aws-access", "main", "customer")
    assert [str(grant.name) for grant in setup.declaration.grants] == ["support"]
    assert setup.own_access == GrantName("scalr")
    assert (setup.schedule, setup.terraform_version) == ("0 3 * * *", "1.11.4")
    assert setup.access_name == "gatepass-444455556666-scalr"


@pytest.mark.parametrize(
    ("environ", "host", "owner"),
    [
        ({}, "app.terraform.io", "acme"),
        ({"TFE_HOSTNAME": "TFE.Example.com"}, "tfe.example.com", "acme"),
        ({"TFE_ADDRESS": "https://tfe.example.com:8443/"}, "tfe.example.com:8443", "acme"),
        ({"TFE_ADDRESS": "https://later.example", "TF_CLOUD_HOSTNAME": "tfe.example.com"}, "tfe.example.com", "acme"),
    ],
)
def test_the_host_of_terraform_enterprise_comes_from_the_variables_of_its_own_tools(
    tmp_path: Path, environ: dict[str, str], host: str, owner: str
) -> None:
    setup = loaded(tmp_path, HCP, **environ)

    assert (setup.hostname, setup.owner, setup.environment) == (host, owner, "aws access")
    assert (setup.repository, setup.schedule, setup.access_name) == (None, None, "")


def test_an_owner_that_the_file_does_not_name_comes_from_the_environment(tmp_path: Path) -> None:
    hcp = HCP.replace("organization: acme\n", "")
    scalr = SCALR.replace("account: acc-example\n", "")

    assert loaded(tmp_path, hcp, TFE_ORGANIZATION="acme", TF_CLOUD_ORGANIZATION="other").owner == "acme"
    assert loaded(tmp_path, hcp, TF_CLOUD_ORGANIZATION="other").owner == "other"
    assert loaded(tmp_path, scalr, SCALR_ACCOUNT_ID="acc-env").owner == "acc-env"


def test_the_customers_file_is_seen_from_the_workspaces_file(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")
    (tmp_path / "inner" / "workspace.yml").write_text(HCP.replace("access.yml", "../access.yml"), encoding="utf-8")

    found = load_workspace_file(tmp_path / "inner" / "workspace.yml", {})

    assert found.setup.declaration == found.access.declaration


@pytest.mark.parametrize("text", [SCALR, HCP])
def test_the_schema_takes_what_is_read_and_refuses_the_other_platforms_keys(text: str) -> None:
    data = ruamel.yaml.YAML(typ="safe").load(text)

    jsonschema.validate(data, workspace_schema())
    for wrong in ({"platform": "scalr" if data["platform"] == "hcp" else "hcp"}, {"workspce": "x"}, {"access": None}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data | wrong, workspace_schema())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_a_host_holds_nothing_by_which_a_request_could_go_elsewhere(text: str) -> None:
    try:
        host = demand_hostname(text)
    except InvalidInput:
        return
    assert host.isascii()
    assert not set(host) & set("/@?#\\ \t\r\n%[]")


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>'\"%@`\n 01#,?"), max_size=80))
def test_no_text_makes_it_fail_but_by_a_told_problem(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "access.yml").write_text(ACCESS, encoding="utf-8")
    (folder / "workspace.yml").write_text(f"{HCP}{text}", encoding="utf-8", newline="")
    with contextlib.suppress(GatepassError):
        assert load_workspace_file(folder / "workspace.yml", {}).setup.hostname


def test_its_kind_is_told_by_how_it_begins(tmp_path: Path) -> None:
    for name, text in (("workspace.yml", SCALR), ("access.yml", ACCESS)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert is_workspace(tmp_path / "workspace.yml")
    assert not is_register(tmp_path / "workspace.yml")
    assert not any(is_workspace(tmp_path / name) for name in ("access.yml", "nothing.yml", "."))
