"""What a request acts on, as IAM names it."""

from __future__ import annotations

from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.rights.access import Place
from gatepass.sandbox.rights.resources import accesses
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation, recognise
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Refusal
from gatepass.sandbox.wire.services import service_named
from tests.sandbox.setting import CUSTOMER, client, role, root

PLACE = Place("eu-west-1", CUSTOMER)
HERE = f"eu-west-1:{CUSTOMER}"


def needed(service: str, name: str, parameters: dict[str, Any]) -> list[str]:
    """Return what an operation needs, each as the action and the resource."""
    found = service_named(service)
    assert found is not None
    protocol = next(iter(found.protocols))
    operation = Operation(found, name, protocol, "/", Parameters(parameters))
    call = Call("POST", "/", "", (("Host", "127.0.0.1"),), b"")
    return [f"{each.action} {each.resource}" for each in accesses(call, operation, PLACE)]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("sqs", "SendMessage", {"QueueUrl": f"http://127.0.0.1/{CUSTOMER}/q"}, [f"sqs:SendMessage arn:aws:sqs:{HERE}:q"]),
        ("sqs", "SendMessageBatch", {"QueueUrl": f"http://x/{CUSTOMER}/q"}, [f"sqs:SendMessage arn:aws:sqs:{HERE}:q"]),
        ("sns", "Publish", {"TopicArn": f"arn:aws:sns:{HERE}:t"}, [f"sns:Publish arn:aws:sns:{HERE}:t"]),
        ("ssm", "GetParameter", {"Name": "/a/b"}, [f"ssm:GetParameter arn:aws:ssm:{HERE}:parameter/a/b"]),
        (
            "ssm",
            "GetParameters",
            {"Names": ["a", "/b"]},
            [f"ssm:GetParameters arn:aws:ssm:{HERE}:parameter/{name}" for name in ("a", "b")],
        ),
        ("ssm", "GetDocument", {"Name": "d"}, [f"ssm:GetDocument arn:aws:ssm:{HERE}:document/d"]),
        ("eks", "DescribeCluster", {"name": "c"}, [f"eks:DescribeCluster arn:aws:eks:{HERE}:cluster/c"]),
        ("eks", "ListClusters", {}, ["eks:ListClusters *"]),
        ("dynamodb", "GetItem", {"TableName": "t"}, [f"dynamodb:GetItem arn:aws:dynamodb:{HERE}:table/t"]),
        ("lambda", "Invoke", {"FunctionName": "f"}, [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:f"]),
        ("logs", "PutLogEvents", {"logGroupName": "g"}, [f"logs:PutLogEvents arn:aws:logs:{HERE}:log-group:g:*"]),
        ("kms", "Decrypt", {"KeyId": "1234"}, [f"kms:Decrypt arn:aws:kms:{HERE}:key/1234"]),
        ("kms", "Decrypt", {"KeyId": "alias/none"}, [f"kms:Decrypt arn:aws:kms:{HERE}:alias/none"]),
        ("route53", "GetHostedZone", {"Id": "/hostedzone/Z1"}, ["route53:GetHostedZone arn:aws:route53:::hostedzone/Z1"]),
        ("resourcegroupstaggingapi", "GetResources", {}, ["tag:GetResources *"]),
        ("sso-admin", "DescribePermissionSet", {"PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"},
         ["sso:DescribePermissionSet arn:aws:sso:::permissionSet/ssoins-1/ps-1"]),
        ("ec2", "DescribeInstances", {"InstanceId": ["i-1a"]}, ["ec2:DescribeInstances *"]),
        ("ec2", "StopInstances", {"InstanceId": ["i-1a"]}, [f"ec2:StopInstances arn:aws:ec2:{HERE}:instance/i-1a"]),
        (
            "ec2",
            "RunInstances",
            {"ImageId": "ami-1a", "SubnetId": "subnet-1a"},
            [
                f"ec2:RunInstances arn:aws:ec2:{HERE}:{each}"
                for each in ("instance/*", "network-interface/*", "volume/*")
            ]
            + ["ec2:RunInstances arn:aws:ec2:eu-west-1::image/ami-1a", f"ec2:RunInstances arn:aws:ec2:{HERE}:subnet/subnet-1a"],
        ),
        ("iam", "ListRoles", {}, ["iam:ListRoles *"]),
        ("iam", "CreateRole", {"RoleName": "r", "Path": "/p/"}, [f"iam:CreateRole arn:aws:iam::{CUSTOMER}:role/p/r"]),
        ("iam", "CreatePolicy", {"PolicyName": "p"}, [f"iam:CreatePolicy arn:aws:iam::{CUSTOMER}:policy/p"]),
        ("iam", "GetPolicy", {"PolicyArn": "arn:aws:iam::aws:policy/P"}, ["iam:GetPolicy arn:aws:iam::aws:policy/P"]),
    ],
)  # fmt: skip
def test_what_an_operation_acts_on(
    aws: EmbeddedAws, service: str, operation: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert aws
    assert needed(service, operation, parameters) == expected


def test_who_hands_a_role_to_a_service_needs_to_pass_it(aws: EmbeddedAws) -> None:
    assert aws
    arn = f"arn:aws:iam::{CUSTOMER}:role/runner"

    assert needed("lambda", "CreateFunction", {"FunctionName": "f", "Role": arn}) == [
        f"lambda:CreateFunction arn:aws:lambda:{HERE}:function:f",
        f"iam:PassRole {arn}",
    ]


def test_a_role_is_named_with_its_path(aws: EmbeddedAws) -> None:
    arn = role(aws, "deep", Path="/one/two/")

    # The place's own AWS has the role; the path is not in the request.
    with aws_entered(aws):
        assert needed("iam", "PutRolePolicy", {"RoleName": "deep"}) == [f"iam:PutRolePolicy {arn}"]


def aws_entered(aws: EmbeddedAws) -> Any:  # noqa: ANN401 - a context manager
    return aws._world.moto.entered()  # noqa: SLF001 - its state must be moto's


def s3(method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> list[str]:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    call = Call(method, path, query, (("Host", "127.0.0.1"), *pairs), body)
    return [f"{each.action} {each.resource}" for each in accesses(call, recognise(call, "s3"), PLACE)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (s3("GET", "/"), ["s3:ListAllMyBuckets *"]),
        (s3("GET", "/b"), ["s3:ListBucket arn:aws:s3:::b"]),
        (s3("HEAD", "/b"), ["s3:ListBucket arn:aws:s3:::b"]),
        (s3("GET", "/b", "versions"), ["s3:ListBucketVersions arn:aws:s3:::b"]),
        (s3("PUT", "/b", "encryption"), ["s3:PutEncryptionConfiguration arn:aws:s3:::b"]),
        (s3("DELETE", "/b", "lifecycle"), ["s3:PutLifecycleConfiguration arn:aws:s3:::b"]),
        (s3("DELETE", "/b", "policy"), ["s3:DeleteBucketPolicy arn:aws:s3:::b"]),
        (s3("GET", "/b", "inventory"), ["s3:GetInventoryConfiguration arn:aws:s3:::b"]),
        (s3("HEAD", "/b/k"), ["s3:GetObject arn:aws:s3:::b/k"]),
        (s3("GET", "/b/k", "versionId=1"), ["s3:GetObjectVersion arn:aws:s3:::b/k"]),
        (s3("DELETE", "/b/k", "versionId=1"), ["s3:DeleteObjectVersion arn:aws:s3:::b/k"]),
        (s3("PUT", "/b/k", x_amz_acl="private"), ["s3:PutObject arn:aws:s3:::b/k", "s3:PutObjectAcl arn:aws:s3:::b/k"]),
        (s3("PUT", "/b/k", x_amz_tagging="a=b"), ["s3:PutObject arn:aws:s3:::b/k", "s3:PutObjectTagging arn:aws:s3:::b/k"]),
        (s3("PUT", "/b/k", x_amz_copy_source="/c/j%20j"), ["s3:PutObject arn:aws:s3:::b/k", "s3:GetObject arn:aws:s3:::c/j j"]),
        (
            s3("PUT", "/b/k", x_amz_copy_source="c/j?versionId=3"),
            ["s3:PutObject arn:aws:s3:::b/k", "s3:GetObjectVersion arn:aws:s3:::c/j"],
        ),
        (
            s3("POST", "/b", "delete", b"<Delete><Object><Key>1</Key></Object><Object><Key>2</Key></Object></Delete>"),
            ["s3:DeleteObject arn:aws:s3:::b/1", "s3:DeleteObject arn:aws:s3:::b/2"],
        ),
        (
            s3("POST", "/b", "delete", b'<Delete xmlns="x"><Object><Key>1</Key><VersionId>v</VersionId></Object></Delete>'),
            ["s3:DeleteObjectVersion arn:aws:s3:::b/1"],
        ),
        (
            s3("DELETE", "/b/k", x_amz_bypass_governance_retention="true"),
            ["s3:DeleteObject arn:aws:s3:::b/k", "s3:BypassGovernanceRetention arn:aws:s3:::b/k"],
        ),
    ],
)  # fmt: skip
def test_s3_needs_what_its_documentation_says(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.mark.parametrize(
    "body", [b"", b"<Delete/>", b"<!DOCTYPE x><Delete><Object><Key>1</Key></Object></Delete>", b"<"]
)
def test_a_list_of_deletions_that_two_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        s3("POST", "/b", "delete", body)


@pytest.mark.parametrize("source", ["", "bucket", "/bucket", "arn:aws:s3:::b/k", "//host/b/k"])
def test_a_source_of_a_copy_that_names_no_object_is_refused(source: str) -> None:
    with pytest.raises(Refusal):
        s3("PUT", "/b/k", x_amz_copy_source=source)


def test_a_secret_is_named_by_its_whole_arn(aws: EmbeddedAws) -> None:
    secrets = client(aws, "secretsmanager", root(aws, CUSTOMER), "eu-west-1")
    arn = secrets.create_secret(Name="factor", SecretString="x")["ARN"]

    with aws_entered(aws):
        assert needed("secretsmanager", "GetSecretValue", {"SecretId": "factor"}) == [
            f"secretsmanager:GetSecretValue {arn}"
        ]
        assert needed("secretsmanager", "GetSecretValue", {"SecretId": arn}) == [f"secretsmanager:GetSecretValue {arn}"]


def test_a_key_is_named_behind_its_alias(aws: EmbeddedAws) -> None:
    kms = client(aws, "kms", root(aws, CUSTOMER), "eu-west-1")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/door", TargetKeyId=key["KeyId"])

    with aws_entered(aws):
        assert needed("kms", "Encrypt", {"KeyId": "alias/door"}) == [f"kms:Encrypt {key['Arn']}"]
