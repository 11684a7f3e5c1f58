"""Where a platform's token comes from, for which host, and that it shows itself to nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatepass.adapters.platform_tokens import PlatformToken, platform_token
from gatepass.adapters.remembered_workspaces import Remembered, RememberedWorkspaces
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.grant import Declaration
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.private_files import make_private_folder
from tests.people import CUSTOMER

SCALR, HCP = "example.scalr.io", "app.terraform.io"
TOKEN, OTHER = "aaaaaaaaaaaaaa.atlasv1.bbbbbbbbbbbb", "cccccccccccccc.atlasv1.dddddddddddd"


def no_keyring(_service: str, _user: str) -> str | None:
    return None


def file(path: Path, content: object, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    path.chmod(mode)


def found(platform: Platform, hostname: str, home: Path, **environment: str) -> str:
    return platform_token(platform, hostname, environment, home, no_keyring).reveal()


@pytest.mark.parametrize(
    "text", ["", "two words", "line\nend", "line\r\nX-Own: 1", "tökén", "tab\t", "\x00", "x" * 5000]
)
def test_a_token_that_could_be_more_than_a_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be used") as refused:
        PlatformToken(text, "SCALR_TOKEN")

    assert not text or text not in f"{refused.value} {refused.value.why} {refused.value.next_step}"


def test_a_token_shows_itself_to_nobody() -> None:
    token = PlatformToken(TOKEN, "the test")

    assert TOKEN not in f"{token!r} {token}"
    assert token.reveal() == TOKEN


@pytest.mark.parametrize(
    ("platform", "hostname", "environment"),
    [
        (Platform.SCALR, "scalr.example.com", {"SCALR_TOKEN": TOKEN}),
        (Platform.SCALR, "scalr.io.example.com", {"SCALR_TOKEN": TOKEN}),
        (Platform.SCALR, SCALR, {"SCALR_TOKEN": TOKEN, "SCALR_HOSTNAME": "other.scalr.io"}),
        (Platform.HCP, "tfe.example.com", {"TFE_TOKEN": TOKEN}),
        (Platform.HCP, HCP, {"TFE_TOKEN": TOKEN, "TFE_HOSTNAME": "tfe.example.com"}),
        (Platform.HCP, "app.terraform.io.example.com", {"TFE_TOKEN": TOKEN}),
        (Platform.HCP, HCP, {"TF_TOKEN_tfe_example_com": TOKEN}),
    ],
)
def test_a_token_is_not_given_to_a_host_that_it_is_not_for(
    platform: Platform, hostname: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """A file from elsewhere could name any host, and would be sent the token."""
    with pytest.raises(GatepassError, match=f"no token for .* at {hostname}") as refused:
        platform_token(platform, hostname, environment, tmp_path, no_keyring)

    assert TOKEN not in f"{refused.value} {refused.value.why} {refused.value.next_step}"
    assert "export" in refused.value.next_step


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660])
@pytest.mark.parametrize("name", [".scalr/scalr.conf", ".terraform.d/credentials.tfrc.json", ".terraformrc"])
def test_a_file_that_others_may_read_is_refused(name: str, mode: int, tmp_path: Path) -> None:
    content: dict[str, object] = {
        ".scalr/scalr.conf": {"hostname": SCALR, "token": TOKEN},
        ".terraform.d/credentials.tfrc.json": {"credentials": {SCALR: {"token": TOKEN}}},
        ".terraformrc": f'credentials "{SCALR}" {{\n  token = "{TOKEN}"\n}}\n',
    }
    file(tmp_path / name, content[name], mode)

    with pytest.raises(Conflict, match="is not used") as refused:
        found(Platform.SCALR, SCALR, tmp_path)

    assert "chmod 600" in refused.value.next_step


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00", '"text"'])
def test_a_file_that_is_none_is_told_without_its_content(content: str, tmp_path: Path) -> None:
    file(tmp_path / ".terraform.d" / "credentials.tfrc.json", content)

    with pytest.raises(GatepassError, match="cannot be read"):
        found(Platform.HCP, HCP, tmp_path)


@pytest.mark.parametrize(
    "content", [{}, {"credentials": []}, {"credentials": {HCP: "x"}}, {"credentials": {HCP: {"token": 5}}}]
)
def test_a_file_without_a_token_for_the_host_is_passed_over(content: object, tmp_path: Path) -> None:
    file(tmp_path / ".terraform.d" / "credentials.tfrc.json", content)

    with pytest.raises(GatepassError, match="no token for HCP Terraform"):
        found(Platform.HCP, HCP, tmp_path)


@pytest.mark.parametrize(
    ("platform", "hostname", "environment"),
    [
        (Platform.SCALR, SCALR, {"SCALR_TOKEN": TOKEN}),
        (Platform.SCALR, "scalr.example.com", {"SCALR_TOKEN": TOKEN, "SCALR_HOSTNAME": "scalr.example.com"}),
        (Platform.SCALR, "127.0.0.1:4711", {"SCALR_TOKEN": TOKEN}),
        (Platform.HCP, HCP, {"TFE_TOKEN": TOKEN}),
        (Platform.HCP, "app.eu.terraform.io", {"TFE_TOKEN": TOKEN}),
        (Platform.HCP, "tfe.example.com", {"TFE_TOKEN": TOKEN, "TFE_HOSTNAME": "tfe.example.com"}),
        (Platform.HCP, "tfe.my-example.com", {"TF_TOKEN_tfe_my__example_com": TOKEN, "TFE_TOKEN": OTHER}),
        (Platform.HCP, "tfe.my-example.com", {"TF_TOKEN_tfe_my-example_com": TOKEN}),
    ],
)
def test_the_environments_token_is_used_for_its_host(
    platform: Platform, hostname: str, environment: dict[str, str], tmp_path: Path
) -> None:
    assert found(platform, hostname, tmp_path, **environment) == TOKEN


def test_the_keyring_comes_after_the_environment_and_before_the_files(tmp_path: Path) -> None:
    file(tmp_path / ".scalr" / "scalr.conf", {"hostname": SCALR, "token": OTHER})
    asked: list[tuple[str, str]] = []

    def keyring(service: str, user: str) -> str | None:
        asked.append((service, user))
        return TOKEN

    token = platform_token(Platform.SCALR, SCALR, {}, tmp_path, keyring)

    assert (token.reveal(), token.origin, asked) == (TOKEN, "the keyring", [("gatepass", SCALR)])


@pytest.mark.parametrize(
    "content",
    [
        {"hostname": SCALR, "token": TOKEN, "account": "acc-1"},
        {"hostname": "other.scalr.io", "token": OTHER, "work": {"hostname": SCALR, "token": TOKEN}},
        {
            "profiles": {
                "home": {"hostname": "other.scalr.io", "token": OTHER},
                "work": {"hostname": SCALR, "token": TOKEN},
            }
        },
    ],
)
def test_the_file_of_scalrs_own_tool_is_read_for_its_host(content: object, tmp_path: Path) -> None:
    file(tmp_path / ".scalr" / "scalr.conf", content)

    assert found(Platform.SCALR, SCALR, tmp_path) == TOKEN


@pytest.mark.parametrize("platform", list(Platform))
def test_what_terraform_login_wrote_is_read_for_its_host(platform: Platform, tmp_path: Path) -> None:
    hostname = SCALR if platform is Platform.SCALR else HCP
    credentials = {"other.example.com": {"token": OTHER}, hostname: {"token": TOKEN}}
    file(tmp_path / ".terraform.d" / "credentials.tfrc.json", {"credentials": credentials})

    assert found(platform, hostname, tmp_path) == TOKEN


def test_terraforms_own_settings_are_read_where_they_are_plain(tmp_path: Path) -> None:
    text = f'plugin_cache_dir = "x"\n# credentials "{HCP}" {{ token = "{OTHER}" }}\ncredentials "{HCP}" {{\n  token = "{TOKEN}"\n}}\n'
    file(tmp_path / "own.tfrc", text)

    assert found(Platform.HCP, HCP, tmp_path, TF_CLI_CONFIG_FILE=str(tmp_path / "own.tfrc")) == TOKEN


def test_settings_without_a_token_may_be_read_by_everybody(tmp_path: Path) -> None:
    file(tmp_path / ".terraformrc", 'plugin_cache_dir = "x"\n', 0o644)

    assert found(Platform.HCP, HCP, tmp_path, TFE_TOKEN=TOKEN) == TOKEN
    with pytest.raises(GatepassError, match="no token"):
        found(Platform.HCP, HCP, tmp_path)


SETUP = WorkspaceSetup(Platform.SCALR, SCALR, "acc-1", "aws-access", "access", None, Declaration(CUSTOMER, ()))
IDS = Remembered("ws-1", "var-1", "tag-1")


def test_the_ids_of_a_workspace_are_remembered_until_they_are_forgotten(tmp_path: Path) -> None:
    kept = RememberedWorkspaces(tmp_path / "cache")
    assert kept.get(SETUP) is None

    kept.put(SETUP, IDS)
    assert RememberedWorkspaces(tmp_path / "cache").get(SETUP) == IDS
    (written,) = (tmp_path / "cache").iterdir()
    assert written.stat().st_mode & 0o077 == 0

    kept.forget(SETUP)
    kept.forget(SETUP)
    assert kept.get(SETUP) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"workspace": "ws-1"}', '{"workspace": "", "doors": ""}'])
def test_what_cannot_be_read_is_as_if_it_were_not_remembered(content: str, tmp_path: Path) -> None:
    kept = RememberedWorkspaces(tmp_path / "cache")
    kept.put(SETUP, IDS)
    (written,) = (tmp_path / "cache").iterdir()
    written.write_text(content, encoding="utf-8")

    assert kept.get(SETUP) is None
    kept.put(SETUP, IDS)
    assert kept.get(SETUP) == IDS


def test_where_nothing_can_be_written_nothing_is_remembered_and_nothing_fails(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "home")
    (tmp_path / "home" / "cache").write_text("a file", encoding="utf-8")
    kept = RememberedWorkspaces(tmp_path / "home" / "cache")

    kept.put(SETUP, IDS)
    kept.forget(SETUP)

    assert kept.get(SETUP) is None


def test_what_others_may_write_is_not_believed(tmp_path: Path) -> None:
    kept = RememberedWorkspaces(tmp_path / "cache")
    kept.put(SETUP, IDS)
    (written,) = (tmp_path / "cache").iterdir()
    written.chmod(0o666)

    assert kept.get(SETUP) is None
