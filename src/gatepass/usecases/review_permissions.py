"""Say what permissions let a session do that the customer may not have meant, by asking for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gatepass.decision.powers import ANYTHING, Permissions, Reached
from gatepass.domain.findings import Finding, Remark, Severity


@dataclass(frozen=True, slots=True)
class _Power:
    """Actions any of which is a way to more than was given.

    Attributes:
        with_pass_role: whether the action needs iam:PassRole beside it.
        is_meant_by_name: whether on named resources it is what such permissions are given for.
    """

    actions: tuple[str, ...]
    remark: Remark
    with_pass_role: bool = False
    is_meant_by_name: bool = False


def _iam(*names: str) -> tuple[str, ...]:
    return tuple(f"iam:{name}" for name in names)


_CHANGES_POLICIES = _iam(
    "AttachRolePolicy",
    "AttachUserPolicy",
    "AttachGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
    "PutGroupPolicy",
    "CreatePolicyVersion",
    "SetDefaultPolicyVersion",
    "AddUserToGroup",
    "DeleteRolePermissionsBoundary",
    "DeleteUserPermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
)
_CHANGES_TRUST = _iam(
    "UpdateAssumeRolePolicy", "CreateSAMLProvider", "UpdateSAMLProvider", "CreateOpenIDConnectProvider"
)
_MAKES_KEYS = _iam(
    "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "CreateServiceSpecificCredential", "CreateUser"
)
_PASSING = "iam:PassRole"
_STARTS_COMPUTE = (
    "ec2:RunInstances",
    "lambda:CreateFunction",
    "ecs:RunTask",
    "cloudformation:CreateStack",
    "codebuild:CreateProject",
    "glue:CreateJob",
    "glue:CreateDevEndpoint",
    "sagemaker:CreateNotebookInstance",
    "ssm:StartAutomationExecution",
    "states:CreateStateMachine",
    "datapipeline:CreatePipeline",
    "batch:SubmitJob",
)
_TAKES_OVER_COMPUTE = (
    "lambda:UpdateFunctionCode",
    "ssm:SendCommand",
    "ssm:StartSession",
    "ecs:ExecuteCommand",
    "ec2-instance-connect:SendSSHPublicKey",
    "cloudformation:UpdateStack",
    "codebuild:UpdateProject",
    "glue:UpdateDevEndpoint",
)
_READS_DATA = (
    "s3:GetObject",
    "dynamodb:GetItem",
    "dynamodb:Scan",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "kms:Decrypt",
    "sqs:ReceiveMessage",
    "logs:GetLogEvents",
    "athena:GetQueryResults",
    "kinesis:GetRecords",
    "ec2:GetPasswordData",
    "codecommit:GitPull",
    "ecr:BatchGetImage",
    "lambda:GetFunction",
)
_ADMINISTERS = (ANYTHING, "iam:AttachRolePolicy", "s3:DeleteBucket", "kms:ScheduleKeyDeletion")
_WITH_BOUNDARY = "set boundary: to a policy that keeps IAM out of reach"

_POWERS = (
    _Power(
        _CHANGES_POLICIES,
        Remark(
            "changes-policies",
            Severity.HIGH,
            "a session can change who may do what",
            "it can give itself, or somebody it makes, every right in the account",
            _WITH_BOUNDARY,
        ),
    ),
    _Power(
        _CHANGES_TRUST,
        Remark(
            "changes-trust",
            Severity.HIGH,
            "a session can change who may enter",
            "it can open roles to accounts that nobody chose, and they stay open when the grant ends",
            _WITH_BOUNDARY,
        ),
    ),
    _Power(
        _MAKES_KEYS,
        Remark(
            "makes-keys",
            Severity.HIGH,
            "a session can make keys and passwords of others",
            "they outlive the session, the window and the grant",
            _WITH_BOUNDARY,
        ),
    ),
    _Power(
        _STARTS_COMPUTE,
        Remark(
            "passes-roles",
            Severity.HIGH,
            "a session can start machines under a role of its choice",
            "with iam:PassRole it acts with that role's rights, which may be any",
            "limit iam:PassRole to the roles that the work needs",
        ),
        with_pass_role=True,
    ),
    _Power(
        _TAKES_OVER_COMPUTE,
        Remark(
            "takes-over-compute",
            Severity.MEDIUM,
            "a session can run its own code on machines that are there",
            "it acts with the rights of those machines' roles",
            "limit these actions to the machines that the work needs",
        ),
        is_meant_by_name=True,
    ),
    _Power(
        ("sts:AssumeRole",),
        Remark(
            "enters-roles",
            Severity.MEDIUM,
            "a session can enter other roles",
            "every role that trusts this account is within reach, and its sessions outlast this one",
            "limit sts:AssumeRole to the roles that the work needs",
        ),
        is_meant_by_name=True,
    ),
    _Power(
        _READS_DATA,
        Remark(
            "reads-data",
            Severity.MEDIUM,
            "a session can read data: objects, tables, parameters",
            "most audits need settings only",
            "prefer SecurityAudit or ViewOnlyAccess to ReadOnlyAccess, and name the buckets that the work needs",
        ),
        is_meant_by_name=True,
    ),
)


_ADMINISTRATOR = Remark(
    "administrator",
    Severity.HIGH,
    "a session can do everything",
    "nothing in the account is out of its reach",
    "give the permissions that the work needs, or set a boundary",
)
_IAM_WITHOUT_BOUNDARY = Remark(
    "iam-without-boundary",
    Severity.HIGH,
    "the permissions write IAM without a permissions boundary",
    "a session could make itself users, keys and roles that outlive the grant",
    _WITH_BOUNDARY,
)
_BOUNDARY_NOT_READ = Remark(
    "boundary-not-read",
    Severity.LOW,
    "the permissions write IAM, and what the boundary leaves of that is not known here",
    "the text of the boundary stands in the account",
    "gatepass lint --account, which reads it",
)


def review_permissions(name: str, permissions: Permissions, *, boundary_is_unread: bool = False) -> Iterator[Finding]:
    """Yield what is worth saying about permissions.

    Args:
        name: what people call the role or the document.
        permissions: what the role's sessions may do.
        boundary_is_unread: whether the role has a boundary whose text nobody could read.
    """
    writes = _wide(permissions.reach_all((*_CHANGES_POLICIES, *_CHANGES_TRUST, *_MAKES_KEYS)))
    if boundary_is_unread:
        if writes:
            yield _BOUNDARY_NOT_READ.on(name)
        return
    administers = permissions.reach_all(_ADMINISTERS)
    if len(administers) == len(_ADMINISTERS) and all(each.everywhere for each in administers):
        yield _ADMINISTRATOR.on(name, administers)
    else:
        yield from _powers(name, permissions)
    if writes and permissions.boundary is None:
        yield _IAM_WITHOUT_BOUNDARY.on(name, writes)


def _powers(name: str, permissions: Permissions) -> Iterator[Finding]:
    passes = permissions.reach(_PASSING)
    for power in _POWERS:
        reached = permissions.reach_all(power.actions)
        if power.is_meant_by_name:
            reached = _wide(reached)
        if power.with_pass_role:
            reached = (passes, *reached) if passes is not None and reached else ()
        if reached:
            found = power.remark.on(name, reached)
            yield found if _wide(reached) else replace(found, severity=Severity.MEDIUM)


def _wide(reached: Sequence[Reached]) -> tuple[Reached, ...]:
    return tuple(each for each in reached if each.everywhere)
