"""The roles that must exist, as another engine than ours shall make them: only the second factor is left open."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import ExternalId, GrantName, Partition, PolicyArn
from gatepass.domain.role import DIGEST_TAG, ENGINE_TAG, LIMITS_POLICY, Role
from gatepass.domain.trust import ENTER_WITH_OLD, closed_trust, instant_text, open_trust
from gatepass.domain.wanted import wanted_role

TERRAFORM = "terraform"
CLOUDFORMATION = "cloudformation"

# STS API Reference, AssumeRole: ExternalId. What every engine checks before it writes one into a trust.
EXTERNAL_ID_CHARACTERS = r"[\w+=,.@:/-]"
EXTERNAL_ID_PATTERN = EXTERNAL_ID_CHARACTERS + "{2,1224}"
INSTANT_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

Json = dict[str, object]

VERSION = "2012-10-17"
_ORDER = ("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource")

# Stands where the variable goes; it never reaches what is rendered.
_BLANK = ExternalId("blank")


@dataclass(frozen=True, slots=True)
class EngineRole:
    """One grant's role, with the door closed, and the statements that open it.

    Attributes:
        grant: what is declared.
        role: the role as the direct engine would make it but for its engine's tag, and closed.
        enter: the statement by which the provider enters; with a second factor its value is missing.
        label: the statement for session tags and source identity.
    """

    grant: Grant
    role: Role
    enter: Json = field(repr=False)
    label: Json = field(repr=False)

    def entered_with(self, external_id: object) -> Json:
        """Return the statement that lets in with this external ID; for a grant without one, with none."""
        return in_order(_with_id(self.enter, external_id) if self.grant.needs_second_factor else self.enter)

    def entered_with_old(self, external_id: object, until: object) -> Json:
        """Return the statement that lets in with the ID from before a rotation, until then."""
        entered = _with_id(self.enter, external_id)
        condition = entered["Condition"]
        if isinstance(condition, dict):
            condition["DateLessThan"] = {"aws:CurrentTime": until}
        return in_order({**entered, "Sid": ENTER_WITH_OLD})

    @property
    def opened(self) -> Json:
        """The trust of an open door of a grant without a second factor."""
        return {"Version": VERSION, "Statement": [self.entered_with(None), self.labelled]}

    @property
    def labelled(self) -> Json:
        """The statement for session tags and source identity."""
        return in_order(self.label)

    @property
    def window_end(self) -> str | None:
        """The end of the grant's window, as IAM reads it."""
        end = self.grant.window.end
        return instant_text(end) if end is not None else None


def engine_roles(
    declaration: Declaration, partition: Partition, policies: Mapping[str, PolicyArn], engine: str
) -> tuple[EngineRole, ...]:
    """Return the roles of the file in its order.

    Args:
        declaration: the file.
        partition: the partition of its account.
        policies: the ARN of each permission, by the words of the file.
        engine: whose the roles are, as their tag says it.

    Raises:
        Conflict: a grant keeps a role that stands already.
    """
    return tuple(_engine_role(declaration, grant, partition, policies, engine) for grant in declaration.grants)


def _engine_role(
    declaration: Declaration, grant: Grant, partition: Partition, policies: Mapping[str, PolicyArn], engine: str
) -> EngineRole:
    if grant.adopted is not None:
        raise Conflict(
            f"the grant {grant.name} keeps the role {grant.adopted}, which stands already",
            why=f"{engine} would try to make it a second time",
            next_step="take role: out of the grant, so that it gets a role of its own, or keep it with gatepass apply",
        )
    role = wanted_role(
        declaration,
        grant,
        partition,
        policies=frozenset(policies[word] for word in grant.permissions),
        trust=closed_trust(),
        customer_key=grant.customer_key if grant.needs_second_factor else None,
    )
    # The digest says what gatepass apply has applied; another engine compares for itself.
    tags = {key: text for key, text in role.tags.items() if key != DIGEST_TAG} | {ENGINE_TAG: engine}
    opened = open_trust(grant, partition, _BLANK if grant.needs_second_factor else None)
    enter, label = opened.statements
    return EngineRole(grant, replace(role, tags=tags), enter, label)


def _with_id(statement: Json, external_id: object) -> Json:
    entered = copy.deepcopy(statement)
    condition = entered["Condition"]
    if isinstance(condition, dict):
        condition["StringEquals"] = {"sts:ExternalId": external_id}
    return entered


def inline_documents(role: Role) -> Mapping[str, Json]:
    """Return the role's inline policies by name: the denials first, so that nothing is allowed before it is limited."""
    named = sorted(role.inline.items(), key=lambda item: (item[0] != LIMITS_POLICY, item[0]))
    return {name: document_in_order(document) for name, document in named}


def document_in_order(document: Document) -> Json:
    """Return the document with its keys in the order in which people read policies."""
    return in_order(document.data)


def in_order(value: Json) -> Json:
    """Return the document or statement with its keys in the order in which people read them."""
    first = {key: value[key] for key in _ORDER if key in value}
    ordered = first | {key: inner for key, inner in value.items() if key not in first}
    listed = ordered.get("Statement")
    if isinstance(listed, list):
        ordered["Statement"] = [in_order(each) if isinstance(each, dict) else each for each in listed]
    return ordered


def how_to_draw(grant: Grant) -> str:
    """Return a shell command that draws an external ID for the grant, for whoever has nothing but OpenSSL."""
    key = grant.customer_key or '"$(openssl rand -hex 8 | tr a-f A-F)"'
    return f"printf 'gp1.%s.%s\\n' {key} \"$(openssl rand -hex 16 | tr a-f A-F)\""


def names_of(roles: tuple[EngineRole, ...], *, with_factor: bool) -> list[GrantName]:
    """Return the grants that need a second factor, or those that need none."""
    return [each.grant.name for each in roles if each.grant.needs_second_factor is with_factor]
