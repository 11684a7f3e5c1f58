"""How each service says no, as boto3 and the aws command see it."""

from __future__ import annotations

import json

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.wire.refusals import Fault, Protocol, Refusal, error_code, refusal_answer, service_error
from tests.sandbox.raw_http import Letter
from tests.sandbox.setting import CUSTOMER, Keys, allow, aws_command, client, deny, refused, root, user

ALICE = f"arn:aws:iam::{CUSTOMER}:user/alice"


@pytest.fixture(scope="module")
def alice(aws: EmbeddedAws) -> Keys:
    return user(aws, CUSTOMER, "alice", allow("s3:GetObject"), deny("ec2:DescribeVpcs", "eks:DescribeCluster"))


@pytest.mark.parametrize(
    ("service", "called", "said"),
    [
        ("iam", ("list_users", {}), ("AccessDenied", "iam:ListUsers on resource: *")),
        (
            "ssm",
            ("get_parameter", {"Name": "/a"}),
            ("AccessDeniedException", f"ssm:GetParameter on resource: arn:aws:ssm:us-east-1:{CUSTOMER}:parameter/a"),
        ),
        ("kms", ("list_keys", {}), ("AccessDeniedException", "kms:ListKeys on resource: *")),
        (
            "organizations",
            ("describe_organization", {}),
            ("AccessDeniedException", "organizations:DescribeOrganization"),
        ),
        ("secretsmanager", ("list_secrets", {}), ("AccessDeniedException", "secretsmanager:ListSecrets")),
        ("dynamodb", ("list_tables", {}), ("AccessDeniedException", "dynamodb:ListTables")),
        ("eks", ("list_clusters", {}), ("AccessDeniedException", "eks:ListClusters on resource: *")),
        ("lambda", ("list_functions", {}), ("AccessDeniedException", "lambda:ListFunctions on resource: *")),
        ("ec2", ("describe_instances", {}), ("UnauthorizedOperation", "ec2:DescribeInstances")),
        (
            "s3",
            ("list_objects_v2", {"Bucket": "somebucket"}),
            ("AccessDenied", 's3:ListBucket on resource: "arn:aws:s3:::somebucket"'),
        ),
        ("route53", ("list_hosted_zones", {}), ("AccessDenied", "route53:ListHostedZones")),
        ("cloudwatch", ("list_metrics", {}), ("AccessDeniedException", "cloudwatch:ListMetrics")),
        ("sns", ("list_topics", {}), ("AccessDenied", "sns:ListTopics")),
    ],
)
def test_a_missing_permission(
    aws: EmbeddedAws, alice: Keys, service: str, called: tuple[str, dict[str, str]], said: tuple[str, str]
) -> None:
    code, words = said
    operation, parameters = called
    found, message = refused(getattr(client(aws, service, alice), operation), **parameters)

    assert found == code
    assert f"User: {ALICE} is not authorized to perform: {words}" in message
    action = words.split(" ", maxsplit=1)[0]
    assert message.endswith(f" because no identity-based policy allows the {action} action")


def test_an_explicit_deny(aws: EmbeddedAws, alice: Keys) -> None:
    for call, parameters in (
        (client(aws, "ec2", alice).describe_vpcs, {}),
        (client(aws, "eks", alice).describe_cluster, {"name": "c"}),
    ):
        _, message = refused(call, **parameters)
        assert message.endswith(" with an explicit deny in an identity-based policy")


def test_a_refused_head_has_no_body(aws: EmbeddedAws, alice: Keys) -> None:
    code, message = refused(client(aws, "s3", alice).head_bucket, Bucket="somebucket")

    assert (code, message) == ("403", "Forbidden")


def test_the_aws_command_says_the_same(aws: EmbeddedAws, alice: Keys) -> None:
    finished = aws_command(aws, alice, "eks", "list-clusters")

    assert finished.returncode != 0
    assert "An error occurred (AccessDeniedException) when calling the ListClusters operation" in finished.stderr
    assert f"User: {ALICE} is not authorized to perform: eks:ListClusters" in finished.stderr


def test_an_unknown_operation_of_a_known_service(aws: EmbeddedAws) -> None:
    letter = Letter(aws, "POST", "/", {"X-Amz-Target": "AmazonSSM.DoMagic"}, b"{}")

    assert letter.signed(root(aws, CUSTOMER), "ssm").send().code == "UnknownOperationException"


def test_what_moto_cannot_do_is_said_and_not_tried_again(aws: EmbeddedAws) -> None:
    keys = root(aws, CUSTOMER)

    code, message = refused(
        client(aws, "iam", keys).simulate_custom_policy, PolicyInputList=["{}"], ActionNames=["s3:GetObject"]
    )
    assert code == "NotImplemented"
    assert "moto" in message
    assert refused(client(aws, "healthlake", keys).list_fhir_datastores)[0] == "NotImplemented"


def test_a_service_that_does_not_exist(aws: EmbeddedAws) -> None:
    assert Letter(aws, "GET", "/").signed(root(aws, CUSTOMER), "nonsense").send().status in (400, 405)


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("fault", Fault)
def test_every_fault_can_be_said_in_every_protocol(protocol: Protocol, fault: Fault) -> None:
    answer = refusal_answer(Refusal(fault, 'words with <angles> & "quotes"'), protocol)

    assert answer.status >= 400
    code = error_code(Refusal(fault), protocol)
    assert code in answer.body.decode()
    if protocol in (Protocol.JSON, Protocol.REST_JSON):
        assert json.loads(answer.body)["message"] == 'words with <angles> & "quotes"'
    else:
        assert b"<angles>" not in answer.body


def test_a_services_own_code_goes_through() -> None:
    answer = refusal_answer(service_error("LimitExceeded", "Cannot exceed quota", 409), Protocol.QUERY)

    assert answer.status == 409
    assert b"<Code>LimitExceeded</Code>" in answer.body


def test_credentials_and_secrets_stay_out_of_every_repr(aws: EmbeddedAws) -> None:
    key = aws.root_credentials(CUSTOMER)

    shown = repr(aws) + repr(aws._world.roots.of_account(CUSTOMER))  # noqa: SLF001 - all that holds a secret

    assert key[1] not in shown
    assert aws.admin_token not in shown
