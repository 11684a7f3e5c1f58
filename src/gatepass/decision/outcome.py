"""What a decision can be, and where in the evaluation it can fall."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gatepass.decision.policy import Policy
from gatepass.decision.statement import Statement


class Outcome(Enum):
    """What AWS would answer."""

    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"


class Stage(Enum):
    """Where in the evaluation a decision fell."""

    ALWAYS_ALLOWED = "an action that AWS never refuses"
    EXPLICIT_DENY = "a statement that denies"
    OTHER_PARTITION = "a resource of another partition"
    UNSIGNED = "an unsigned request to a service that takes none"
    ROOT_ASSUMES_ROLE = "a root user who assumes a role"
    FEDERATED_CALLS_STS = "a federated user who calls STS"
    SERVICE_CONTROL = "a level of service control policies without an Allow"
    ENDPOINT = "a VPC endpoint policy without an Allow"
    RESOURCE = "a resource policy without an Allow"
    IDENTITY = "identity policies without an Allow"
    BOUNDARY = "a permissions boundary without an Allow"
    SESSION = "session policies without an Allow"
    GRANTED = "an Allow in every layer that is needed"


@dataclass(frozen=True, slots=True)
class Step:
    """A statement that decided, with its policy and, in an organisation, the level where that is attached."""

    policy: Policy
    statement: Statement
    level: str = ""
