"""Policy documents, parsed once and remembered by their text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.sandbox.wire.refusals import Fault, Refusal


@lru_cache(maxsize=8192)
def parse(document: str, kind: PolicyKind, name: str) -> Policy:
    """Parse a policy.

    Raises:
        MalformedPolicy: AWS would refuse to save it.
    """
    return parse_policy(document, kind, name)


def parsed(document: object, kind: PolicyKind, name: str) -> Policy:
    """Return a stored policy, as text or as moto's CloudFormation leaves it.

    Raises:
        Refusal: it is malformed; nothing is decided by half a set of policies.
    """
    text = json.dumps(document) if isinstance(document, Mapping) else document
    try:
        return parse(text if isinstance(text, str) else "", kind, name)
    except MalformedPolicy as error:
        raise Refusal(Fault.ACCESS_DENIED, f"The stored policy {name} is malformed: {error.what}") from None
