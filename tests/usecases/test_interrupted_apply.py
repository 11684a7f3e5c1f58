"""Stopped after any change, the access left lies within the old grant or the new one; the engine is the judge."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.documents import policy
from gatepass.domain.grant import Declaration, Grant, Naming, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, ExternalId, PolicyArn
from gatepass.domain.role import Role
from gatepass.domain.trust import accepted_external_id
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.plan_grants import plan_account
from tests.people import BOUNDARY, CUSTOMER, MORNING, OTHER_PROVIDER, PROVIDER, SUPPORT, memory_roles, randomness
from tests.usecases.judge import allow, may_do, may_enter

SETTLE = timedelta(seconds=5)
HOUR = timedelta(hours=1)
PERMISSIONS = {"SecurityAudit": "config:*", "AmazonS3FullAccess": "s3:*", "ReadOnlyAccess": "ec2:Describe*"}
OTHER_BOUNDARY = PolicyArn("arn:aws:iam::444455556666:policy/OtherBoundary")
BOUNDARIES = {BOUNDARY: ["s3:*", "config:*"], OTHER_BOUNDARY: ["s3:GetObject", "ec2:*", "sqs:*"]}
ACTIONS = ("config:Get", "s3:GetObject", "s3:PutObject", "ec2:DescribeInstances", "sqs:SendMessage")
PEOPLE = (
    f"arn:aws:iam::{PROVIDER}:user/netops-1",
    f"arn:aws:iam::{PROVIDER}:user/helpdesk-1",
    f"arn:aws:iam::{OTHER_PROVIDER}:user/netops-1",
)
CUSTOM = st.sampled_from([
    None,
    policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}),
    policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
])  # fmt: skip
AN_HOUR_AGO = Window(None, MORNING - HOUR)
WINDOWS = st.sampled_from([Window(), Window(None, MORNING + 2 * HOUR), Window(MORNING + HOUR, None), AN_HOUR_AGO])
GRANTS = st.builds(
    Grant,
    name=st.just(SUPPORT),
    provider=st.sampled_from([PROVIDER, OTHER_PROVIDER]),
    permissions=st.lists(st.sampled_from(sorted(PERMISSIONS)), min_size=1, unique=True).map(tuple),
    custom_policy=CUSTOM,
    boundary=st.sampled_from([None, BOUNDARY, OTHER_BOUNDARY]),
    needs_second_factor=st.just(value=True),
    principals=st.sampled_from([(), (PrincipalPattern("user/netops-*"),)]),
    window=WINDOWS,
    session_limit=st.sampled_from([HOUR, 4 * HOUR]),
    source_networks=st.sampled_from([(), (ip_network("203.0.113.0/24"),)]),
    requires_source_identity=st.booleans(),
)
Access = frozenset[tuple[str, str, datetime]]


MANAGED = {PolicyArn(f"arn:aws:iam::aws:policy/{name}"): allow(action) for name, action in PERMISSIONS.items()}
BOUNDS = {arn: allow(*actions) for arn, actions in BOUNDARIES.items()}
TEXTS = MANAGED | BOUNDS


def access(role: Role, live: dict[str, datetime], external_id: ExternalId, began: datetime) -> Access:
    """Return who can do what and when: by entering, or by a live session of theirs."""
    found = set()
    for moment in (began, began + 90 * timedelta(minutes=1), began + 3 * HOUR):
        for who in PEOPLE:
            starts = [moment] if may_enter(role, who, external_id, moment) else []
            starts += [live[who]] if who in live else []
            done = {action for start in starts for action in ACTIONS if may_do(role, who, action, start, moment, TEXTS)}
            found |= {(who, action, moment) for action in done}
    return frozenset(found)


def the_role(roles: MemoryRoles) -> Role:
    (role,) = roles.roles.values()
    return role


def file_of(grant: Grant) -> Declaration:
    return Declaration(AccountId(str(CUSTOMER)), (grant,), Naming(org="HIO"))


@settings(max_examples=60, deadline=None)
@given(before=GRANTS, after=GRANTS)
def test_stopped_anywhere_the_access_lies_within_the_old_grant_or_the_new(before: Grant, after: Grant) -> None:
    roles = memory_roles()
    roles.policies = {arn: arn.name for arn in (*MANAGED, *BOUNDS)}
    first = plan_account(file_of(before), roles, roles.clock, randomness())
    list(apply_changes(first.changes, roles, roles.clock, SETTLE))
    old = the_role(roles)
    external_id = accepted_external_id(old.trust)
    assert external_id is not None
    live = {who: roles.clock.now() for who in PEOPLE if may_enter(old, who, external_id, roles.clock.now())}
    roles.clock.sleep(timedelta(minutes=1))

    plan = plan_account(file_of(after), roles, roles.clock, randomness())
    (new,) = (grant.wanted for grant in plan.grants)
    began = roles.clock.now()
    old_access = access(old, live, external_id, began)
    new_access = access(new, {}, external_id, began)
    for _ in apply_changes(plan.changes, roles, roles.clock, SETTLE):
        left = access(the_role(roles), live, external_id, began)
        assert left <= old_access or left <= new_access
    assert plan_account(file_of(after), roles, roles.clock, randomness()).changes == ()
