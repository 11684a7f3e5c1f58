"""Who gets into a role: the second factor, the trust policy and the caller's own permissions."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    STRANGER,
    Keys,
    allow,
    aws_command,
    client,
    deny,
    document,
    enter,
    identity,
    refused,
    role,
    root,
    trust,
    user,
)


@dataclass(frozen=True)
class Scene:
    """The provider's engineers, a stranger, and a customer's role."""

    aws: EmbeddedAws
    netops: Keys
    helpdesk: Keys
    stranger: Keys
    support: str


@pytest.fixture(scope="module")
def scene(aws: EmbeddedAws) -> Scene:
    enters = allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    return Scene(
        aws,
        user(aws, PROVIDER, "netops-1", enters),
        user(aws, PROVIDER, "helpdesk-1", allow("iam:ListUsers")),
        user(aws, STRANGER, "stranger", enters),
        role(aws, "support", allow("s3:*"), Path="/gatepass/"),
    )


def refusal_words(keys_arn: str, role_arn: str) -> str:
    return f"User: {keys_arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"


@pytest.mark.parametrize(
    "external_id",
    [None, "gp1.7KQ2M9XW4T.wrong", "GP1.7KQ2M9XW4T.RIGHT", "gp1.7KQ2M9XW4T.righ", "gp1.7KQ2M9XW4T.right2"],
    ids=["none", "wrong", "case swapped", "shorter", "longer"],
)
def test_only_the_right_external_id_opens(scene: Scene, external_id: str | None) -> None:
    code, message = refused(enter, scene.aws, scene.netops, scene.support, ExternalId=external_id)

    assert code == "AccessDenied"
    assert message == refusal_words(identity(scene.aws, scene.netops), scene.support)


def test_the_aws_command_sees_the_same_refusal(scene: Scene) -> None:
    finished = aws_command(
        scene.aws, scene.netops, "sts", "assume-role", "--role-arn", scene.support, "--role-session-name", "netops-1"
    )

    assert finished.returncode != 0
    assert "An error occurred (AccessDenied) when calling the AssumeRole operation" in finished.stderr
    assert refusal_words(identity(scene.aws, scene.netops), scene.support) in finished.stderr


def test_a_stranger_with_the_right_external_id_stays_out(scene: Scene) -> None:
    code, message = refused(enter, scene.aws, scene.stranger, scene.support)

    assert code == "AccessDenied"
    assert message == refusal_words(f"arn:aws:iam::{STRANGER}:user/stranger", scene.support)


def test_a_colleague_without_permission_stays_out(scene: Scene) -> None:
    code, message = refused(enter, scene.aws, scene.helpdesk, scene.support)

    assert code == "AccessDenied"
    assert message.endswith("because no identity-based policy allows the sts:AssumeRole action")


def test_a_role_that_does_not_exist_is_refused_in_the_same_words(scene: Scene) -> None:
    """Whoever may not enter does not learn which roles exist."""
    nowhere = f"arn:aws:iam::{CUSTOMER}:role/gatepass/nowhere"

    code, message = refused(enter, scene.aws, scene.netops, nowhere)

    assert (code, message) == ("AccessDenied", refusal_words(identity(scene.aws, scene.netops), nowhere))


def test_the_path_belongs_to_the_arn(scene: Scene) -> None:
    code, _ = refused(enter, scene.aws, scene.netops, scene.support.replace("/gatepass/", "/"))

    assert code == "AccessDenied"


def test_a_root_user_may_not_assume_roles(scene: Scene) -> None:
    code, message = refused(enter, scene.aws, root(scene.aws, PROVIDER), scene.support)

    assert (code, message) == ("AccessDenied", "Roles may not be assumed by root accounts.")


def test_an_explicit_deny_of_the_callers_account_wins(scene: Scene) -> None:
    keys = user(scene.aws, PROVIDER, "denied-1", allow("sts:*"), deny("sts:AssumeRole", resource=scene.support))

    code, message = refused(enter, scene.aws, keys, scene.support)

    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_an_explicit_deny_in_the_trust_wins(scene: Scene) -> None:
    shut = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    arn = role(scene.aws, "shut", trusts=[*trust(), shut])

    code, _ = refused(enter, scene.aws, scene.netops, arn)

    assert code == "AccessDenied"


def test_a_condition_on_the_principal_narrows_a_trusted_account(scene: Scene) -> None:
    statements = trust()
    pattern = f"arn:aws:iam::{PROVIDER}:role/engineers/*"
    statements[0]["Condition"]["ArnLike"] = {"aws:PrincipalArn": pattern}
    arn = role(scene.aws, "narrow", trusts=statements)

    code, _ = refused(enter, scene.aws, scene.netops, arn)

    assert code == "AccessDenied"


def test_a_window_that_is_over_keeps_everybody_out(scene: Scene) -> None:
    statements = trust()
    statements[0]["Condition"]["DateLessThan"] = {"aws:CurrentTime": "2020-01-01T00:00:00Z"}
    arn = role(scene.aws, "over", trusts=statements)

    code, _ = refused(enter, scene.aws, scene.netops, arn)

    assert code == "AccessDenied"


def test_within_one_account_the_trust_must_allow_as_well(scene: Scene) -> None:
    keys = user(scene.aws, CUSTOMER, "colleague", allow("sts:AssumeRole"))

    code, message = refused(enter, scene.aws, keys, scene.support)

    assert code == "AccessDenied"
    assert message.endswith("because no role trust policy allows the sts:AssumeRole action")


def test_the_right_external_id_opens(scene: Scene) -> None:
    session = enter(scene.aws, scene.netops, scene.support)

    assert identity(scene.aws, session) == f"arn:aws:sts::{CUSTOMER}:assumed-role/support/netops-1"


def test_the_right_external_id_opens_for_the_aws_command(scene: Scene) -> None:
    session = aws_command(
        scene.aws, scene.netops, "sts", "assume-role", "--role-arn", scene.support, "--role-session-name", "netops-1",
        "--external-id", "gp1.7KQ2M9XW4T.right", "--query", "AssumedRoleUser.Arn", "--output", "text",
    )  # fmt: skip

    assert session.returncode == 0, session.stderr
    assert session.stdout.strip() == f"arn:aws:sts::{CUSTOMER}:assumed-role/support/netops-1"


def test_closing_the_trust_keeps_new_sessions_out_at_once(scene: Scene) -> None:
    arn = role(scene.aws, "closed")
    enter(scene.aws, scene.netops, arn)
    shut = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}

    client(scene.aws, "iam", root(scene.aws, CUSTOMER)).update_assume_role_policy(
        RoleName="closed", PolicyDocument=document(shut)
    )

    assert refused(enter, scene.aws, scene.netops, arn)[0] == "AccessDenied"


def test_a_rotation_with_overlap_takes_both_ids(scene: Scene) -> None:
    statements = trust()
    statements[0]["Condition"]["StringEquals"]["sts:ExternalId"] = ["old-one", "new-one"]
    arn = role(scene.aws, "overlap", trusts=statements)

    assert refused(enter, scene.aws, scene.netops, arn)[0] == "AccessDenied"
    for each in ("old-one", "new-one"):
        assert enter(scene.aws, scene.netops, arn, ExternalId=each)
