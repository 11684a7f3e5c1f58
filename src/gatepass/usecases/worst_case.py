"""Say in plain words what a role's sessions can do at worst; each word is asked for or read from what is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.decision.powers import ANYTHING, Permissions, Reached
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.doors import Power, Worst
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.switch import read_doors
from gatepass.usecases.review_permissions import review_permissions

NOTHING = Power("nothing: no permission is on it")
_DENIED = Power("nothing: one of its policies denies everything")
_LOOKS = "looks and changes nothing"

# By finding: in words when it is so of any resource, and when it is so of named ones.
_WORDS = {
    "administrator": ("administrator: can do everything", ""),
    "changes-policies": ("can make itself or others administrator", "can change some policies"),
    "changes-trust": ("can open roles to other accounts", "can change who enters some roles"),
    "makes-keys": ("can make keys and passwords of others", "can make keys of some users"),
    "passes-roles": (
        "can start machines with the rights of any role",
        "can start machines with the rights of some roles",
    ),
    "takes-over-compute": ("can run its own code on any machine that is there", ""),
    "enters-roles": ("can enter other roles that trust this account", ""),
}
_TAKES_ALL = ("administrator", "changes-policies", "changes-trust", "makes-keys", "passes-roles")
_TAKES_MORE = ("takes-over-compute", "enters-roles")
_SECRETS = ("secretsmanager:GetSecretValue", "redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM")
_DATA = (
    "s3:GetObject",
    "ssm:GetParameter",
    "dynamodb:GetItem",
    "dynamodb:Scan",
    "sqs:ReceiveMessage",
    "logs:GetLogEvents",
    "athena:GetQueryResults",
    "kinesis:GetRecords",
    "codecommit:GitPull",
    "ecr:BatchGetImage",
    "lambda:GetFunction",
    "rds-data:ExecuteStatement",
)
_DESTROYS = (
    "s3:DeleteObject",
    "s3:DeleteBucket",
    "dynamodb:DeleteTable",
    "rds:DeleteDBInstance",
    "ec2:TerminateInstances",
    "kms:ScheduleKeyDeletion",
    "cloudformation:DeleteStack",
    "backup:DeleteRecoveryPoint",
)
# Beginnings of the names of actions that change nothing.
_LOOKING = re.compile(
    r"(?:(?:Batch|Admin)?(?:Get|List|Describe|Check)|View|Lookup|Search|Head|Simulate|Preview|Query|Scan|Select|Filter"
    r"|Discover|Estimate|Validate|Verify|Detect|Export|Read|Count|Is[A-Z]|Test|Evaluate|Retrieve|Download)[A-Za-z0-9*?]*",
    re.ASCII | re.IGNORECASE,
)
# AWS's own policies for looking hold odd names besides; AWS keeps them from changing anything.
_LOOKING_POLICY = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(?:.*/)?(?:SecurityAudit|ViewOnlyAccess|\w*ReadOnly\w*)")
# They look, whatever their names begin with.
_LOOKING_TOO = ("iam:generatecredentialreport", "iam:generateservicelastaccesseddetails", "access-analyzer:*")
_MOST_SERVICES = 6


@dataclass(frozen=True, slots=True)
class _Held:
    """What a role's sessions may do, compiled.

    Attributes:
        is_denied: whether one of the policies denies everything.
        unread: the policies and the boundary whose texts are not known.
    """

    permissions: Permissions
    is_denied: bool
    unread: tuple[str, ...]
    boundary_is_unread: bool


@dataclass(frozen=True, slots=True)
class WorstCases:
    """What the roles of one account can do at worst; roles with the same policies are asked once."""

    account: AccountPolicies
    _known: dict[tuple[object, ...], Worst] = field(default_factory=dict, repr=False)

    def of(self, role: Holder, *, is_closed: bool) -> Worst:
        """Return the worst that a role's sessions can do.

        Args:
            role: the role.
            is_closed: whether the switch of Gatepass holds it, so that what it could do once open is asked.
        """
        texts = self._texts(role, without_switch=is_closed)
        key = (tuple(sorted((name, text and text.text) for name, text in texts.items())), role.boundary, is_closed)
        if key not in self._known:
            self._known[key] = self._asked(role, texts, is_closed=is_closed)
        return self._known[key]

    def _texts(self, role: Holder, *, without_switch: bool) -> dict[str, Document | None]:
        """Return the role's policies, without its own name in theirs."""
        texts: dict[str, Document | None] = {
            name: text for name, text in role.inline.items() if not (without_switch and name == SWITCH_POLICY)
        }
        return texts | {arn: self.account.managed.get(arn) for arn in role.attached}

    def _asked(self, role: Holder, texts: Mapping[str, Document | None], *, is_closed: bool) -> Worst:
        try:
            held = self._held(role, texts)
        except MalformedPolicy:
            return Worst((Power("not known: one of its policies cannot be read"),), is_closed)
        powers = (_DENIED,) if held.is_denied else tuple(_powers(held))
        return Worst(powers or (NOTHING,), is_closed, held.unread)

    def _held(self, role: Holder, texts: Mapping[str, Document | None]) -> _Held:
        boundary = self.account.managed.get(role.boundary) if role.boundary else None
        bound = parse_policy(boundary.text, PolicyKind.BOUNDARY, role.boundary or "") if boundary else None
        policies = tuple(parse_policy(text.text, name=name) for name, text in texts.items() if text is not None)
        is_unread = role.boundary is not None and bound is None
        denied = any(read_doors(text, text).role_is_denied for text in texts.values() if text is not None)
        return _Held(
            Permissions(str(self.account.account), policies, bound),
            is_denied=denied,
            unread=tuple(name for name, text in texts.items() if text is None),
            boundary_is_unread=is_unread,
        )


