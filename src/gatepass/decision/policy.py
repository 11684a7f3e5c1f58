"""Policies, parsed and compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.decision.grammar import MalformedPolicy, PolicyKind, as_json, malformed, read_document, statement_trees
from gatepass.decision.statement import Statement, compile_statement

__all__ = ["MalformedPolicy", "Policy", "PolicyKind", "Statement", "parse_policy"]


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy document, compiled; two are equal when their documents say the same.

    Attributes:
        name: what people call it; may be empty.
        kind: what it is attached to.
        document: the document as JSON with sorted keys; it may hold external IDs.
        statements: in the order of the document.
        denies: the statements that deny.
        allows: the statements that allow.
    """

    name: str
    kind: PolicyKind
    document: str = field(repr=False)
    statements: tuple[Statement, ...] = field(compare=False)
    denies: tuple[Statement, ...] = field(init=False, repr=False, compare=False)
    allows: tuple[Statement, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "denies", tuple(each for each in self.statements if each.effect == "Deny"))
        object.__setattr__(self, "allows", tuple(each for each in self.statements if each.effect == "Allow"))

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}" if self.name else f"the {self.kind.value}"


def parse_policy(
    document: str | Mapping[str, object], kind: PolicyKind = PolicyKind.IDENTITY, name: str = ""
) -> Policy:
    """Parse and compile a policy, refusing what AWS would refuse to save.

    Raises:
        MalformedPolicy: the document breaks the grammar of its kind.
    """
    try:
        return _parse(document, kind, name)
    except MalformedPolicy as error:
        title = f"{kind.value} {name}" if name else kind.value
        # The first error's context may hold the document.
        raise MalformedPolicy(f"{title}: {error.what}", why=error.why, next_step=error.next_step) from None


def _parse(document: object, kind: PolicyKind, name: str) -> Policy:
    tree = read_document(document)
    # Without a Version AWS reads the 2008 language, which has no variables.
    variables = tree.get("Version") == "2012-10-17"
    statements = tuple(
        compile_statement(each, kind, position, place, variables=variables)
        for position, (place, each) in enumerate(statement_trees(tree), start=1)
    )
    sids = [each.sid for each in statements if each.sid]
    if len(set(sids)) < len(sids):
        raise malformed("Statement", "two statements have the same Sid")
    return Policy(name, kind, as_json(tree), statements)
