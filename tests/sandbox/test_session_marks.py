"""The marks a session carries: source identity and tags."""

from __future__ import annotations

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.scene import ENTERS, Scene, list_buckets
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    allow,
    client,
    enter,
    identity,
    refused,
    role,
    trust,
    user,
)


class TestSourceIdentity:
    """The engineer's name, carried through every hop."""

    def test_both_sides_must_allow_it(self, aws: EmbeddedAws) -> None:
        mute = user(aws, PROVIDER, "mute-1", allow("sts:AssumeRole"))
        closed = role(aws, "no-marks", trusts=trust()[:1])
        loud = user(aws, PROVIDER, "loud-1", ENTERS)
        both = role(aws, "marks")

        for keys, arn in ((mute, both), (loud, closed)):
            code, message = refused(enter, aws, keys, arn, SourceIdentity="netops-1")
            assert code == "AccessDenied"
            assert f"is not authorized to perform: sts:SetSourceIdentity on resource: {arn}" in message
        assert enter(aws, loud, both, SourceIdentity="netops-1")

    def test_a_trust_that_requires_it_keeps_out_who_gives_none(self, aws: EmbeddedAws, scene: Scene) -> None:
        statements = trust()
        statements[0]["Condition"]["StringLike"] = {"sts:SourceIdentity": "*"}
        arn = role(aws, "named", trusts=statements)

        assert refused(enter, aws, scene.netops, arn)[0] == "AccessDenied"
        assert enter(aws, scene.netops, arn, SourceIdentity="netops-1")

    def test_it_cannot_change_along_a_chain_and_is_inherited(self, aws: EmbeddedAws, scene: Scene) -> None:
        inner_trust = trust(f"arn:aws:iam::{CUSTOMER}:root", "")
        inner_trust[0]["Condition"] = {"StringEquals": {"aws:SourceIdentity": "netops-1"}}
        inner = role(aws, "inner", trusts=inner_trust)
        first = enter(aws, scene.netops, scene.support, SourceIdentity="netops-1")

        code, message = refused(enter, aws, first, inner, ExternalId=None, SourceIdentity="somebody-else")

        assert code == "AccessDenied"
        assert "sts:SetSourceIdentity" in message
        given = client(aws, "sts", first).assume_role(RoleArn=inner, RoleSessionName="hop")
        assert given["SourceIdentity"] == "netops-1"

    def test_the_next_role_must_allow_an_inherited_one(self, aws: EmbeddedAws, scene: Scene) -> None:
        inner = role(aws, "inner-mute", trusts=trust(f"arn:aws:iam::{CUSTOMER}:root", "")[:1])
        first = enter(aws, scene.netops, scene.support, SourceIdentity="netops-1")

        code, message = refused(enter, aws, first, inner, ExternalId=None)

        assert code == "AccessDenied"
        assert "sts:SetSourceIdentity" in message


class TestTags:
    """Session tags."""

    def test_both_sides_must_allow_them(self, aws: EmbeddedAws) -> None:
        mute = user(aws, PROVIDER, "mute-2", allow("sts:AssumeRole"))
        closed = role(aws, "no-tags", trusts=trust()[:1])
        loud = user(aws, PROVIDER, "loud-2", ENTERS)
        both = role(aws, "tags")
        tags = [{"Key": "ticket", "Value": "ABC-123"}]

        for keys, arn in ((mute, both), (loud, closed)):
            code, message = refused(enter, aws, keys, arn, Tags=tags)
            assert code == "AccessDenied"
            assert f"is not authorized to perform: sts:TagSession on resource: {arn}" in message
        assert enter(aws, loud, both, Tags=tags)

    def test_they_become_principal_tags_and_hide_those_of_the_role(self, aws: EmbeddedAws, scene: Scene) -> None:
        only_red = allow("s3:ListAllMyBuckets", Condition={"StringEquals": {"aws:PrincipalTag/colour": "red"}})
        arn = role(aws, "coloured", only_red, Tags=[{"Key": "Colour", "Value": "red"}])

        blue = enter(aws, scene.netops, arn, Tags=[{"Key": "colour", "Value": "blue"}])

        assert refused(list_buckets, scene, blue)[0] == "AccessDenied"
        assert list_buckets(scene, enter(aws, scene.netops, arn))

    def test_transitive_ones_go_on_and_cannot_be_replaced(self, aws: EmbeddedAws, scene: Scene) -> None:
        inner_trust = trust(f"arn:aws:iam::{CUSTOMER}:root", "")
        inner_trust[0]["Condition"] = {"StringEquals": {"aws:PrincipalTag/ticket": "ABC-123"}}
        inner = role(aws, "inner-tags", trusts=inner_trust)
        marks = {"Tags": [{"Key": "ticket", "Value": "ABC-123"}], "TransitiveTagKeys": ["ticket"]}
        first = enter(aws, scene.netops, scene.support, **marks)

        other = {"Tags": [{"Key": "Ticket", "Value": "XYZ-9"}]}
        assert refused(enter, aws, first, inner, ExternalId=None, **other)[0] == "InvalidParameterValue"
        assert refused(enter, aws, enter(aws, scene.netops, scene.support), inner, ExternalId=None)[0] == "AccessDenied"
        second = enter(aws, first, inner, ExternalId=None)
        assert identity(aws, second).endswith("assumed-role/inner-tags/netops-1")
