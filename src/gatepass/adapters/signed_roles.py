"""AWS IAM as far as a rotation goes: one role's switch at a time, asked without boto3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from gatepass.adapters.aws_words import in_words
from gatepass.adapters.http_exchange import Answer
from gatepass.adapters.signed_client import Refusal, SignedClient
from gatepass.adapters.signed_tokens import form_body
from gatepass.domain.change import Change, DeleteInline, PutInline, ReplaceTrust, TagRole
from gatepass.domain.documents import Document, document
from gatepass.domain.errors import NotAnswered
from gatepass.domain.identifiers import RoleArn, RoleName
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.ports.roles import StandingRole

_VERSION = "2010-05-08"
_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_GONE = frozenset({"NoSuchEntity"})
# IAM: two writes at once, or one on what was made just now; it says itself to try again.
_IN_THE_WAY = frozenset({"ConcurrentModification", "EntityTemporarilyUnmodifiable"})


class SignedRoles:
    """The roles of the account that the client's credentials belong to."""

    def __init__(self, client: SignedClient) -> None:
        """Use the credentials of the client, whose Region is the one that IAM is asked in."""
        self._client = client

    def standing_role(self, name: RoleName) -> StandingRole | None:
        """Return the role as it stands now, by GetRole and GetRolePolicy."""
        answer = self._asked("GetRole", name, {})
        if answer is None:
            return None
        found = _element(answer, "Role")
        switch = self._asked("GetRolePolicy", name, {"PolicyName": SWITCH_POLICY})
        inline = {} if switch is None else {SWITCH_POLICY: _document(_element(switch, "GetRolePolicyResult"))}
        role = Role(
            name=RoleName(_text(found, "RoleName")),
            trust=_document(found),
            session_limit=timedelta(seconds=int(_text(found, "MaxSessionDuration"))),
            path=_text(found, "Path"),
            inline=inline,
            tags={_text(tag, "Key"): tag.findtext("{*}Value") or "" for tag in found.iterfind("{*}Tags/{*}member")},
        )
        return StandingRole(RoleArn(_text(found, "Arn")), role, _aws_time(answer))

    def make(self, change: Change) -> None:
        """Make one of the changes that a switch consists of, which is one call."""
        match change:
            case ReplaceTrust(name, trust):
                self._done("UpdateAssumeRolePolicy", name, {"PolicyDocument": trust.text})
            case PutInline(name, policy_name, text):
                self._done("PutRolePolicy", name, {"PolicyName": policy_name, "PolicyDocument": text.text})
            case DeleteInline(name, policy_name):
                self._asked("DeleteRolePolicy", name, {"PolicyName": policy_name})
            case TagRole(name, tags):
                self._done("TagRole", name, _tag_members(tags))
            case _:
                raise TypeError(f"a switch has no {type(change).__name__}")

    def _done(self, action: str, name: RoleName, parameters: Mapping[str, str]) -> None:
        if self._asked(action, name, parameters) is None:
            raise in_words("NoSuchEntity", f"the role {name} cannot be found", f"iam:{action} for {name}")

    def _asked(self, action: str, name: RoleName, parameters: Mapping[str, str]) -> Answer | None:
        """Return the answer, or None when there is no such thing."""
        subject = f"iam:{action} for {name}"
        body = form_body({"Action": action, "Version": _VERSION, "RoleName": str(name), **parameters})
        answer = self._client.call("iam", _FORM, body, subject, _refusal_of)
        if not isinstance(answer, Refusal):
            return answer
        if answer.code in _GONE:
            return None
        if answer.code in _IN_THE_WAY:
            raise NotAnswered(
                f"AWS could not do {subject} just now",
                why=f"{answer.code}: {answer.message}",
                next_step="run the command again; it goes on from where it was",
            )
        # A malformed document would be quoted, and may hold an external ID.
        message = answer.message if answer.code != "MalformedPolicyDocument" else "the policy is not one that IAM takes"
        raise in_words(answer.code, message, subject)


def _tag_members(tags: Mapping[str, str]) -> dict[str, str]:
    return {
        f"Tags.member.{place}.{part}": text
        for place, tag in enumerate(sorted(tags.items()), 1)
        for part, text in zip(("Key", "Value"), tag, strict=True)
    }


def _element(answer: Answer, name: str) -> ET.Element:
    try:
        # Over TLS from AWS; expat itself refuses entities that grow.
        root = ET.fromstring(answer.body)  # noqa: S314
    except ET.ParseError:
        raise _not_iam(name) from None
    found = root.find(f".//{{*}}{name}")
    if found is None:
        raise _not_iam(name)
    return found


def _text(element: ET.Element, name: str) -> str:
    found = element.findtext(f"{{*}}{name}")
    if found is None:
        raise _not_iam(name)
    return found


def _document(element: ET.Element) -> Document:
    """Return the policy in the element; IAM writes it as a URL would carry it (RFC 3986)."""
    text = element.findtext("{*}AssumeRolePolicyDocument") or element.findtext("{*}PolicyDocument") or ""
    try:
        tree = json.loads(unquote(text))
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        raise _not_iam("policy document")
    return document(tree)


def _aws_time(answer: Answer) -> datetime:
    """Return AWS's clock from the Date header (RFC 9110, section 6.6.1)."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        raise _not_iam("Date") from None


def _refusal_of(answer: Answer) -> Refusal:
    try:
        root = ET.fromstring(answer.body)  # noqa: S314 - as above
    except ET.ParseError:
        return Refusal(f"HTTP {answer.status}", "")
    code = root.findtext(".//{*}Error/{*}Code")
    return Refusal(code or f"HTTP {answer.status}", root.findtext(".//{*}Error/{*}Message") or "")


def _not_iam(missing: str) -> NotAnswered:
    return NotAnswered(
        "what answers in place of IAM is not IAM",
        why=f"there is no {missing} in its answer",
        next_step="look at AWS_ENDPOINT_URL, and at what stands between here and AWS",
    )
