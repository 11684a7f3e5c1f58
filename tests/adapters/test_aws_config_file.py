"""The configuration file of AWS's tools is replaced whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gatepass.adapters.aws_config_file import AwsConfigFile
from gatepass.domain.errors import Conflict, GatepassError

OWN = b"[default]\nregion = eu-west-1\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(OWN)

    with pytest.raises(Conflict, match="meanwhile"):
        AwsConfigFile(path).replace(b"[old]\n", b"[new]\n")

    assert path.read_bytes() == OWN
    assert list(tmp_path.iterdir()) == [path]


def test_where_nothing_can_be_written_the_file_stays(tmp_path: Path) -> None:
    """A folder at the file's place stands for a disk that refuses."""
    path = tmp_path / "config"
    path.mkdir()

    with pytest.raises(GatepassError, match="cannot be"):
        AwsConfigFile(path).replace(b"", b"[new]\n")
    with pytest.raises(GatepassError, match="cannot be read"):
        AwsConfigFile(path).read()

    assert list(tmp_path.iterdir()) == [path]


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "config")

    with pytest.raises(GatepassError, match="cannot be"):
        AwsConfigFile(tmp_path / "config").replace(b"", b"[new]\n")


def test_a_link_is_kept_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    target, link = tmp_path / "dotfiles" / "aws", tmp_path / "config"
    target.write_bytes(OWN)
    link.symlink_to(target)

    AwsConfigFile(link).replace(OWN, b"[new]\n")

    assert link.is_symlink()
    assert target.read_bytes() == b"[new]\n"


@pytest.mark.parametrize("before", [0o600, 0o640])
def test_its_mode_is_kept(tmp_path: Path, before: int) -> None:
    path = tmp_path / "config"
    path.write_bytes(OWN)
    path.chmod(before)

    AwsConfigFile(path).replace(OWN, b"[new]\n")

    assert mode(path) == before


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AWS_CONFIG_FILE", raising=False)
    file = AwsConfigFile()
    assert file.read() == b""

    file.replace(b"", b"[new]\n")

    assert mode(tmp_path / ".aws" / "config") == 0o600
    assert mode(tmp_path / ".aws") == 0o700


def test_the_file_that_the_environment_names_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "elsewhere"))

    AwsConfigFile().replace(b"", b"[new]\n")

    assert (tmp_path / "elsewhere").read_bytes() == b"[new]\n"
