"""The principals that stored policies name: they must exist, and a deleted one is never found again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from moto.s3.models import s3_backends

from gatepass.sandbox.memory.moto_iam import all_iams, existing_iam_of
from gatepass.sandbox.memory.unique_ids import account_of
from gatepass.sandbox.wire.refusals import Refusal, service_error

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:(?:iam|sts)::(?P<account>\d{12}):"
    r"(?P<rest>root|user/.+|role/.+|assumed-role/(?P<session_role>[^/]+)/.+|federated-user/.+)",
    re.ASCII,
)
_UNIQUE_ID = re.compile(r"A(?:ROA|IDA)[A-Z0-9]{12,}", re.ASCII)


def check_principals(document: str, code: str = "MalformedPolicyDocument") -> None:
    """Check that every user and role that a policy names exists; any account does.

    Raises:
        Refusal: one does not.
    """
    for name in named_principals(json.loads(document)):
        if not _exists(name):
            raise invalid_principal(name, code)


def invalid_principal(name: str, code: str) -> Refusal:
    """Return the refusal of a policy that names a principal that does not exist."""
    return service_error(code, f'Invalid principal in policy: "AWS":"{name}"')


def named_principals(document: object) -> Iterator[str]:
    """Return every AWS principal of a policy."""
    for element in _elements(document):
        names = element.get("AWS", [])
        yield from (name for name in (names if isinstance(names, list) else [names]) if isinstance(name, str))


def replace_principal(old: str, new: str) -> None:
    """Replace a principal in every stored policy that names it.

    AWS stores a user's or role's unique ID and shows the ARN. Once it is deleted, the policy shows the ID,
    and one that is made again under the same ARN is not meant; a renamed user goes on being meant.
    """
    for iam in all_iams():
        for role in iam.roles.values():
            if old in (role.assume_role_policy_document or ""):
                role.assume_role_policy_document = _replaced(role.assume_role_policy_document, old, new)
    for accounts in list(s3_backends.values()):
        for backend in list(accounts.values()):
            for bucket in backend.buckets.values():
                policy = (bucket.policy or b"").decode()
                if old in policy:
                    bucket.policy = _replaced(policy, old, new).encode()


def _exists(name: str) -> bool:
    if name == "*" or _ACCOUNT.fullmatch(name):
        return True
    if _UNIQUE_ID.fullmatch(name):
        iam = existing_iam_of(account_of(name) or "")
        return iam is not None and (name in iam.roles or any(user.id == name for user in iam.users.values()))
    match = _PRINCIPAL.fullmatch(name)
    return match is not None and (match["rest"].startswith(("root", "federated-user/")) or _entity_exists(name, match))


def _entity_exists(name: str, match: re.Match[str]) -> bool:
    iam = existing_iam_of(match["account"])
    if iam is None:
        return False
    if match["session_role"] is not None:
        return any(role.name == match["session_role"] for role in iam.roles.values())
    entities = iam.users.values() if match["rest"].startswith("user/") else iam.roles.values()
    return any(entity.arn == name for entity in entities)


def _elements(document: object) -> Iterator[dict[str, object]]:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        for name in ("Principal", "NotPrincipal"):
            element = statement.get(name) if isinstance(statement, dict) else None
            if isinstance(element, dict):
                yield element


def _replaced(document: str, old: str, new: str) -> str:
    tree = json.loads(document)
    for element in _elements(tree):
        names = element.get("AWS", [])
        element["AWS"] = (
            [new if name == old else name for name in names]
            if isinstance(names, list)
            else (new if names == old else names)
        )
    return json.dumps(tree)
