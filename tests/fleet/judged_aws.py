"""The AWS of many customers that asks itself at every call whether each role opens with what its provider holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.kept_secrets import SECRETS_PATH
from tests.fleet.rotation_stub import RotationAws, takes

_WRITES = ("UpdateAssumeRolePolicy", "PutSecretValue", "CreateSecret", "DeleteSecret")


@dataclass
class JudgedAws(RotationAws):
    """Whoever writes, and however often: at no instant is a provider shut out.

    Attributes:
        lost: what was written when a role did not open with what the provider's store holds.
        judged: how many writes were looked at.
    """

    lost: list[str] = field(default_factory=list)
    judged: int = 0

    def answer(self, head: str, body: str) -> tuple[int, str]:
        """Return what AWS says, having looked at what that has changed."""
        answered = super().answer(head, body)
        for word in _WRITES:
            if word in head or word in body:
                self.judged += 1
                self.lost += [f"{name} after {word}" for name in self._shut_out()]
        return answered

    def _shut_out(self) -> list[str]:
        found = []
        for name, text in self.secrets.items():
            kept = parse_kept(text) if name.startswith(f"{SECRETS_PATH}netops/") else None
            if not isinstance(kept, KeptFactor) or kept.factor is None:
                continue
            account = self.accounts[str(kept.role.account)]
            given = kept.factor.external_id.reveal()
            if not all(takes(trust, given) for trust in account.effective(self.propagation)):
                found.append(name)
        return found
