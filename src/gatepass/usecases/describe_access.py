"""Say in words who gets in by a trust and what a session can then do, as the decision engine finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatepass.decision.powers import ANYTHING, Permissions
from gatepass.decision.probe_callers import Standing
from gatepass.decision.probes import Door, Entry, Proof


@dataclass(frozen=True, slots=True)
class Access:
    """What was found by asking, each list in the words of a person.

    Attributes:
        enters: who gets in, and with what.
        changes: what a session can change.
        looks: what it can only look at.
        leaves: what it can neither change nor look at.
        unread: policies that may give more, whose text could not be read.
    """

    enters: tuple[str, ...]
    changes: tuple[str, ...]
    looks: tuple[str, ...]
    leaves: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Area:
    """A part of an account that people have a word for, with actions that stand for it."""

    name: str
    look: tuple[str, ...]
    change: tuple[str, ...] = ()


_AREAS = (
    _Area("IAM", ("iam:GetRole", "iam:ListUsers"), ("iam:CreateUser", "iam:AttachRolePolicy")),
    _Area("other roles", (), ("sts:AssumeRole",)),
    _Area("S3 data", ("s3:GetObject",), ("s3:PutObject", "s3:DeleteObject")),
    _Area("S3 buckets", ("s3:ListAllMyBuckets", "s3:GetBucketPolicy"), ("s3:PutBucketPolicy", "s3:DeleteBucket")),
    _Area("EC2", ("ec2:DescribeInstances",), ("ec2:RunInstances", "ec2:TerminateInstances")),
    _Area("VPC", ("ec2:DescribeVpcs",), ("ec2:AuthorizeSecurityGroupIngress", "ec2:CreateRoute")),
    _Area("shells", (), ("ssm:StartSession", "ssm:SendCommand")),
    _Area("Lambda", ("lambda:GetFunction",), ("lambda:UpdateFunctionCode", "lambda:CreateFunction")),
    _Area("RDS", ("rds:DescribeDBInstances",), ("rds:ModifyDBInstance", "rds:DeleteDBInstance")),
    _Area("DynamoDB", ("dynamodb:GetItem", "dynamodb:Scan"), ("dynamodb:PutItem", "dynamodb:DeleteTable")),
    _Area(
        "secrets",
        ("secretsmanager:GetSecretValue", "ssm:GetParameter"),
        ("secretsmanager:PutSecretValue", "ssm:PutParameter"),
    ),
    _Area("KMS", ("kms:DescribeKey", "kms:Decrypt"), ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion")),
    _Area("CloudFormation", ("cloudformation:DescribeStacks",), ("cloudformation:UpdateStack",)),
    _Area("logs", ("logs:GetLogEvents", "cloudtrail:LookupEvents"), ("cloudtrail:StopLogging", "logs:DeleteLogGroup")),
    _Area("costs", ("ce:GetCostAndUsage",), ("budgets:ModifyBudget",)),
)
_EVERYTHING = "everything"


def describe_access(door: Door, permissions: Permissions, unread: Sequence[str]) -> Access:
    """Return who gets in and what they can do then.

    Args:
        door: the trust policy, probed.
        permissions: what the role's sessions may do, as far as it could be read.
        unread: names of policies that could not be.
    """
    enters = tuple(_entrances(door))
    changes: list[str] = []
    looks: list[str] = []
    leaves: list[str] = []
    for area in _AREAS:
        for actions, told in ((area.change, changes), (area.look, looks)):
            found = permissions.reach_all(actions)
            if found:
                told.append(area.name if any(each.everywhere for each in found) else f"some {area.name}")
                break
        else:
            leaves.append(area.name)
    anything = permissions.reach(ANYTHING)
    if anything is not None and anything.everywhere:
        changes = [_EVERYTHING if not (looks or leaves) else f"{_EVERYTHING} but what is named below"]
    return Access(enters, tuple(changes), tuple(looks), tuple(leaves), tuple(unread))


_WHO = {
    Standing.NAMED: "principals that the grant names",
    Standing.COLLEAGUE: "any principal that the provider's account allows",
    Standing.STRANGER: "OTHER ACCOUNTS",
    Standing.ANONYMOUS: "ANYBODY",
}


def _entrances(door: Door) -> list[str]:
    """Return who gets in, the widest circle of each kind of proof only."""
    lines: list[str] = []
    for proof in Proof:
        through = [entry for entry in door.entries if entry.proof is proof]
        if not through or _is_told(proof, door.entries):
            continue
        widest = max((entry.who.standing for entry in through), key=list(Standing).index)
        lines.append(f"{_who(widest, through)}, with {proof.value}{_naming(through)}")
    return lines or ["nobody"]


def _is_told(proof: Proof, entries: Sequence[Entry]) -> bool:
    """Say whether a proof needs no line of its own: without any ID one gets in already."""
    return proof is not Proof.NONE and any(entry.proof is Proof.NONE for entry in entries)


def _who(standing: Standing, through: Sequence[Entry]) -> str:
    if standing in _WHO:
        return _WHO[standing]
    return ", ".join(sorted({str(entry.who.caller) for entry in through if entry.who.standing is standing}))


def _naming(through: Sequence[Entry]) -> str:
    calls = {entry.call.value for entry in through}
    return "" if any("SetSourceIdentity" not in call for call in calls) else ", naming the engineer"
