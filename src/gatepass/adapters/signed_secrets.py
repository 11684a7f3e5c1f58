"""The provider's two secret stores in AWS, read without boto3; what is written goes the long way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from gatepass.adapters.aws_words import in_words, name_missing_right
from gatepass.adapters.http_exchange import Answer
from gatepass.adapters.signed_client import Refusal, SignedClient
from gatepass.adapters.signed_tokens import SignedTokens
from gatepass.domain.errors import AccessRefused, GatepassError, NotAnswered
from gatepass.domain.kept_secrets import SECRETS_PATH, demand_secret_name, tens
from gatepass.ports.secrets import SecretStore

# AWS has said both; the name is not free, and nothing can be read there.
_DELETED = ("marked for deletion", "marked deleted")


class _SignedStore:
    """What the two have in common: they are asked in JSON, and everything but reading is left to the store of boto3."""

    def __init__(self, client: SignedClient, whole: Callable[[], SecretStore]) -> None:
        """Read as the client; ``whole`` makes the store that also writes."""
        self._client, self._whole = client, whole

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        self._whole().put(name, value)

    def delete(self, name: str) -> None:
        """Forget the secret."""
        self._whole().delete(name)

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names of the secrets that lie under the prefix, without reading any secret."""
        return self._whole().names(prefix)

    def _in_words(self, service: str) -> str:
        return f"{service} of account {SignedTokens(self._client).caller().account} in {self._client.region}"

    def _asked(self, service: str, target: str, request: dict[str, object], path: str) -> dict[str, object] | Refusal:
        action = target.partition(".")[2]
        subject = f"{service}:{action} on {path}"
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
        answer = self._client.call(service, headers, json.dumps(request).encode(), subject, _refusal_of)
        if isinstance(answer, Refusal):
            return answer
        found = _data(answer)
        if found is None:
            raise NotAnswered(
                f"what answers to {subject} is not AWS",
                why="its answer is not in the service's form",
                next_step="look at AWS_ENDPOINT_URL, and at what stands between here and AWS",
            )
        return found


class SignedParameters(_SignedStore):
    """Parameters of AWS Systems Manager, as ``secret_ssm`` keeps them."""

    _may_read_together = True

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, by name: ten with each call, or one by one where that is all."""
        for name in names:
            demand_secret_name(name)
        if self._may_read_together:
            try:
                return {name: value for ten in tens(names) for name, value in self._together(ten)}
            except AccessRefused:
                # Who was given rights by an earlier version may read each, and not several at once.
                self._may_read_together = False
        return {name: value for name in names if (value := self.get(name)) is not None}

    def _together(self, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        request = {"Names": [f"/{SECRETS_PATH}{name}" for name in names], "WithDecryption": True}
        answer = self._asked("ssm", "AmazonSSM.GetParameters", request, f"/{SECRETS_PATH}*")
        if isinstance(answer, Refusal):
            raise _refused(answer, "ssm:GetParameters", f"/{SECRETS_PATH}*")
        listed = answer.get("Parameters")
        for found in listed if isinstance(listed, list) else ():
            yield str(found["Name"]).removeprefix(f"/{SECRETS_PATH}"), str(found["Value"])

    @cached_property
    def title(self) -> str:
        """Where the secrets lie."""
        return self._in_words("SSM Parameter Store")

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        demand_secret_name(name)
        path = f"/{SECRETS_PATH}{name}"
        answer = self._asked("ssm", "AmazonSSM.GetParameter", {"Name": path, "WithDecryption": True}, path)
        if isinstance(answer, Refusal):
            if answer.code == "ParameterNotFound":
                return None
            raise _refused(answer, "ssm:GetParameter", path)
        found = answer.get("Parameter")
        value = found.get("Value") if isinstance(found, dict) else None
        return str(value) if value is not None else None


class SignedManager(_SignedStore):
    """Secrets of AWS Secrets Manager, as ``secret_manager`` keeps them."""

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    @cached_property
    def title(self) -> str:
        """Where the secrets lie."""
        return self._in_words("AWS Secrets Manager")

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name or it is being deleted."""
        demand_secret_name(name)
        path = SECRETS_PATH + name
        answer = self._asked("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": path}, path)
        if isinstance(answer, Refusal):
            is_deleted = answer.code == "InvalidRequestException" and any(words in answer.message for words in _DELETED)
            if answer.code == "ResourceNotFoundException" or is_deleted:
                return None
            raise _refused(answer, "secretsmanager:GetSecretValue", path)
        value = answer.get("SecretString")
        return str(value) if value is not None else None


def _refused(refusal: Refusal, action: str, path: str) -> GatepassError:
    error = in_words(refusal.code, refusal.message, f"{action} on {path}")
    name_missing_right(error, action)
    return error


def _refusal_of(answer: Answer) -> Refusal:
    found = _data(answer) or {}
    kind = str(found.get("__type") or answer.headers.get("x-amzn-errortype") or f"HTTP {answer.status}")
    # AWS JSON protocol: the type may stand behind a name space, and before a link.
    code = kind.rpartition("#")[2].partition(":")[0]
    return Refusal(code, str(found.get("message") or found.get("Message") or ""))


def _data(answer: Answer) -> dict[str, object] | None:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
