"""Which keys the short way takes, and where it leaves the way to boto3."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from gatepass.adapters.base_credentials import Base
from gatepass.adapters.static_profile import own_keys, reaches_aws_plainly
from gatepass.domain.session import Credentials

KEYS = "aws_access_key_id = AKIAPLAIN\naws_secret_access_key=sec/ret+=\n"
NONE = Base("the AWS configuration", "default", None)
LEFT = {
    "a role": "[profile p]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n",
    "Identity Center": "[profile p]\nsso_session = x\nregion = eu-west-1\n",
    "a process": "[profile p]\ncredential_process = x\n",
    "an endpoint": "[profile p]\nendpoint_url = http://x\n",
    "keys in the config too": "[profile p]\n" + KEYS,
    "services": "[profile p]\nservices = x\n[services x]\n",
    "nested lines": "[profile p]\ns3 =\n  max_queue_size = 2\n",
    "twice": "[profile p]\nregion = a\n[profile p]\nregion = b\n",
    "quotes": '[profile "p"]\nregion = a\n',
    "a remark": "[profile p]\nregion = a # here\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "AWS_DEFAULT_PROFILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "p")
    (tmp_path / "credentials").write_text(f"# mine\n[default]\n{KEYS}x=y\n[p]\n{KEYS}aws_session_token = TOKEN\n")
    return tmp_path


@pytest.mark.parametrize("config", LEFT.values(), ids=LEFT)
def test_whatever_has_to_be_fetched_or_leads_elsewhere_is_left_to_boto3(files: Path, config: str) -> None:
    (files / "config").write_text(config)

    assert own_keys(NONE) is None


@pytest.mark.parametrize(
    "name",
    ["HTTPS_PROXY", "https_proxy", "AWS_USE_FIPS_ENDPOINT", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
)
def test_settings_that_only_boto3_follows_are_left_to_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")

    assert own_keys(NONE) is None


def test_what_is_not_there_or_half_there_is_left_to_boto3(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (files / "credentials").write_text("[p]\naws_access_key_id = AKIA\n")
    assert own_keys(NONE) is None
    (files / "credentials").unlink()
    assert own_keys(NONE) is None
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert own_keys(NONE) is None


def test_plain_keys_are_those_that_boto3_finds(files: Path) -> None:
    (files / "config").write_text("[default]\nregion = eu-west-9\n[profile p]\nregion = eu-west-1\noutput = json\n")
    found, boto = own_keys(NONE), boto3.Session()
    known = boto.get_credentials()

    assert found is not None
    assert (found.credentials.access_key_id, found.credentials.secret_access_key) == (
        known.access_key,
        known.secret_key,
    )
    assert found.credentials.session_token == known.token == "TOKEN"
    assert found.region == boto.region_name == "eu-west-1"


def test_keys_of_the_environment_or_loaded_go_first_and_take_the_profiles_region(files: Path) -> None:
    (files / "config").write_text("[profile p]\nregion = eu-west-1\n")
    loaded = Credentials("AKIALOADED", "secret")

    found = own_keys(Base("creds load", "AKIALOADED", loaded))

    assert found is not None
    assert (found.credentials, found.region) == (loaded, "eu-west-1")


def test_a_way_to_aws_that_only_boto3_knows_is_seen_for_the_profile_in_question(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the keys come from is another question: boto3 finds them, and the short way signs with them."""
    (files / "config").write_text(
        "[default]\nsso_session = corp\n[profile ours]\nregion = eu-west-1\n[profile far]\nuse_fips_endpoint = true\n",
        encoding="utf-8",
    )
    assert not reaches_aws_plainly("far")
    assert reaches_aws_plainly("ours")
    assert reaches_aws_plainly(None)
    assert reaches_aws_plainly("of-credentials-only")

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert not reaches_aws_plainly("ours")
