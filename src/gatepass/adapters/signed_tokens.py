"""AWS STS as the token service, asked without boto3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from gatepass.adapters.aws_words import carried_name, hide, in_words
from gatepass.adapters.http_exchange import Answer
from gatepass.adapters.signed_client import Refusal, SignedClient
from gatepass.domain.errors import GatepassError, NotAnswered
from gatepass.domain.identifiers import AccountId, EngineerName, RoleArn
from gatepass.domain.session import Caller, Credentials, Entry, Session

_VERSION = "2011-06-15"
_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
# Each byte as forms carry it.
_WRITTEN = tuple(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in range(256))
# The last one makes no new ones of the others.
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&amp;": "&"}


class SignedTokens:
    """One person's view of STS."""

    def __init__(self, client: SignedClient) -> None:
        """Use the credentials of the client."""
        self._client = client

    def caller(self) -> Caller:
        """Return whose credentials these are."""
        answer = self._asked("GetCallerIdentity", {}, "sts:GetCallerIdentity")
        return Caller(AccountId(_text(answer, "Account")), _text(answer, "Arn"))

    def enter(self, entry: Entry) -> Session:
        """Assume the role, with the engineer as session name and source identity."""
        try:
            answer = self._asked("AssumeRole", _parameters(entry), f"sts:AssumeRole on {entry.role}")
        except GatepassError as error:
            # STS quotes a parameter that it cannot read.
            hide(error, entry.external_id.reveal() if entry.external_id is not None else "")
            raise
        keys, expiry = _keys(answer)
        engineer = carried_name(_found(answer, "SourceIdentity"), entry) if entry.keeps_name else entry.engineer
        return Session(entry.role, engineer, expiry, keys)

    def keys_inside(self, role: RoleArn, engineer: EngineerName, duration: timedelta) -> Credentials:
        """Assume a role that trusts sts:AssumeRole alone, with the engineer as session name and no source identity."""
        form = {
            "RoleArn": str(role),
            "RoleSessionName": str(engineer),
            "DurationSeconds": str(int(duration.total_seconds())),
        }
        return _keys(self._asked("AssumeRole", form, f"sts:AssumeRole on {role}"))[0]

    def _asked(self, action: str, parameters: Mapping[str, str], subject: str) -> str:
        body = form_body({"Action": action, "Version": _VERSION, **parameters})
        answer = self._client.call("sts", _FORM, body, subject, xml_refusal)
        if isinstance(answer, Refusal):
            raise in_words(answer.code, answer.message, subject)
        return answer.body.decode("utf-8", "replace")


def form_body(form: Mapping[str, str]) -> bytes:
    """Return the form as the body of a request of AWS's query protocol."""
    return "&".join(f"{name}={_encoded(text)}" for name, text in form.items()).encode()


def _parameters(entry: Entry) -> dict[str, str]:
    found = {
        "RoleArn": str(entry.role),
        "RoleSessionName": str(entry.name or entry.engineer),
        "DurationSeconds": str(int(entry.duration.total_seconds())),
    }
    if not entry.keeps_name:
        found["SourceIdentity"] = str(entry.engineer)
    if entry.external_id is not None:
        found["ExternalId"] = entry.external_id.reveal()
    if entry.policy is not None:
        found["Policy"] = entry.policy.text
    for place, arn in enumerate(entry.policy_arns, 1):
        found[f"PolicyArns.member.{place}.arn"] = str(arn)
    for place, (key, value) in enumerate(entry.tags.items(), 1):
        found[f"Tags.member.{place}.Key"] = key
        found[f"Tags.member.{place}.Value"] = value
    return found


def xml_refusal(answer: Answer) -> Refusal:
    """Return the refusal that STS, IAM or S3 wrote."""
    text = answer.body.decode("utf-8", "replace")
    return Refusal(_found(text, "Code") or f"HTTP {answer.status}", _found(text, "Message") or "")


def _keys(answer: str) -> tuple[Credentials, datetime]:
    """Return the credentials in STS's answer, and until when they last."""
    expiry = datetime.fromisoformat(_text(answer, "Expiration")).astimezone(UTC)
    key_id, secret = _text(answer, "AccessKeyId"), _text(answer, "SecretAccessKey")
    return Credentials(key_id, secret, _text(answer, "SessionToken"), expiry), expiry


def _text(answer: str, name: str) -> str:
    """Return what stands in the element.

    Raises:
        NotAnswered: it is not there, so somebody else answered in place of STS.
    """
    found = _found(answer, name)
    if found is None:
        raise NotAnswered(
            "what answers in place of STS is not STS",
            why=f"there is no {name} in its answer",
            next_step="look at AWS_ENDPOINT_URL, and at what stands between here and AWS",
        )
    return found


def _found(answer: str, name: str) -> str | None:
    # STS writes plain elements without attributes, and escapes what others wrote.
    _, opened, rest = answer.partition(f"<{name}>")
    text, closed, _ = rest.partition(f"</{name}>")
    if not opened or not closed or "<" in text:
        return None
    if "&" in text:
        for entity, character in _ENTITIES.items():
            text = text.replace(entity, character)
    return text


def _encoded(text: str) -> str:
    """Return the text as forms carry it; AWS wants spaces as %20."""
    return "".join(map(_WRITTEN.__getitem__, text.encode()))
