"""Calls inside a customer's account that only read, made without boto3 to see that AWS refuses them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from gatepass.adapters.aws_endpoints import iam_region
from gatepass.adapters.aws_words import in_words
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.signed_client import Refusal, SignedClient
from gatepass.adapters.signed_tokens import form_body, xml_refusal
from gatepass.domain.errors import AccessRefused, CredentialsRefused
from gatepass.domain.identifiers import AccountId
from gatepass.domain.session import Session

_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_IAM_VERSION = "2010-05-08"
# S3 wants the digest of what is sent, which is nothing.
_NOTHING = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}


class SignedActTrial:
    """The two reads of ``AwsActTrial``, each signed by the session that is tried, from any thread."""

    def __init__(self, region: str, pool_of: Callable[[str, AccountId], ConnectionPool]) -> None:
        """Ask in the Region.

        Args:
            region: where S3 is asked; IAM has one place in each partition.
            pool_of: the connections for a family of calls in a customer's account; they hold nobody's credentials.
        """
        self._region, self._pool_of = region, pool_of

    def may_act(self, session: Session) -> bool:
        """Try them until one is allowed; what they return is not looked at."""
        role = {"Action": "GetRole", "Version": _IAM_VERSION, "RoleName": str(session.role.name)}
        return self._is_allowed(session, "iam", "iam:GetRole", _FORM, form_body(role)) or self._is_allowed(
            session, "s3", "s3:ListAllMyBuckets", _NOTHING, b"", method="GET"
        )

    def _is_allowed(  # noqa: PLR0913 - who asks, and the parts of a request
        self,
        session: Session,
        service: str,
        action: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        method: str = "POST",
    ) -> bool:
        region = iam_region(self._region) if service == "iam" else self._region
        pool = self._pool_of(service, session.role.account)
        client = SignedClient(session.credentials, region, _say_nothing, pool=pool)
        answer = client.call(service, headers, body, action, xml_refusal, method=method)
        if not isinstance(answer, Refusal):
            return True
        error = in_words(answer.code, answer.message, action)
        if isinstance(error, AccessRefused) and not isinstance(error, CredentialsRefused):
            return False
        raise error


def _say_nothing(words: str) -> None:
    """A clock that is off is told once by the command, not by a thousand units."""
    del words
