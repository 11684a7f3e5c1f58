"""What a document that lets a team into roles allows, when it is read again from AWS, and less of it."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.documents import Document
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import PolicySizes, pack
from gatepass.domain.packing_form import read
from gatepass.domain.team_access import LARGEST_POLICY

_ONE_POLICY = PolicySizes(LARGEST_POLICY, 1)


@dataclass(frozen=True, slots=True)
class Reached:
    """What a document of ours allows.

    Attributes:
        roles: those that it lets into.
        own_name: what the source identity has to be; None where any will do.
    """

    roles: frozenset[RoleArn]
    own_name: str | None


def reach_of(document: Document) -> Reached | None:
    """Return what a document allows, or None for one that says anything else than ours do."""
    layout = read(document)
    return Reached(layout.roles, layout.own_name) if layout is not None else None


def is_arns_only(document: Document) -> bool:
    """Say whether a document of ours carries no account in a condition: what takes its place carries none either."""
    return "aws:ResourceAccount" not in document.text


def narrowed(document: Document, roles: frozenset[RoleArn]) -> Document | None:
    """Return one document that allows what this one does among the roles, or None when none can say it."""
    reached = reach_of(document)
    if reached is None or not reached.roles & roles:
        return None
    packed = pack(
        reached.roles & roles,
        _ONE_POLICY,
        standing=(document,),
        own_name=reached.own_name,
        arns_only=is_arns_only(document),
    )
    return packed.documents[0] if len(packed.documents) == 1 else None
