"""Which operation a request asks for: every operation of many services, as botocore sends it."""

from __future__ import annotations

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.rights.access import Place
from gatepass.sandbox.rights.resources import accesses
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import likely_protocol, recognise
from gatepass.sandbox.wire.refusals import Protocol, Refusal
from gatepass.sandbox.wire.services import service_named, services_of
from tests.sandbox.sample_calls import sample_call, session

SERVICES = [
    "apigateway",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "dynamodbstreams",
    "ec2",
    "ecr",
    "eks",
    "elb",
    "elbv2",
    "iam",
    "identitystore",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "rds",
    "route53",
    "s3",
    "s3control",
    "secretsmanager",
    "sesv2",
    "sns",
    "sqs",
    "ssm",
    "sso-admin",
    "sts",
]
# Old names of operations that travel like their new ones, and mean the same to IAM.
SAME_ON_THE_WIRE = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
    "ListDirectoryBuckets": "ListBuckets",
}


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_recognised_and_needs_something(service: str, aws: EmbeddedAws) -> None:
    assert aws
    model = session().get_service_model(service)
    place = Place("us-east-1", "444455556666")

    for name in model.operation_names:
        call = sample_call(service, model.operation_model(name))
        if service == "s3" and name == "DeleteObjects":
            call = call.with_body(b"<Delete><Object><Key>k</Key></Object></Delete>")
        if name in ("CopyObject", "UploadPartCopy", "WriteGetObjectResponse"):
            continue

        operation = recognise(call, model.signing_name)

        assert (operation.service.name, operation.name) == (service, SAME_ON_THE_WIRE.get(name, name))
        needed = accesses(call, operation, place)
        assert needed
        assert all(each.action.count(":") == 1 and each.resource for each in needed)