def _powers(held: _Held) -> Iterator[Power]:
    """Yield what can be done, the weightiest first."""
    permissions = held.permissions
    # What the boundary leaves is not known then: without it the permissions are the upper bound.
    found = {each.id: each for each in review_permissions("", permissions)}
    limit = ", as far as its boundary lets it" if held.boundary_is_unread else ""
    for name in _TAKES_ALL:
        if name in found:
            yield Power(_words_of(found[name]) + limit, found[name].counterexamples)
    if "administrator" in found:
        return
    anything = permissions.reach(ANYTHING)
    if anything is not None and anything.everywhere:
        yield Power(f"can do nearly everything: only what is named is left out{limit}", (str(anything),))
    for name in _TAKES_MORE:
        if name in found:
            yield Power(_words_of(found[name]) + limit, found[name].counterexamples)
    yield from _reads_and_destroys(permissions, limit)
    yield from _acts(permissions.policies, limit)


def _words_of(finding: Finding) -> str:
    anywhere, somewhere = _WORDS[finding.id]
    return somewhere if somewhere and finding.severity is Severity.MEDIUM else anywhere


def _reads_and_destroys(permissions: Permissions, limit: str) -> Iterator[Power]:
    for what, actions in (
        ("can read secrets", _SECRETS),
        ("can delete data or what runs", _DESTROYS),
        ("can read data", _DATA),
    ):
        reached = permissions.reach_all(actions)
        if reached:
            yield Power(f"{what}{_where(reached)}{limit}", tuple(str(each) for each in reached))


def _where(reached: tuple[Reached, ...]) -> str:
    return "" if any(each.everywhere for each in reached) else " in named places"


def _acts(policies: tuple[Policy, ...], limit: str) -> Iterator[Power]:
    """Yield what the allowed actions are about by their names; denials are not counted, so it is an upper bound."""
    allowed = [
        (policy.name, action)
        for policy in policies
        for statement in policy.allows
        for action in _actions(statement.document)
    ]
    if not allowed:
        return
    changing = sorted(
        {
            action.partition(":")[0].lower()
            for name, action in allowed
            if not _LOOKING_POLICY.fullmatch(name) and not _looks(action)
        }
    )
    if not changing:
        yield Power(_LOOKS + limit)
    elif any(set(service) & set("*?") for service in changing):
        yield Power(f"can change things in any service{limit}")
    else:
        shown = ", ".join(changing[:_MOST_SERVICES])
        more = f" and {len(changing) - _MOST_SERVICES} more services" if len(changing) > _MOST_SERVICES else ""
        yield Power(f"can change things in {shown}{more}{limit}")


def _actions(document: str) -> list[str]:
    tree = json.loads(document)
    if "NotAction" in tree:
        return ["*"]
    listed = tree["Action"] if isinstance(tree["Action"], list) else [tree["Action"]]
    return [str(each) for each in listed]


def _looks(action: str) -> bool:
    service, _, name = action.partition(":")
    return action.lower() in _LOOKING_TOO or (bool(service.isascii()) and _LOOKING.fullmatch(name) is not None)
