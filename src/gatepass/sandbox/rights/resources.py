"""What an operation acts on: the actions IAM asks for, each with the ARN of its resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gatepass.sandbox.rights import ec2_resources, iam_resources, s3_resources
from gatepass.sandbox.rights.access import Access, Place, resource_account
from gatepass.sandbox.rights.moto_secrets import key_arn, secret_arn
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.parameters import Parameters

_ARN = re.compile(r"arn:[a-z-]+:([a-z0-9-]+):[a-z0-9-]*:(?:\d{12}|aws)?:.+", re.ASCII)


def _with(template: str) -> Callable[[str, Place], str]:
    def arn(value: str, place: Place) -> str:
        return template.format(region=place.region, account=place.account, value=value)

    return arn


def _parameter(value: str, place: Place) -> str:
    return f"arn:aws:ssm:{place.region}:{place.account}:parameter/{value.lstrip('/')}"


def _queue(value: str, place: Place) -> str:
    account, name = ([place.account, *value.rstrip("/").split("/")])[-2:]
    owner = account if re.fullmatch(r"\d{12}", account) else place.account
    return f"arn:aws:sqs:{place.region}:{owner}:{name}"


@dataclass(frozen=True)
class _Naming:
    """How a parameter names a resource; `operations` limits it to operations whose name holds that word."""

    parameter: str
    arn: Callable[[str, Place], str]
    operations: str = ""


_IN = "arn:aws:{service}:{{region}}:{{account}}:{kind}"


def _named(service: str, kind: str, *parameters: str, operations: str = "") -> tuple[_Naming, ...]:
    template = _with(_IN.format(service=service, kind=kind))
    return tuple(_Naming(parameter, template, operations) for parameter in parameters)


# By IAM's prefix. A value that is an ARN already is taken as it is.
_NAMINGS: dict[str, tuple[_Naming, ...]] = {
    "cloudformation": (
        *_named("cloudformation", "stack/{value}/*", "StackName"),
        *_named("cloudformation", "stackset/{value}:*", "StackSetName"),
    ),
    "cloudtrail": _named("cloudtrail", "trail/{value}", "Name", "TrailName"),
    "cloudwatch": _named("cloudwatch", "alarm:{value}", "AlarmName", "AlarmNames"),
    "dynamodb": _named("dynamodb", "table/{value}", "TableName"),
    "ecr": _named("ecr", "repository/{value}", "repositoryName", "repositoryNames"),
    "ecs": _named("ecs", "cluster/{value}", "cluster", "clusters", "clusterName"),
    "eks": _named("eks", "cluster/{value}", "clusterName", "name"),
    "events": (*_named("events", "event-bus/{value}", "EventBusName"), *_named("events", "rule/{value}", "Rule")),
    "firehose": _named("firehose", "deliverystream/{value}", "DeliveryStreamName"),
    "kinesis": _named("kinesis", "stream/{value}", "StreamName"),
    "kms": (_Naming("KeyId", key_arn), _Naming("TargetKeyId", key_arn), _Naming("SourceKeyId", key_arn)),
    "lambda": (
        *_named("lambda", "function:{value}", "FunctionName"),
        *_named("lambda", "layer:{value}", "LayerName"),
    ),
    "logs": _named("logs", "log-group:{value}:*", "logGroupName"),
    "rds": (
        *_named("rds", "db:{value}", "DBInstanceIdentifier"),
        *_named("rds", "cluster:{value}", "DBClusterIdentifier"),
        *_named("rds", "snapshot:{value}", "DBSnapshotIdentifier"),
    ),
    "route53": tuple(
        _Naming(name, lambda value, _: f"arn:aws:route53:::hostedzone/{value.rpartition('/')[2]}")
        for name in ("Id", "HostedZoneId")
    ),
    "secretsmanager": (
        _Naming("SecretId", secret_arn),
        # A secret that is being made has no random end to its ARN yet.
        *_named("secretsmanager", "secret:{value}-000000", "Name"),
    ),
    "sns": _named("sns", "{value}", "Name"),
    "sqs": (_Naming("QueueUrl", _queue), *_named("sqs", "{value}", "QueueName")),
    "ssm": (
        *(_Naming(name, _parameter, "Parameter") for name in ("Name", "Names", "Path")),
        *_named("ssm", "document/{value}", "Name", "DocumentName", operations="Document"),
        *_named("ssm", "document/{value}", "DocumentName", operations="Command"),
        *_named("ec2", "instance/{value}", "InstanceId", "InstanceIds", "Target"),
    ),
    "states": _named("states", "stateMachine:{value}", "name"),
}

# Where the name of the action is not the name of the operation.
_ACTIONS: dict[str, tuple[str, ...]] = {
    "dynamodb:TransactGetItems": ("dynamodb:GetItem",),
    "dynamodb:TransactWriteItems": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    "kms:ReEncrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeAsync": ("lambda:InvokeFunction",),
    "sns:PublishBatch": ("sns:Publish",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
}

# What else is needed to make something with tags.
_TAGGING = {
    "kms:CreateKey": "kms:TagResource",
    "secretsmanager:CreateSecret": "secretsmanager:TagResource",
    "sqs:CreateQueue": "sqs:TagQueue",
    "ssm:PutParameter": "ssm:AddTagsToResource",
    "sso:CreatePermissionSet": "sso:TagResource",
}

# Parameters that hand a role to a service, which asks for iam:PassRole on the role as well.
_PASSED_ROLES = frozenset(
    {"role", "rolearn", "executionrolearn", "taskrolearn", "servicerole", "servicerolearn", "noderole"}
    | {"iamroles", "administrationrolearn", "cloudwatchlogsrolearn", "podexecutionrolearn"}
)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", re.ASCII)


def accesses(call: Call, operation: Operation, place: Place) -> tuple[Access, ...]:
    """Return every action on every resource that the caller must be allowed.

    Raises:
        Refusal: the request is malformed.
    """
    match operation.service.name:
        case "s3":
            return s3_resources.accesses(call, operation)
        case "iam":
            return iam_resources.accesses(operation, place)
        case "ec2":
            found = ec2_resources.accesses(operation, place)
        case "apigateway" | "apigatewayv2":
            path = operation.path
            found = (Access(f"apigateway:{call.method}", f"arn:aws:apigateway:{place.region}::{path}", place.account),)
        case _:
            found = _generic(operation, place)
    return found + tuple(_passed_roles(operation))


def _generic(operation: Operation, place: Place) -> tuple[Access, ...]:
    actions = _ACTIONS.get(operation.action, (operation.action,))
    if operation.parameters.tags() and operation.action in _TAGGING:
        actions += (_TAGGING[operation.action],)
    prefix = operation.service.action_prefix
    arns = dict.fromkeys(_named_arns(operation, place))
    if not arns:
        arns = dict.fromkeys(
            value
            for _, value in _top_texts(operation.parameters)
            if (match := _ARN.fullmatch(value)) and match[1] == prefix
        )
    return tuple(
        Access(action, arn, resource_account(arn, place.account)) for action in actions for arn in arns or ("*",)
    )


def _named_arns(operation: Operation, place: Place) -> Iterable[str]:
    for naming in _NAMINGS.get(operation.service.action_prefix, ()):
        if naming.operations not in operation.name:
            continue
        for value in operation.parameters.texts(naming.parameter):
            if value:
                yield value if _ARN.fullmatch(value) else naming.arn(value, place)


def _top_texts(parameters: Parameters) -> Iterable[tuple[str, str]]:
    for name in parameters.values:
        for value in parameters.texts(name):
            yield name, value


def _passed_roles(operation: Operation) -> Iterable[Access]:
    if operation.service.name == "sts":
        return
    for name, value in operation.parameters.all_texts():
        if name.lower() in _PASSED_ROLES and _ROLE_ARN.fullmatch(value):
            yield Access("iam:PassRole", value, value.split(":")[4])
