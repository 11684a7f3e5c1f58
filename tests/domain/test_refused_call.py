"""What AWS and its tools say of a refused call is read as it stands in public examples."""

from __future__ import annotations

import json

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.refused_call import Ended, Layer, RefusedCall, parse_decoded, refused_calls, statement_text

ALICE = "arn:aws:sts::444455556666:assumed-role/ServiceProvider-111122223333-support/alice"
MATEO = "arn:aws:iam::123456789012:user/mateojackson"
ENCODED = "4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcdefghijklmn-abcdefghijklmn-abcdefghijklmn"
SCP = "arn:aws:organizations::777788889999:policy/o-exampleorg/service_control_policy/p-example123"

# The first six follow https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
CASES = {
    "no identity policy allows it": (
        f"User: {MATEO} is not authorized to perform: codecommit:ListRepositories because no identity-based policy allows the codecommit:ListRepositories action",
        RefusedCall(MATEO, "codecommit:ListRepositories", "", Layer.IDENTITY),
    ),
    "a service control policy denies it": (
        f"User: {MATEO} is not authorized to perform: codecommit:ListRepositories with an explicit deny in a service control policy",
        RefusedCall(MATEO, "codecommit:ListRepositories", "", Layer.SERVICE_CONTROL, is_denied=True),
    ),
    "a boundary lacks it": (
        f"User: {MATEO} is not authorized to perform: codecommit:ListRepositories because no permissions boundary allows the codecommit:ListRepositories action",
        RefusedCall(MATEO, "codecommit:ListRepositories", "", Layer.BOUNDARY),
    ),
    "a session policy lacks it": (
        f"User: {ALICE} is not authorized to perform: codecommit:ListRepositories because no session policy allows the codecommit:ListRepositories action",
        RefusedCall(ALICE, "codecommit:ListRepositories", "", Layer.SESSION),
    ),
    "a resource policy denies it": (
        f"User: {ALICE} is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:* with an explicit deny in a resource-based policy",
        RefusedCall(
            ALICE,
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:*",
            Layer.RESOURCE,
            is_denied=True,
        ),
    ),
    "a trust policy lacks it": (
        f"User: {MATEO} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/HelpDesk because no role trust policy allows the sts:AssumeRole action",
        RefusedCall(MATEO, "sts:AssumeRole", "arn:aws:iam::123456789012:role/HelpDesk", Layer.TRUST),
    ),
    "the AWS CLI lists a bucket": (
        f'\nAn error occurred (AccessDenied) when calling the ListObjectsV2 operation: User: {ALICE} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::acme-invoices" because no identity-based policy allows the s3:ListBucket action\n',
        RefusedCall(ALICE, "s3:ListBucket", "arn:aws:s3:::acme-invoices", Layer.IDENTITY),
    ),
    "a policy of the organisation is named": (
        f'User: {ALICE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::a/b" with an explicit deny in a service control policy: {SCP}',
        RefusedCall(ALICE, "s3:GetObject", "arn:aws:s3:::a/b", Layer.SERVICE_CONTROL, is_denied=True, policy=SCP),
    ),
    "EC2 encodes the rest": (
        f"An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. User: {ALICE} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:444455556666:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: {ENCODED}",
        RefusedCall(
            ALICE,
            "ec2:RunInstances",
            "arn:aws:ec2:us-east-1:444455556666:instance/*",
            Layer.IDENTITY,
            encoded=ENCODED,
        ),
    ),
    "EC2 encodes everything": (
        f"Client.UnauthorizedOperation: You are not authorized to perform this operation. Encoded authorization failure message: {ENCODED}",
        RefusedCall(encoded=ENCODED),
    ),
    "S3 says no more than this": (
        "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied",
        RefusedCall(action="s3:GetObject"),
    ),
    "a copy looks at the object first": (
        "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden",
        RefusedCall(action="s3:GetObject"),
    ),
    "a service that says no more": (
        "An error occurred (AccessDeniedException) when calling the ListClusters operation: denied",
        RefusedCall(action=":ListClusters"),
    ),
    "terraform draws a bar and breaks lines": (
        (
            "╷\n│ Error: reading EC2 VPC: operation error EC2: DescribeVpcs, https response error StatusCode: 403, RequestID: 1f, api error\n│ UnauthorizedOperation: You are not authorized to perform this operation. User:\n"
            f"│ {ALICE} is not\n│ authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs\n│ action\n╵\n"
        ),
        RefusedCall(ALICE, "ec2:DescribeVpcs", "", Layer.IDENTITY),
    ),
    "terraform says no more than S3": (
        "Error: operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: Access Denied",
        RefusedCall(action="s3:ListBucket"),
    ),
    "the session is over": (
        "An error occurred (ExpiredToken) when calling the ListObjectsV2 operation: The provided token has expired.",
        RefusedCall(ended=Ended.EXPIRED),
    ),
    "the credentials are nobody's": (
        "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid",
        RefusedCall(ended=Ended.UNKNOWN),
    ),
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "upload failed: ./a to s3://b/a Could not connect to the endpoint URL",
        "User: is not authorized to perform: s3:ListBucket",
        "An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist",
        "\x00\xff" * 100,
        "arn:aws:iam::1234:user/x is not authorized to perform: s3:ListBucket",
    ],
)
def test_what_is_no_refusal_tells_of_none(text: str) -> None:
    assert refused_calls(text) == ()


@pytest.mark.parametrize(("text", "call"), CASES.values(), ids=CASES.keys())
def test_each_public_form_is_read(text: str, call: RefusedCall) -> None:
    assert refused_calls(text) == (call,)


def test_several_refusals_are_told_once_each() -> None:
    lines = [text for text, call in CASES.values() if call.layer is not None]

    assert len(refused_calls("\n".join([*lines, *lines]))) == len(lines)


def test_a_long_text_of_nothing_is_read_in_no_time_worth_telling() -> None:
    assert refused_calls("operation error S3: " * 20_000 + "User: arn:aws:iam::" * 20_000) == ()


def test_a_decoded_message_tells_action_and_resource() -> None:
    decoded = {
        "allowed": False,
        "explicitDeny": False,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"id": "AIDACKCEVSQ6C2EXAMPLE", "name": "alice", "arn": ALICE},
            "action": "ec2:StopInstances",
            "resource": "arn:aws:ec2:us-east-1:444455556666:instance/i-dd01c9bd",
            "conditions": {"items": []},
        },
    }

    call = parse_decoded(json.dumps(decoded))

    assert call == RefusedCall(ALICE, "ec2:StopInstances", "arn:aws:ec2:us-east-1:444455556666:instance/i-dd01c9bd")
    assert call.account == "444455556666"
    assert json.loads(statement_text(call)) == {
        "Effect": "Allow",
        "Action": "ec2:StopInstances",
        "Resource": "arn:aws:ec2:us-east-1:444455556666:instance/i-dd01c9bd",
    }


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"context": {"action": 1, "resource": "*"}}', "null"])
def test_a_decoded_message_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_decoded(text)
