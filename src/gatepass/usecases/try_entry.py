"""Learn whether a role opens with a second factor; only AWS's own refusal counts as a no."""

from __future__ import annotations

from gatepass.domain.errors import AccessRefused, CredentialsRefused
from gatepass.domain.identifiers import EngineerName, ExternalId, RoleArn
from gatepass.domain.limits import VERIFIER
from gatepass.domain.session import SHORTEST_SESSION, Entry
from gatepass.ports.sessions import TokenService

_AS_VERIFIER = EngineerName(VERIFIER)
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException"})


def opens(role: RoleArn, external_id: ExternalId | None, verifier: TokenService) -> bool:
    """Say whether the role lets the verifier in.

    Raises:
        CredentialsRefused: AWS does not accept the verifier's credentials, which says nothing about the role.
        NotAnswered: AWS did not answer, which says nothing either.
        GatepassError: AWS could not do it.
    """
    try:
        verifier.enter(Entry(role, _AS_VERIFIER, SHORTEST_SESSION, external_id))
    except CredentialsRefused:
        raise
    except AccessRefused as refusal:
        if refusal.code not in _REFUSED:
            raise
        return False
    return True
