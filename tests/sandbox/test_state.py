"""The state file: what is kept, and which file is never read."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.errors import Conflict
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.state import load_state, save_state
from gatepass.sandbox.memory.world import World
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    Keys,
    allow,
    client,
    document,
    enter,
    identity,
    role,
    root,
    user,
)


def world_of(aws: EmbeddedAws) -> World:
    return aws._world  # noqa: SLF001 - what is saved and loaded


class _Bomb:
    """Would run a command when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def others_may_read(path: Path) -> None:
    path.chmod(0o640)


def others_may_write(path: Path) -> None:
    path.chmod(0o622)


def is_a_link(path: Path) -> None:
    real = path.with_name("real")
    path.rename(real)
    path.symlink_to(real)


def is_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [others_may_read, others_may_write, is_a_link, is_a_folder])
def test_a_file_that_others_may_have_written_is_not_read(tmp_path: Path, spoil: Any) -> None:  # noqa: ANN401 - a table
    path, trace = tmp_path / "state", tmp_path / "trace"
    path.write_bytes(pickle.dumps(_Bomb(trace)))
    path.chmod(0o600)

    spoil(path)

    with pytest.raises(Conflict):
        load_state(World(), path)
    assert not trace.exists()


def test_somebody_elses_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, trace = tmp_path / "state", tmp_path / "trace"
    path.write_bytes(pickle.dumps(_Bomb(trace)))
    path.chmod(0o600)
    # Only root could give the file away; to be somebody else comes to the same.
    another = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: another)

    with pytest.raises(Conflict, match="not used"):
        load_state(World(), path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", pickle.dumps("other"), pickle.dumps(("other form", 1)), b"\x80\x04."]
)
def test_a_file_that_holds_no_state_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(Conflict) as caught:
        load_state(World(), path)
    assert str(path) in caught.value.next_step


def test_without_a_file_nothing_is_loaded(tmp_path: Path) -> None:
    assert not load_state(World(), tmp_path / "state")


def test_everything_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with EmbeddedAws() as aws:
        keys = root(aws, CUSTOMER)
        netops = user(aws, PROVIDER, "netops-1", allow("sts:AssumeRole"))
        arn = role(aws, "support", allow("s3:*"))
        client(aws, "iam", keys).attach_role_policy(
            RoleName="support", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit"
        )
        session = enter(aws, netops, arn)
        client(aws, "s3", keys).create_bucket(Bucket="kept")
        client(aws, "s3", keys).put_object(Bucket="kept", Key="k", Body=b"body")
        client(aws, "ssm", keys).put_parameter(Name="/gatepass/a", Value="v", Type="SecureString")
        client(aws, "secretsmanager", keys).create_secret(Name="s", SecretString="v")
        key = client(aws, "kms", keys).create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        client(aws, "sqs", keys).create_queue(QueueName="q")
        aws.advance(600)
        now = aws.now()

        lost = save_state(world_of(aws), path)

    assert lost == []
    assert path.stat().st_mode & 0o777 == 0o600
    with EmbeddedAws() as aws:
        assert load_state(world_of(aws), path)
        assert (aws.now() - now).total_seconds() < 30
        assert root(aws, CUSTOMER) == keys
        assert identity(aws, session).endswith("support/netops-1")
        assert client(aws, "s3", session).get_object(Bucket="kept", Key="k")["Body"].read() == b"body"
        assert enter(aws, netops, arn)
        assert (
            client(aws, "ssm", keys).get_parameter(Name="/gatepass/a", WithDecryption=True)["Parameter"]["Value"] == "v"
        )
        assert client(aws, "secretsmanager", keys).get_secret_value(SecretId="s")["SecretString"] == "v"
        assert client(aws, "kms", keys).get_public_key(KeyId=key)["PublicKey"]
        assert client(aws, "sqs", keys).list_queues()["QueueUrls"]
        attached = client(aws, "iam", keys).list_attached_role_policies(RoleName="support")["AttachedPolicies"]
        assert [each["PolicyName"] for each in attached] == ["SecurityAudit"]
        assert any(event["eventName"] == "AssumeRole" for event in aws.events())


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "state"
    target.write_text("precious")
    path.symlink_to(target)

    save_state(World(), path)

    assert target.read_text() == "precious"
    assert not path.is_symlink()


def test_a_policy_document_is_not_kept_twice(tmp_path: Path) -> None:
    """Documents of AWS's own policies come back from the shared copy."""
    path = tmp_path / "state"
    with EmbeddedAws() as aws:
        iam = client(aws, "iam", Keys(*aws.root_credentials(CUSTOMER)))
        iam.create_policy(PolicyName="own", PolicyDocument=document(allow("s3:*")))

        save_state(world_of(aws), path)

    assert path.stat().st_size < 100_000


def test_resources_are_put_back_as_they_were_and_nothing_else_is() -> None:
    with EmbeddedAws() as aws:
        keys = user(aws, CUSTOMER, "alice", allow("*"))
        before = aws.resources()
        iam = client(aws, "iam", keys)
        iam.create_user(UserName="bob")
        iam.delete_user_policy(UserName="alice", PolicyName="work")
        aws.advance(3600)
        now, events = aws.now(), len(aws.events())

        aws.put_back(before)

        assert {each["UserName"] for each in iam.list_users()["Users"]} == {"alice"}
        assert aws.now() >= now
        assert len(aws.events()) == events + 1