def call(method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Call:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Call(method, path, query, (("Host", "127.0.0.1:1"), *pairs), body)


def form(body: str) -> Call:
    return call("POST", "/", body=body.encode(), content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("signed_for", "refused"),
    [
        ("nowhere", call("POST", "/")),
        ("../sts", call("POST", "/")),
        ("sts", call("GET", "/")),
        ("sts", call("GET", "/", "Action=NoSuchOperation")),
        ("sts", call("GET", "/", "Action=GetCallerIdentity&Version=2000-01-01")),
        ("sts", call("GET", "/elsewhere", "Action=GetCallerIdentity")),
        ("sts", call("POST", "/", body=b"Action=GetCallerIdentity")),
        ("iam", call("POST", "/", x_amz_target="AmazonSSM.GetParameter")),
        ("ssm", call("POST", "/", x_amz_target="AmazonSSM.NoSuchOperation")),
        ("ssm", call("POST", "/", x_amz_target="AmazonSSM2.GetParameter")),
        ("ssm", call("POST", "/elsewhere", x_amz_target="AmazonSSM.GetParameter")),
        ("ssm", call("POST", "/", body=b"[]", x_amz_target="AmazonSSM.GetParameter")),
        ("ssm", call("POST", "/", body=b"{", x_amz_target="AmazonSSM.GetParameter")),
        ("ssm", call("POST", "/", "Action=GetParameter", x_amz_target="AmazonSSM.DescribeParameters")),
        ("eks", call("GET", "/clusters", "Action=DeleteCluster")),
        ("eks", call("GET", "/clusters", action="DeleteCluster")),
        ("eks", call("GET", "/clusters/a/../b")),
        ("eks", call("GET", "//clusters")),
        ("eks", call("PATCH", "/clusters")),
        ("eks", call("POST", "/clusters", body=b"name=x")),
        ("eks", call("DELETE", "/clusters/allowed", "name=victim")),
        ("eks", call("POST", "/clusters/allowed/node-groups", body=b'{"name": "victim"}')),
        ("eks", call("GET", "/clusters", "roleArn=x")),
        ("eks", call("GET", "/clusters/a%2Fnode-groups")),
        ("eks", call("GET", "/clusters/a%2F..%2Fb")),
        ("iam", form("Action=TagRole&RoleName=r&Tags.member.2.Key=a")),
        ("iam", form("Action=TagRole&RoleName=r&Tags.member.01.Key=a")),
        ("iam", form("Action=TagRole&RoleName=r&Tags.member.1.Key=a&Tags.1.Key=b")),
        ("iam", form("Action=TagRole&RoleName=r&RoleName.member=s")),
        ("s3", call("GET", "/bucket", "acl&policy")),
        ("s3", call("GET", "/bucket", "acl&list-type=2")),
        ("s3", call("GET", "/bucket/key", "acl&tagging")),
        ("s3", call("PUT", "/bucket/key", "uploadId=1")),
        ("s3", call("GET", "/bucket", "prefix=a&prefix=b")),
        ("s3", call("POST", "/bucket")),
        ("s3", call("POST", "/bucket/key")),
        ("s3", call("PATCH", "/bucket/key")),
    ],
)
def test_what_is_no_operation_or_more_than_one_is_refused(signed_for: str, refused: Call) -> None:
    with pytest.raises(Refusal):
        recognise(refused, signed_for)


@pytest.mark.parametrize(
    ("method", "path", "query", "name", "named"),
    [
        ("GET", "/", "", "ListBuckets", (None, None)),
        ("GET", "/b", "", "ListObjects", ("b", None)),
        ("GET", "/b/", "list-type=2", "ListObjectsV2", ("b", None)),
        ("HEAD", "/b", "", "HeadBucket", ("b", None)),
        ("GET", "/b/k", "", "GetObject", ("b", "k")),
        ("GET", "/b/k/", "", "GetObject", ("b", "k/")),
        ("GET", "/b//k", "", "GetObject", ("b", "/k")),
        ("GET", "/b/..%2Fother/k", "", "GetObject", ("b", "../other/k")),
        ("GET", "/b/a%20b%2Bc+d", "", "GetObject", ("b", "a b+c+d")),
        ("PUT", "/b/k", "partNumber=1&uploadId=2", "UploadPart", ("b", "k")),
        ("DELETE", "/b/k", "uploadId=2", "AbortMultipartUpload", ("b", "k")),
        ("GET", "/b/k", "uploadId=2", "ListParts", ("b", "k")),
        ("GET", "/v20180820x/k", "", "GetObject", ("v20180820x", "k")),
    ],
)
def test_buckets_and_keys(method: str, path: str, query: str, name: str, named: tuple[str | None, str | None]) -> None:
    operation = recognise(call(method, path, query), "s3")

    assert operation.name == name
    assert (operation.parameters.text("Bucket"), operation.parameters.text("Key")) == named


def test_the_bucket_may_stand_in_the_hosts_name() -> None:
    virtual = Call("GET", "/key", "", (("Host", "my.bucket.localhost:4566"),), b"")

    operation = recognise(virtual, "s3")

    assert (operation.parameters.text("Bucket"), operation.parameters.text("Key")) == ("my.bucket", "key")
    assert operation.path == "/my.bucket/key"


def test_a_bucket_cannot_pass_for_s3_control() -> None:
    """By this path moto tells S3 Control from S3."""
    operation = recognise(call("GET", "/v20180820/accesspoint", x_amz_account_id="1"), "s3")

    assert operation.service.name == "s3control"


def test_parameters_of_every_protocol() -> None:
    odd = recognise(form("Action=TagRole&RoleName.member=r&Tags.1.Key=a"), "iam")
    query = recognise(
        call("POST", "/", body=b"Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.2.Key=b&Tags.member.2.Value=2"
                               b"&Tags.member.1.Key=a&Tags.member.1.Value=1", content_type="application/x-www-form-urlencoded"),
        "iam",
    )  # fmt: skip
    ec2 = recognise(call("GET", "/", "Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1&VpcId.2=vpc-2"), "ec2")
    json_one = recognise(
        call("POST", "/", body=b'{"Names": ["a"], "WithDecryption": true}', x_amz_target="AmazonSSM.GetParameters"),
        "ssm",
    )
    rest = recognise(call("DELETE", "/tags/arn%3Aaws%3Aeks", "tagKeys=a&tagKeys=b"), "eks")

    assert query.parameters.tags() == {"a": "1", "b": "2"}
    # moto reads neither, so nothing may be decided on them.
    assert (odd.parameters.text("RoleName"), odd.parameters.tags()) == (None, {})
    assert ec2.parameters.texts("VpcId") == ("vpc-1", "vpc-2")
    assert (json_one.parameters.texts("Names"), json_one.parameters.flag("WithDecryption")) == (("a",), True)
    assert (rest.parameters.text("resourceArn"), rest.parameters.texts("tagKeys")) == ("arn:aws:eks", ("a", "b"))


@pytest.mark.parametrize(
    ("refused", "signed_for", "protocol"),
    [
        (call("GET", "/bucket"), "s3", Protocol.REST_XML),
        (call("GET", "/bucket"), "", Protocol.REST_XML),
        (call("GET", "/clusters"), "eks", Protocol.REST_JSON),
        (call("POST", "/", x_amz_target="X.Y"), "", Protocol.JSON),
        (call("GET", "/", "Action=X"), "", Protocol.QUERY),
        (call("GET", "/", "Action=X"), "ec2", Protocol.EC2),
        (call("GET", "/", "Action=X"), "sts", Protocol.QUERY),
    ],
)
def test_a_refusal_speaks_the_callers_protocol_even_before_the_operation_is_known(
    refused: Call, signed_for: str, protocol: Protocol
) -> None:
    assert likely_protocol(refused, signed_for) is protocol


def test_there_is_no_service_outside_botocores_models() -> None:
    assert service_named("../../etc") is None
    assert services_of("no-such-service") == ()
