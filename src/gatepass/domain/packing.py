"""Many customers' roles, packed into as few policies as AWS's quotas ask, exactly and without moving what stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from gatepass.domain.documents import Document
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing_bins import Account, Bin, Form, Tails, entries_of, tails_by_account
from gatepass.domain.packing_fill import Filling
from gatepass.domain.packing_form import read, written

# What the source identity must be: the name of the IAM user who calls.
USER_NAME = "${aws:username}"
_VARIABLE = re.compile(r"\$\{aws:(username|PrincipalTag/[\w.:/=+@-]{1,128})\}", re.ASCII)
_NONE: Tails = frozenset()


@dataclass(frozen=True, slots=True)
class PolicySizes:
    """What one group, role, user or permission set can hold.

    Attributes:
        largest: the most characters of one document, white space not counted.
        most: how many documents.
    """

    largest: int
    most: int


# "IAM and AWS STS quotas", IAM User Guide.
GROUP_MANAGED = PolicySizes(6_144, 10)
ROLE_MANAGED = PolicySizes(6_144, 10)
USER_MANAGED = PolicySizes(6_144, 10)
# "IAM Identity Center quotas": the inline policy, and the customer managed policies that it attaches by name.
PERMISSION_SET_INLINE = PolicySizes(10_240, 1)
PERMISSION_SET_MANAGED = PolicySizes(6_144, 20)


@dataclass(frozen=True, slots=True)
class Overflow:
    """The roles need more documents than may be attached.

    Attributes:
        needed: how many documents they need.
        allowed: how many there may be.
    """

    needed: int
    allowed: int

    @property
    def shards(self) -> int:
        """Over how many groups, roles or permission sets the documents can be spread."""
        return -(-self.needed // self.allowed)


@dataclass(frozen=True, slots=True)
class Packed:
    """The documents that let a team into exactly its roles.

    Attributes:
        slots: one for each document that stood, in their order, then the new ones; None where nothing is left to say.
        overflow: set when there are more documents than may be attached.
    """

    slots: tuple[Document | None, ...]
    overflow: Overflow | None = None

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that are to stand."""
        return tuple(each for each in self.slots if each is not None)


def principal_tag(key: str) -> str:
    """Return the demand that the source identity be a tag of the caller, such as Identity Center maps."""
    return f"${{aws:PrincipalTag/{key}}}"


def pack(
    roles: Collection[RoleArn],
    sizes: PolicySizes,
    *,
    standing: Sequence[Document] = (),
    own_name: str | None = USER_NAME,
    arns_only: bool = False,
) -> Packed:
    """Return documents that allow entering exactly these roles, changing as few of those that stand as possible.

    Without documents that stand, the same roles in any order give the same documents. With them, one
    customer more or less changes one document, unless there is room for him only once others move.

    Args:
        roles: what the team may enter.
        sizes: what the documents are attached to can hold.
        standing: the documents that stand now; their order is that of `Packed.slots`.
        own_name: what the source identity must be, `USER_NAME` or `principal_tag`; None when any will do.
        arns_only: write every ARN in full, for those who want no condition to carry the accounts.

    Raises:
        InvalidInput: the demand is no variable of these, or one role alone is too long for a document.
    """
    _demand_variable(own_name)
    form = Form(own_name, arns_only)
    kept = [_kept(document, form, sizes) for document in standing]
    wanted = tails_by_account(roles)
    stood = [dict(each.tails) for each in kept]
    left = _keep_wanted(kept, wanted, sizes)
    bins = _with_room(kept, left, sizes, form)
    # What says the same stays as it stands, to the letter.
    unchanged = [each.tails == tails for each, tails in zip(bins, stood, strict=False)]
    slots = tuple(
        (document if same else written(each.layout())) if each.tails else None
        for each, same, document in zip_longest(bins, unchanged, standing)
    )
    needed = sum(each is not None for each in slots)
    return Packed(slots, Overflow(needed, sizes.most) if needed > sizes.most else None)


def roles_of(documents: Iterable[Document]) -> frozenset[RoleArn]:
    """Return the roles that documents of ours let a team into; what is not wholly of our form counts for nothing."""
    layouts = [read(document) for document in documents]
    return frozenset[RoleArn]().union(*(layout.roles for layout in layouts if layout is not None))


def _demand_variable(own_name: str | None) -> None:
    if own_name is not None and not _VARIABLE.fullmatch(own_name):
        raise InvalidInput(
            f"{own_name!r} cannot be what a source identity must equal",
            why="the name has to come from AWS, not from the caller: a user's name or a tag of the principal",
            next_step="use ${aws:username} or ${aws:PrincipalTag/<key>}",
        )


def _kept(document: Document, form: Form, sizes: PolicySizes) -> Bin:
    """Return what stands; a document of another form or size counts as empty, so that it is written anew."""
    layout = read(document)
    is_other = layout is None or layout.own_name != form.own_name or (form.arns_only and bool(layout.blocks))
    if layout is None or is_other or document.size > sizes.largest:
        return Bin(form, is_changed=True)
    kept = Bin(form)
    for account, tails in entries_of(layout).items():
        kept.put(account, tails)
    return kept


def _keep_wanted(kept: Sequence[Bin], wanted: Mapping[Account, Tails], sizes: PolicySizes) -> dict[Account, Tails]:
    """Take out what is not wanted, or stands twice; return what is wanted and stands nowhere."""
    left = dict(wanted)
    for each in kept:
        for account, tails in list(each.tails.items()):
            fitting = tails & left.get(account, frozenset())
            if fitting != tails:
                each.put(account, fitting)
                each.is_changed = True
            if fitting and each.size > sizes.largest:
                # Fewer roles can take more room: they no longer share the statement of those with all of them.
                each.put(account, _NONE)
                fitting = _NONE
            if fitting:
                left[account] -= fitting
    return {account: tails for account, tails in left.items() if tails}


def _with_room(kept: Sequence[Bin], left: Mapping[Account, Tails], sizes: PolicySizes, form: Form) -> list[Bin]:
    """Return the documents with what was left put in, emptying only so many as it takes to make room."""
    by_size = sorted((each for each in kept if each.tails), key=lambda each: each.size)
    bins = _filled(kept, [], left, sizes, form)
    if _count(bins) <= sizes.most:
        return bins
    all_anew = _filled(kept, by_size, left, sizes, form)
    if _count(all_anew) > sizes.most:
        return all_anew
    emptied = 1
    while emptied < len(by_size):
        bins = _filled(kept, by_size[:emptied], left, sizes, form)
        if _count(bins) <= sizes.most:
            return bins
        emptied *= 2
    return all_anew


def _filled(
    kept: Sequence[Bin], emptied: Sequence[Bin], left: Mapping[Account, Tails], sizes: PolicySizes, form: Form
) -> list[Bin]:
    """Return the documents with some of them emptied, and all that is left over put in."""
    for each in emptied:
        left = _joined(left, each.tails)
    first = [place for place, each in enumerate(kept) if each in emptied]
    bins = [Bin(form, is_changed=True) if each in emptied else each.copy() for each in kept]
    filling = Filling(bins, sizes.largest, form, first)
    filling.put_all(left)
    return filling.bins


def _count(bins: Iterable[Bin]) -> int:
    return sum(bool(each.tails) for each in bins)


def _joined(some: Mapping[Account, Tails], others: Mapping[Account, Tails]) -> dict[Account, Tails]:
    return {account: some.get(account, _NONE) | others.get(account, _NONE) for account in {**some, **others}}
