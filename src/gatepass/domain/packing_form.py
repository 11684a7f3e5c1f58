"""How a team's roles are written into one policy document, and read back from it.

Roles are written as names x accounts where many accounts have roles of the same names, and as full
ARNs elsewhere. Names carry ``????????????`` for the account: a star there would also match beyond
the colon, and so a role whose path the customer ended in ``:role/gatepass/``.

sts:TagSession does not carry sts:SourceIdentity, so one Allow that asks for it would refuse session
tags, and two would list every account twice. For roles under our path a Deny asks for it instead;
a role under another path may have namesakes that are none of our business, so it gets the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ROLE_PATH, RoleArn

ANY_ACCOUNT = "?" * 12
_ENTER = ["sts:AssumeRole", "sts:SetSourceIdentity"]
_TAG = "sts:TagSession"
_NAME_KEY = "sts:SourceIdentity"
_ACCOUNT_KEY = "aws:ResourceAccount"
_FENCE = "OwnNameOnly"
_DIGITS = re.compile(r"[0-9]{12}", re.ASCII)
_RESOURCE = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}|\?{12}):role(/.*)", re.ASCII)
# A role's path may hold what a Resource takes for a pattern or a variable; ${*}, ${?} and ${$} are the characters.
_SPECIAL = re.compile(r"[*?$]")
_ESCAPED = re.compile(r"\$\{([*?$])\}")


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Roles that can share a statement.

    Attributes:
        is_ours: whether they stand under our path, where the fence asks for the source identity.
    """

    partition: str
    is_ours: bool


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Every one of some roles in every one of some accounts.

    Attributes:
        tails: paths and names together, such as ``/gatepass/support``, sorted.
        accounts: their digits, sorted.
    """

    kind: Kind
    tails: tuple[str, ...]
    accounts: tuple[str, ...]

    @property
    def roles(self) -> Iterable[RoleArn]:
        """The roles that it stands for."""
        partition = self.kind.partition
        return (RoleArn(f"arn:{partition}:iam::{each}:role{tail}") for each in self.accounts for tail in self.tails)


@dataclass(frozen=True, slots=True)
class Layout:
    """What one document says.

    Attributes:
        blocks: what is written as names x accounts.
        arns: what is written as full ARNs.
        own_name: what the source identity must be; None when any will do.
    """

    blocks: tuple[Block, ...]
    arns: frozenset[RoleArn]
    own_name: str | None

    @property
    def roles(self) -> frozenset[RoleArn]:
        """Every role that the document lets somebody into."""
        return self.arns.union(*(block.roles for block in self.blocks))


def kind_of(role: RoleArn) -> Kind:
    """Return with which roles a role can share a statement."""
    return Kind(str(role.partition), role.path.startswith(ROLE_PATH))


def tail_of(role: RoleArn) -> str:
    """Return a role's path and name together."""
    return f"{role.path}{role.name}"


def resource(partition: str, account: str, tail: str) -> str:
    """Return the Resource of a role, with every special character of its path made plain."""
    return f"arn:{partition}:iam::{account}:role" + _SPECIAL.sub(lambda found: f"${{{found[0]}}}", tail)


def written(layout: Layout) -> Document:
    """Return the document of a layout."""
    statements: list[dict[str, object]] = []
    for block in sorted(layout.blocks):
        names = [resource(block.kind.partition, ANY_ACCOUNT, tail) for tail in block.tails]
        statements += allowing(block.kind, layout.own_name, names, block.accounts)
    kinds = {block.kind for block in layout.blocks} | {kind_of(role) for role in layout.arns}
    for kind in sorted(kinds):
        arns = [role for role in layout.arns if kind_of(role) == kind]
        if arns:
            full = [resource(kind.partition, str(role.account), tail_of(role)) for role in arns]
            statements += allowing(kind, layout.own_name, full)
    fenced = sorted({kind.partition for kind in kinds if kind.is_ours})
    return policy(*statements, *([fence(layout.own_name, fenced)] if fenced else []))


