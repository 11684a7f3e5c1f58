"""The condition keys that AWS derives from a request, its caller and its resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from gatepass.sandbox.rights.iam_resources import tags_of
from gatepass.sandbox.rights.organizations import membership_of
from gatepass.sandbox.rights.principals import Caller
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation

Keys = dict[str, str | tuple[str, ...]]

# Where operations carry the tags that they set, and the keys of those they remove.
_TAGS = ("Tags", "tags", "TagList", "TagSet", "TagsToAdd")
_TAG_KEYS = ("TagKeys", "tagKeys", "TagsToRemove")


def caller_keys(caller: Caller) -> Keys:
    """Return the keys that tell who asks."""
    keys: Keys = {
        "aws:PrincipalArn": caller.principal_arn,
        "aws:PrincipalAccount": caller.account,
        "aws:PrincipalType": _principal_type(caller),
        "aws:userid": caller.user_id,
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
    }
    if caller.entity is not None:
        if not caller.is_role_session and not caller.is_federated:
            keys["aws:username"] = caller.entity.name
        for tag, value in tags_of(caller.entity).items():
            keys[f"aws:PrincipalTag/{tag}"] = value
    session = caller.session
    if session is not None:
        # Session tags hide those of the role, whatever the case of their names.
        hidden = {f"aws:principaltag/{tag}".lower() for tag in session.tags}
        keys = {key: value for key, value in keys.items() if key.lower() not in hidden}
        keys |= {f"aws:PrincipalTag/{tag}": value for tag, value in session.tags.items()}
        keys["aws:TokenIssueTime"] = instant(session.issued)
        keys["aws:MultiFactorAuthPresent"] = "true" if session.has_second_factor else "false"
        if session.source_identity is not None:
            keys["aws:SourceIdentity"] = session.source_identity
    if (membership := membership_of(caller.account)) is not None:
        keys["aws:PrincipalOrgID"] = membership.organisation_id
        keys["aws:PrincipalOrgPaths"] = (membership.path_text,)
    return keys


def request_keys(call: Call, operation: Operation, region: str, now: datetime) -> Keys:
    """Return the keys that tell what is asked, from where and when."""
    keys: Keys = {
        "aws:CurrentTime": instant(now),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SourceIp": call.source_ip,
        # The loopback address stands for AWS's endpoint, which every client reaches by TLS.
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": region,
    }
    for header, key in (("user-agent", "aws:UserAgent"), ("referer", "aws:Referer")):
        if (value := call.header(header)) is not None:
            keys[key] = value
    tags = {tag: value for name in _TAGS for tag, value in operation.parameters.tags(name).items()}
    for specification in operation.parameters.structures("TagSpecification"):
        tags |= specification.tags("Tag")
    keys |= {f"aws:RequestTag/{tag}": value for tag, value in tags.items() if tag}
    tag_keys = tuple(tags) or tuple(key for name in _TAG_KEYS for key in operation.parameters.texts(name))
    if tag_keys:
        keys["aws:TagKeys"] = tag_keys
    return keys


def resource_keys(account: str) -> Keys:
    """Return the keys that tell whose resource it is."""
    if not account:
        return {}
    keys: Keys = {"aws:ResourceAccount": account}
    if (membership := membership_of(account)) is not None:
        keys["aws:ResourceOrgID"] = membership.organisation_id
        keys["aws:ResourceOrgPaths"] = (membership.path_text,)
    return keys


def instant(at: datetime) -> str:
    """Return a time the way condition keys carry it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def joined(parts: Iterable[Mapping[str, str | tuple[str, ...]]]) -> Keys:
    """Return all keys in one; of two names that differ only in case, the later counts."""
    keys: Keys = {}
    names: dict[str, str] = {}
    for part in parts:
        for name, value in part.items():
            keys.pop(names.get(name.lower(), ""), None)
            names[name.lower()] = name
            keys[name] = value
    return keys


def _principal_type(caller: Caller) -> str:
    if caller.is_role_session:
        return "AssumedRole"
    if caller.is_federated:
        return "FederatedUser"
    return "Account" if caller.is_root else "User"
