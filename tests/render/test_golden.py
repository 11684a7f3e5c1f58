"""One declaration, several ways out: every engine makes the same documents, with the door closed, open and rotated."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.domain.documents import Document, policy
from gatepass.domain.grant import Declaration, Grant, Naming, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, Partition, PolicyArn
from gatepass.domain.role import DIGEST_TAG, ENGINE_TAG, SWITCH_POLICY, Role
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import Retiring, accepted_external_id, closed_trust, instant_text, open_trust
from gatepass.domain.wanted import standing_trust, wanted_role
from gatepass.render.cloudformation import cloudformation_template
from gatepass.render.cloudformation_names import grant_names
from gatepass.render.terraform_json import terraform_json
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.resolve_offline import resolve_offline
from tests.people import BOUNDARY, CUSTOMER, MORNING, PROVIDER, SUPPORT, memory_roles, randomness
from tests.programs import demand_terraform
from tests.render.engine_documents import Template, documents_of, terraform_documents

AWS = Partition()
HOUR = timedelta(hours=1)
STATES = ("closed", "one", "two")
OLD = ExternalId("gp1.KEYKEYKEYK.OLDOLDOLDOLD")
NEW = ExternalId("gp1.KEYKEYKEYK.NEWNEWNEWNEW")
UNTIL = MORNING + 24 * HOUR
CUSTOM = [
    None,
    policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}),
    # What each engine would take for its own.
    policy(
        {
            "Effect": "Allow",
            "NotAction": ["iam:*", "sts:*"],
            "Resource": ["arn:aws:s3:::home/${aws:username}/*", 'arn:aws:s3:::x/${!literal}/%{if}$${y}"\\n'],
            "Condition": {"StringEquals": {"aws:RequestTag/${aws:username}": ["é", "<&>"]}, "Bool": {"aws:x": True}},
        },
        {
            "Sid": "Table",
            "Effect": "Deny",
            "Action": "dynamodb:*",
            "Resource": "arn:aws:dynamodb:*:444455556666:table/*",
        },
    ),
]
WINDOWS = [
    Window(),
    Window(None, MORNING + 2 * HOUR),
    Window(MORNING + HOUR, None),
    Window(MORNING, MORNING + timedelta(days=30)),
]
GRANTS = st.builds(
    Grant,
    name=st.just(SUPPORT),
    provider=st.sampled_from([PROVIDER, AccountId("012345678901")]),
    permissions=st.lists(
        st.sampled_from(["SecurityAudit", "AmazonS3FullAccess", "ReadOnlyAccess"]), min_size=1, unique=True
    ).map(tuple),
    custom_policy=st.sampled_from(CUSTOM),
    boundary=st.sampled_from([None, BOUNDARY]),
    needs_second_factor=st.booleans(),
    principals=st.sampled_from(
        [(), (PrincipalPattern("role/a/*"),), (PrincipalPattern("role/b"), PrincipalPattern("user/?"))]
    ),
    window=st.sampled_from(WINDOWS),
    session_limit=st.sampled_from([HOUR, 12 * HOUR]),
    source_networks=st.sampled_from([(), (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))]),
    requires_source_identity=st.booleans(),
    customer_key=st.sampled_from([None, "7KQ2M9XW4T"]),
)
NAMINGS = st.sampled_from([Naming(), Naming("HIO", "DEV", "EUW1")])


def file_of(grants: list[Grant], naming: Naming) -> Declaration:
    named = tuple(replace(grant, name=GrantName(f"g{number}-x")) for number, grant in enumerate(grants))
    return Declaration(CUSTOMER, named, naming, {"owner": "se${curity} %{x}"})


def policies_of(file: Declaration) -> dict[str, PolicyArn]:
    return resolve_offline(file, AWS, lambda: None)


def direct_roles(file: Declaration) -> list[Role]:
    """Return the roles as gatepass apply makes them, open and with the new ID."""
    policies = {"SecurityAudit", "AmazonS3FullAccess", "ReadOnlyAccess"}
    arns = {name: PolicyArn(f"arn:aws:iam::aws:policy/{name}") for name in policies}
    return [
        wanted_role(
            file,
            grant,
            AWS,
            policies=frozenset(arns[word] for word in grant.permissions),
            trust=standing_trust(grant, AWS, None, NEW),
            customer_key=grant.customer_key if grant.needs_second_factor else None,
        )
        for grant in file.grants
    ]


def direct_documents(grant: Grant, role: Role, state: str) -> dict[str, Document]:
    if state == "closed":
        return {"trust": closed_trust(), SWITCH_POLICY: deny_everything(), **role.inline}
    retiring = Retiring(OLD, UNTIL) if state == "two" and grant.needs_second_factor else None
    trust = open_trust(grant, AWS, NEW if grant.needs_second_factor else None, retiring=retiring)
    return {"trust": trust, **role.inline}


def test_what_the_others_are_compared_with_is_what_gatepass_apply_makes() -> None:
    """Only the external ID is drawn there."""
    rich = Grant(
        SUPPORT,
        PROVIDER,
        ("SecurityAudit", "ReadOnlyAccess"),
        CUSTOM[2],
        BOUNDARY,
        window=WINDOWS[3],
        customer_key="7KQ2M9XW4T",
    )
    file, roles = file_of([rich], Naming()), memory_roles()
    (planned,) = plan_account(file, roles, roles.clock, randomness()).grants
    drawn = accepted_external_id(planned.wanted.trust)
    assert drawn is not None

    (role,) = direct_roles(file)
    trust = Document(role.trust.text.replace(NEW.reveal(), drawn.reveal()))

    assert replace(role, trust=trust) == planned.wanted
    assert direct_documents(rich, role, "one") == {"trust": role.trust, **role.inline}


@settings(max_examples=60, deadline=None)
@given(
    grants=st.lists(GRANTS, min_size=1, max_size=3),
    naming=NAMINGS,
    state=st.sampled_from(STATES),
    stack_set=st.booleans(),
)
def test_cloudformation_makes_what_the_direct_engine_makes(
    grants: list[Grant],
    naming: Naming,
    state: str,
    stack_set: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    file = file_of(grants, naming)
    template = cloudformation_template(file, AWS, policies_of(file), stack_set=stack_set)
    parameters = {}
    for grant, names in zip(file.grants, grant_names([grant.name for grant in file.grants]), strict=True):
        if not grant.needs_second_factor:
            parameters[names.door] = "closed" if state == "closed" else "open"
        elif state != "closed":
            parameters[names.external_id] = NEW.reveal()
        if grant.needs_second_factor and state == "two":
            parameters |= {names.old_id: OLD.reveal(), names.old_id_until: instant_text(UNTIL)}

    made = Template(template, parameters)

    assert made.complaints() == []
    for grant, role in zip(file.grants, direct_roles(file), strict=True):
        properties = made.roles()[str(role.name)]
        assert documents_of(properties) == direct_documents(grant, role, state)
        assert properties["Path"] == role.path
        assert properties["MaxSessionDuration"] == role.session_limit.total_seconds()
        assert properties.get("PermissionsBoundary") == (str(role.boundary) if role.boundary else None)
        assert properties["ManagedPolicyArns"] == [str(arn) for arn in sorted(role.policies)]
        assert {tag["Key"]: tag["Value"] for tag in properties["Tags"]} == tags_by(role, grant, "cloudformation")


def tags_by(role: Role, grant: Grant, engine: str) -> dict[str, str]:
    """Return the tags that the role has by another engine; a key that no file declares is known to the direct one only."""
    left_out = {DIGEST_TAG} | (set() if grant.customer_key and grant.needs_second_factor else {"gatepass:customer-key"})
    return {key: text for key, text in role.tags.items() if key not in left_out} | {ENGINE_TAG: engine}


@settings(max_examples=2, deadline=None)
@given(grants=st.lists(GRANTS, min_size=10, max_size=14), naming=NAMINGS)
def test_terraform_makes_what_the_direct_engine_makes(grants: list[Grant], naming: Naming) -> None:
    """Terraform itself evaluates what was rendered."""
    demand_terraform()
    file = file_of(grants, naming)
    with_factor = [str(grant.name) for grant in file.grants if grant.needs_second_factor]
    without: dict[str, list[str]] = {str(grant.name): [] for grant in file.grants if not grant.needs_second_factor}
    states: dict[str, dict[str, object]] = {
        "closed": {"external_ids": without},
        "one": {"external_ids": {name: [NEW.reveal()] for name in with_factor}},
        "two": {
            "external_ids": {name: [NEW.reveal(), OLD.reveal()] for name in with_factor},
            "overlap_ends": {name: instant_text(UNTIL) for name in with_factor},
        },
    }

    with tempfile.TemporaryDirectory() as folder:
        made = terraform_documents(terraform_json(file, AWS, policies_of(file)), states, Path(folder))

    for grant, role in zip(file.grants, direct_roles(file), strict=True):
        for state in STATES:
            assert made[state][str(grant.name)] == direct_documents(grant, role, state), state