def allowing(
    kind: Kind, own_name: str | None, resources: Iterable[str], accounts: Iterable[str] = ()
) -> list[dict[str, object]]:
    """Return what allows entering these resources, of these accounts where any are given."""
    named = {_ACCOUNT_KEY: list(accounts)}
    equals: dict[str, object] = {key: value for key, value in named.items() if value}
    if kind.is_ours:
        return [_allow([*_ENTER, _TAG], resources, {"StringEquals": equals})]
    like: dict[str, object] = {} if own_name else {_NAME_KEY: "?*"}
    own: dict[str, object] = {_NAME_KEY: own_name} if own_name else {}
    return [
        _allow(_ENTER, resources, {"StringEquals": equals | own, "StringLike": like}),
        _allow([_TAG], resources, {"StringEquals": equals}),
    ]


def _allow(
    actions: list[str], resources: Iterable[str], conditions: Mapping[str, Mapping[str, object]]
) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
    asked = {operator: keys for operator, keys in conditions.items() if keys}
    return statement | ({"Condition": asked} if asked else {})


def fence(own_name: str | None, partitions: Iterable[str]) -> dict[str, object]:
    """Return the Deny of entering a role of ours under no name, or under somebody else's."""
    named = {"StringNotEquals": {_NAME_KEY: own_name}} if own_name else {"Null": {_NAME_KEY: "true"}}
    return {
        "Sid": _FENCE,
        "Effect": "Deny",
        "Action": _ENTER,
        "Resource": [f"arn:{partition}:iam::*:role{ROLE_PATH}*" for partition in partitions],
        "Condition": named,
    }


def read(document: Document) -> Layout | None:
    """Return what a document of ours says, or None for one that is not wholly of this form."""
    blocks: list[Block] = []
    arns: set[RoleArn] = set()
    own_names: set[str | None] = set()
    for statement in document.statements:
        own_names.update(_asked_names(statement))
        if statement.get("Effect") != "Allow" or statement.get("Action") == _TAG:
            continue
        accounts = tuple(_texts(_condition(statement, "StringEquals").get(_ACCOUNT_KEY, [])))
        parsed = [_RESOURCE.fullmatch(each) for each in _texts(statement.get("Resource"))]
        found = [match.groups() for match in parsed if match is not None]
        if accounts:
            tails = tuple(sorted(_ESCAPED.sub(r"\1", tail) for _, _, tail in found))
            is_ours = all(tail.startswith(ROLE_PATH) for tail in tails)
            kinds = [Kind(partition, is_ours) for partition in {each[0] for each in found}]
            blocks += [Block(kind, tails, accounts) for kind in kinds]
        else:
            arns |= set(_full_arns(found))
    layout = Layout(tuple(sorted(blocks)), frozenset(arns), next(iter(own_names), None))
    return layout if len(own_names) == 1 and _is_written_so(layout, document) else None


def _asked_names(statement: Mapping[str, object]) -> Iterator[str | None]:
    """Yield the source identity that a statement asks for, None for any; nothing where it asks for none."""
    equals = _condition(statement, "StringEquals") | _condition(statement, "StringNotEquals")
    if _NAME_KEY in equals:
        yield str(equals[_NAME_KEY])
    if _NAME_KEY in _condition(statement, "Null") | _condition(statement, "StringLike"):
        yield None


def _is_written_so(layout: Layout, document: Document) -> bool:
    """Say whether the document is exactly how the layout is written, so that nothing else hides in it."""
    return written(layout) == document and all(_is_sound(block) for block in layout.blocks)


def _is_sound(block: Block) -> bool:
    """Say whether every name could be a role's, and every account is one."""
    try:
        named = tuple(Block(block.kind, block.tails, block.accounts[:1]).roles)
    except InvalidInput:
        return False
    return bool(named) and all(_DIGITS.fullmatch(each) for each in block.accounts)


def _full_arns(found: Iterable[tuple[str, ...]]) -> Iterator[RoleArn]:
    for partition, account, tail in found:
        plain = _ESCAPED.sub(r"\1", tail)
        try:
            yield RoleArn(f"arn:{partition}:iam::{account}:role{plain}")
        except InvalidInput:
            continue


def _condition(statement: Mapping[str, object], operator: str) -> dict[str, object]:
    condition = statement.get("Condition")
    keys = condition.get(operator) if isinstance(condition, dict) else None
    return keys if isinstance(keys, dict) else {}


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]
