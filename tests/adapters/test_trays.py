"""What every place promises in which the two sides leave files for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import click
import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.trays import BucketTray, FolderTray, SecretTray
from gatepass.cli.fleet_rotation_kinds import admit_order, rotate_order
from gatepass.domain.errors import AccessRefused, GatepassError, InvalidInput, NotThere
from gatepass.domain.signed_file import LARGEST_FILE
from gatepass.ports.trays import Tray
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.wiring.fleet_rotation import tray as tray_of
from tests.people import PROVIDER

PASS, RECEIPT = "444455556666-support.pass.json", "444455556666-support.receipt.json"


@pytest.fixture(scope="module")
def session() -> Iterator[boto3.Session]:
    with EmbeddedAws() as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
        found = boto3.Session(*aws.root_credentials(str(PROVIDER)), region_name="us-east-1")
        found.client("s3").create_bucket(Bucket="handover")
        yield found


@pytest.fixture(params=["folder", "bucket", "secrets"])
def tray(request: pytest.FixtureRequest, tmp_path: Path) -> Tray:
    kinds: dict[str, Callable[[], Tray]] = {
        "folder": lambda: FolderTray(tmp_path),
        "bucket": lambda: BucketTray(request.getfixturevalue("session"), "handover", f"/{tmp_path.name}/"),
        "secrets": lambda: SecretTray(MemorySecrets(secrets={"elsewhere/one": "1"}), "handover"),
    }
    return kinds[request.param]()


def test_an_empty_place_has_no_names_and_no_texts(tray: Tray) -> None:
    assert list(tray.names()) == []
    assert tray.get(PASS) is None


def test_what_was_put_comes_back_whole_and_in_order(tray: Tray) -> None:
    for text in ("first", "{\n  é\n}\n"):
        tray.put(RECEIPT, "receipt")
        tray.put(PASS, text)

        assert list(tray.names()) == [PASS, RECEIPT]
        assert tray.get(PASS) == text


def test_a_name_that_leads_elsewhere_is_refused(tray: Tray, tmp_path: Path) -> None:
    for name in ("../outside", "a/b", "..", ""):
        with pytest.raises(InvalidInput):
            tray.put(name, "text")
        with pytest.raises(InvalidInput):
            tray.get(name)
    assert not (tmp_path.parent / "outside").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = FolderTray(tmp_path / "nowhere")
    with pytest.raises(NotThere):
        nowhere.names()
    with pytest.raises(NotThere):
        nowhere.put(PASS, "text")


def test_what_is_no_file_of_ours_is_refused(session: boto3.Session, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (LARGEST_FILE + 1))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    bucket = BucketTray(session, "handover", "")
    for name in ("large", "binary"):
        session.client("s3").put_object(Bucket="handover", Key=name, Body=(tmp_path / name).read_bytes())
        for place in (FolderTray(tmp_path), bucket):
            with pytest.raises(InvalidInput):
                place.get(name)


def test_a_bucket_that_is_somebody_elses_is_a_failure_in_our_words(session: boto3.Session) -> None:
    with pytest.raises((AccessRefused, GatepassError)) as refusal:
        BucketTray(session, "nobody-has-this-one", "").names()
    assert "s3:ListBucket" in refusal.value.what


def test_a_place_is_told_by_its_form(tmp_path: Path) -> None:
    assert isinstance(tray_of(str(tmp_path)), FolderTray)
    assert isinstance(tray_of("file:handover"), SecretTray)
    for wrong in ("s3://", "ssm:", "ssm:UPPER"):
        with pytest.raises(InvalidInput):
            tray_of(wrong)


def test_a_run_is_told_only_what_can_be_kept(tmp_path: Path) -> None:
    provider = {"register": tmp_path, "verify_as": "v", "stranger": None, "store": "ssm", "keys_store": "file"}
    order = admit_order(place="ssm:handover", receipts=str(tmp_path), **provider)  # type: ignore[arg-type]
    assert (order["passes"], order["receipts"]) == ("ssm:handover", str(tmp_path))
    with pytest.raises(click.UsageError):
        admit_order(place=str(tmp_path / "nowhere"), receipts=None, **provider)  # type: ignore[arg-type]

    def rotation(**given: object) -> dict[str, str]:
        usual = {
            "files": tmp_path, "via_role": None, "via_profile": None, "passes": "s3://b/p", "receipts": None,
            "overlap": timedelta(days=7), "patience": timedelta(), "customer_store": "file", "provider_profile": None,
        }  # fmt: skip
        return rotate_order(**{**usual, **provider, **given})  # type: ignore[arg-type]

    assert rotation()["receipts"] == "s3://b/p"
    with pytest.raises(click.UsageError):
        rotation(overlap=timedelta(minutes=1))
    with pytest.raises(click.UsageError):
        rotation(via_role="A", via_profile="B")
