"""AWS Secrets Manager read and written without boto3, for hours and by many threads."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence

from gatepass.adapters.aws_secret_place import DESCRIPTION, TAGS, path_of
from gatepass.adapters.aws_words import hide, in_words, name_missing_right
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.renewed_credentials import renewed, say_nothing
from gatepass.adapters.secret_manager import RECOVERY_DAYS
from gatepass.adapters.signed_client import Refusal, SignedClient
from gatepass.adapters.signed_secrets import SignedManager
from gatepass.domain.kept_secrets import demand_secret_value
from gatepass.domain.session import Credentials
from gatepass.ports.machine import Clock
from gatepass.ports.secrets import SecretStore

_Answer = Mapping[str, object] | Refusal


class _Asked(SignedManager):
    """One way to ask: by the connections that have their turn in reading, or in writing."""

    def __init__(
        self, credentials: Credentials, region: str, pool: ConnectionPool, whole: Callable[[], SecretStore]
    ) -> None:
        super().__init__(SignedClient(credentials, region, say_nothing, pool=pool), whole)

    def ask(self, action: str, request: dict[str, object], path: str) -> _Answer:
        """Return the answer, or the refusal."""
        return self._asked("secretsmanager", f"secretsmanager.{action}", request, path)


class RenewedManager:
    """Secrets of AWS Secrets Manager, as ``secret_manager`` keeps them."""

    def __init__(  # noqa: PLR0913, PLR0917 - whose, where, and at which paces
        self,
        credentials: Callable[[], Credentials],
        region: str,
        reads: ConnectionPool,
        writes: ConnectionPool,
        clock: Clock,
        whole: Callable[[], SecretStore],
    ) -> None:
        """Use what ``credentials`` returns, as long as it lasts; ``whole`` makes the store that also lists."""
        self._whole = whole
        self._reads = renewed(credentials, clock, lambda found: _Asked(found, region, reads, whole))
        self._writes = renewed(credentials, clock, lambda found: _Asked(found, region, writes, whole))

    @property
    def title(self) -> str:
        """Where the secrets lie."""
        return self._reads().title

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name or it is being deleted."""
        return self._reads().get(name)

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return self._reads().get_all(names)

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there; one that is being deleted is brought back first."""
        path = path_of(name)
        demand_secret_value(value)
        # The token makes a write that is repeated after a lost answer the same write:
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        held: dict[str, object] = {"SecretString": value, "ClientRequestToken": str(uuid.uuid4())}
        being_deleted = self._is_being_deleted(path)
        if being_deleted is None:
            new = {"Name": path, "Description": DESCRIPTION, "Tags": list(TAGS)}
            self._written("CreateSecret", {**new, **held}, path, value)
            return
        if being_deleted:
            self._written("RestoreSecret", {"SecretId": path}, path)
        self._written("PutSecretValue", {"SecretId": path, **held}, path, value)

    def delete(self, name: str) -> None:
        """Delete the secret; AWS forgets it after seven days, and shows it to nobody until then."""
        path = path_of(name)
        if self._is_being_deleted(path) is False:
            self._written("DeleteSecret", {"SecretId": path, "RecoveryWindowInDays": RECOVERY_DAYS}, path)

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix; AWS leaves out those that are being deleted."""
        return self._whole().names(prefix)

    def _is_being_deleted(self, path: str) -> bool | None:
        """Say whether the secret is scheduled for deletion, or None when there is no such secret."""
        answer = self._reads().ask("DescribeSecret", {"SecretId": path}, path)
        if isinstance(answer, Refusal) and answer.code == "ResourceNotFoundException":
            return None
        return _demand(answer, "DescribeSecret", path).get("DeletedDate") is not None

    def _written(self, action: str, request: dict[str, object], path: str, value: str = "") -> None:
        _demand(self._writes().ask(action, request, path), action, path, value)


def _demand(answer: _Answer, action: str, path: str, value: str = "") -> Mapping[str, object]:
    if not isinstance(answer, Refusal):
        return answer
    error = in_words(answer.code, answer.message, f"secretsmanager:{action} on {path}")
    name_missing_right(error, f"secretsmanager:{action}")
    # A parameter that AWS cannot read is quoted.
    hide(error, value)
    raise error
