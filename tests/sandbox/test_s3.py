"""S3 through boto3 and the aws command: bodies, keys, and buckets of other accounts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import Letter
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    STRANGER,
    Keys,
    allow,
    aws_command,
    client,
    document,
    enter,
    refused,
    role,
    root,
    user,
)


@pytest.fixture(scope="module")
def keys(aws: EmbeddedAws) -> Keys:
    keys = root(aws, CUSTOMER)
    client(aws, "s3", keys).create_bucket(Bucket="papers")
    return keys


@pytest.fixture(scope="module")
def reader(aws: EmbeddedAws, keys: Keys) -> Keys:
    client(aws, "s3", keys).put_object(Bucket="papers", Key="report", Body=b"42")
    return user(aws, PROVIDER, "reader", allow("s3:*"))


class TestBucketPolicies:
    """Across accounts both the bucket and the caller's own account must allow."""

    def test_without_a_bucket_policy_another_account_stays_out(self, aws: EmbeddedAws, reader: Keys) -> None:
        code, message = refused(client(aws, "s3", reader).get_object, Bucket="papers", Key="report")

        assert (code, message) == ("AccessDenied", "Access Denied")

    def test_a_bucket_policy_lets_the_other_account_in_and_nobody_else(
        self, aws: EmbeddedAws, keys: Keys, reader: Keys
    ) -> None:
        statement = allow("s3:GetObject", resource="arn:aws:s3:::papers/*", Principal={"AWS": PROVIDER})
        client(aws, "s3", keys).put_bucket_policy(Bucket="papers", Policy=document(statement))
        stranger = user(aws, STRANGER, "reader", allow("s3:*"))
        mute = user(aws, PROVIDER, "mute")

        for other in (stranger, mute):
            assert refused(client(aws, "s3", other).get_object, Bucket="papers", Key="report")[0] == "AccessDenied"
        assert refused(client(aws, "s3", reader).put_object, Bucket="papers", Key="x", Body=b"")[0] == "AccessDenied"
        assert client(aws, "s3", reader).get_object(Bucket="papers", Key="report")["Body"].read() == b"42"

    def test_a_bucket_policys_deny_wins_over_the_owners_permissions(self, aws: EmbeddedAws, keys: Keys) -> None:
        s3 = client(aws, "s3", keys)
        s3.create_bucket(Bucket="locked")
        s3.put_object(Bucket="locked", Key="k", Body=b"")
        shut = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::locked/*"}
        s3.put_bucket_policy(Bucket="locked", Policy=document(shut))
        resident = user(aws, CUSTOMER, "resident", allow("s3:*"))

        code, message = refused(client(aws, "s3", resident).get_object, Bucket="locked", Key="k")

        assert code == "AccessDenied"
        assert message.endswith("with an explicit deny in a resource-based policy")

    def test_plain_http_counts_as_aws_own_tls(self, aws: EmbeddedAws, keys: Keys) -> None:
        """The usual Deny of unencrypted requests must not shut the sandbox."""
        s3 = client(aws, "s3", keys)
        s3.create_bucket(Bucket="tls-only")
        insecure = {"Bool": {"aws:SecureTransport": "false"}}
        s3.put_bucket_policy(
            Bucket="tls-only",
            Policy=document(
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": insecure}
            ),
        )

        assert s3.list_objects_v2(Bucket="tls-only")["KeyCount"] == 0

    @pytest.mark.parametrize(
        "policy",
        [
            "{}",
            "not json",
            document(allow("s3:*")),
            document(allow("s3:*", Principal={"AWS": f"arn:aws:iam::{STRANGER}:user/nobody-there"})),
        ],
    )
    def test_a_policy_that_s3_would_not_take_is_refused(self, aws: EmbeddedAws, keys: Keys, policy: str) -> None:
        assert (
            refused(client(aws, "s3", keys).put_bucket_policy, Bucket="papers", Policy=policy)[0] == "MalformedPolicy"
        )

    def test_a_copy_needs_the_source_as_well(self, aws: EmbeddedAws, keys: Keys) -> None:
        s3 = client(aws, "s3", keys)
        s3.create_bucket(Bucket="copies")
        s3.put_object(Bucket="papers", Key="secret", Body=b"s")
        writer = user(aws, CUSTOMER, "writer", allow("s3:PutObject", resource="arn:aws:s3:::copies/*"))
        source = {"Bucket": "papers", "Key": "secret"}

        code, message = refused(client(aws, "s3", writer).copy_object, Bucket="copies", Key="mine", CopySource=source)

        assert code == "AccessDenied"
        assert "s3:GetObject" in message
        s3.copy_object(Bucket="copies", Key="mine", CopySource=source)

    def test_deleting_many_needs_each(self, aws: EmbeddedAws, keys: Keys) -> None:
        s3 = client(aws, "s3", keys)
        for key in ("mine/1", "yours/1"):
            s3.put_object(Bucket="papers", Key=key, Body=b"")
        cleaner = client(
            aws, "s3", user(aws, CUSTOMER, "cleaner", allow("s3:DeleteObject", resource="arn:aws:s3:::papers/mine/*"))
        )

        both = {"Objects": [{"Key": "mine/1"}, {"Key": "yours/1"}]}
        assert refused(cleaner.delete_objects, Bucket="papers", Delete=both)[0] == "AccessDenied"
        assert cleaner.delete_objects(Bucket="papers", Delete={"Objects": [{"Key": "mine/1"}]})["Deleted"]
        assert s3.head_object(Bucket="papers", Key="yours/1")

    def test_a_prefix_condition_holds(self, aws: EmbeddedAws, keys: Keys) -> None:
        assert keys
        home = allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}})
        s3 = client(aws, "s3", user(aws, CUSTOMER, "homely", home))

        assert refused(s3.list_objects_v2, Bucket="papers")[0] == "AccessDenied"
        assert refused(s3.list_objects_v2, Bucket="papers", Prefix="home/other/")[0] == "AccessDenied"
        assert s3.list_objects_v2(Bucket="papers", Prefix="home/homely/")["KeyCount"] == 0


@pytest.mark.parametrize(
    "key",
    ["plain", "a b", "a+b", "ü/ñ", "a%2Fb", "a//b", "/lead", "trail/", "..", "a/../b", "q?x=1&y", "#", "~_.-!*'()"],
)
def test_every_key_goes_in_and_comes_out(aws: EmbeddedAws, keys: Keys, key: str) -> None:
    s3 = client(aws, "s3", keys)

    s3.put_object(Bucket="papers", Key=key, Body=key.encode())

    assert s3.get_object(Bucket="papers", Key=key)["Body"].read() == key.encode()
    assert key in {each["Key"] for each in s3.list_objects_v2(Bucket="papers")["Contents"]}
    s3.delete_object(Bucket="papers", Key=key)


@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_bodies_of_every_size_and_kind(aws: EmbeddedAws, keys: Keys, size: int) -> None:
    s3 = client(aws, "s3", keys)
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]

    s3.put_object(Bucket="papers", Key="body", Body=content)
    assert s3.get_object(Bucket="papers", Key="body")["Body"].read() == content
    s3.put_object(Bucket="papers", Key="stream", Body=io.BytesIO(content), ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket="papers", Key="stream")["Body"].read() == content


def test_metadata_keeps_its_names(aws: EmbeddedAws, keys: Keys) -> None:
    s3 = client(aws, "s3", keys)

    s3.put_object(Bucket="papers", Key="meta", Body=b"", Metadata={"with_underscore": "1"}, ContentType="text/x")

    found = s3.head_object(Bucket="papers", Key="meta")
    assert found["Metadata"] == {"with_underscore": "1"}
    assert found["ContentType"] == "text/x"


def test_many_parts_make_one_object(aws: EmbeddedAws, keys: Keys, tmp_path: Path) -> None:
    """Through the aws command, which splits what is larger than 8 MB."""
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(b"0123456789abcdef" * 600_000)

    up = aws_command(aws, keys, "s3", "cp", str(source), "s3://papers/large", "--only-show-errors")
    down = aws_command(aws, keys, "s3", "cp", "s3://papers/large", str(back), "--only-show-errors")

    assert (up.returncode, up.stderr) == (0, "")
    assert (down.returncode, down.stderr) == (0, "")
    assert back.read_bytes() == source.read_bytes()
    assert "-2" in client(aws, "s3", keys).head_object(Bucket="papers", Key="large")["ETag"]


def test_a_body_that_looks_like_a_form_sets_no_parameters(aws: EmbeddedAws, keys: Keys) -> None:
    """For moto a form's fields are parameters: this object would become an access control list."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert Letter(aws, "PUT", "/papers/form", form, b"acl=x").signed(keys, "s3").send().status == 200

    assert client(aws, "s3", keys).get_object(Bucket="papers", Key="form")["Body"].read() == b"acl=x"


def test_the_bucket_may_stand_in_the_hosts_name(aws: EmbeddedAws, keys: Keys) -> None:
    port = aws.endpoint.rpartition(":")[2]
    client(aws, "s3", keys).put_object(Bucket="papers", Key="latest/meta-data/x", Body=b"plain")

    reply = Letter(aws, "GET", "/latest/meta-data/x", {"Host": f"papers.localhost:{port}"}).signed(keys, "s3").send()
    other = Letter(aws, "GET", "/latest/meta-data/x", {"Host": f"other.localhost:{port}"}).signed(keys, "s3").send()

    assert (reply.status, reply.body) == (200, b"plain")
    assert (other.status, other.code) == (404, "NoSuchBucket")


def test_a_role_of_the_customer_reaches_only_what_it_may(aws: EmbeddedAws, keys: Keys) -> None:
    assert keys
    netops = user(aws, PROVIDER, "netops-1", allow("sts:AssumeRole"))
    only_papers = allow("s3:*", resource=["arn:aws:s3:::papers", "arn:aws:s3:::papers/*"])
    s3 = client(aws, "s3", enter(aws, netops, role(aws, "clerk", only_papers)))

    assert refused(s3.list_buckets)[0] == "AccessDenied"
    assert refused(s3.create_bucket, Bucket="other")[0] == "AccessDenied"
    assert s3.list_objects_v2(Bucket="papers")["KeyCount"] >= 0


def test_a_bucket_belongs_to_whoever_made_it(aws: EmbeddedAws, keys: Keys) -> None:
    assert keys
    provider = client(aws, "s3", root(aws, PROVIDER))

    assert refused(provider.create_bucket, Bucket="papers")[0] in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou")
    assert "papers" not in {bucket["Name"] for bucket in provider.list_buckets()["Buckets"]}
