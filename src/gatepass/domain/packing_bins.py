"""One policy document while roles are put into it: how large it is at any moment, to the character."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gatepass.domain.documents import policy
from gatepass.domain.identifiers import ROLE_PATH, RoleArn
from gatepass.domain.packing_form import ANY_ACCOUNT, Block, Kind, Layout, allowing, fence, resource, tail_of

# A partition and an account's digits.
Account = tuple[str, str]
Tails = frozenset[str]
# Roles of the same names share a statement: where they stand, and the names.
_Group = tuple[Kind, Tails]

_EMPTY = policy().size
_DIGITS = 12
# Two quotes and a comma.
_AROUND = 3


@dataclass(frozen=True, slots=True)
class Form:
    """How documents are to be written.

    Attributes:
        own_name: what the source identity must be; None when any will do.
        arns_only: whether every ARN is written in full.
    """

    own_name: str | None
    arns_only: bool


@dataclass(slots=True)
class _Sizes:
    """Sums over the groups of one kind.

    Attributes:
        blocks: of the groups that are shorter as names x accounts.
        few_blocks: of the others, were they written so all the same.
        few_arns: of the others, as elements of a list of ARNs.
        arns: how many ARNs that are.
    """

    blocks: int = 0
    few_blocks: int = 0
    few_arns: int = 0
    arns: int = 0


@dataclass(slots=True, eq=False)
class Bin:
    """A document to be.

    Attributes:
        form: how it will be written.
        is_changed: whether it is to be written anew.
        tails: the paths and names of the roles of each account in it.
    """

    form: Form
    is_changed: bool = False
    tails: dict[Account, Tails] = field(default_factory=dict)
    _accounts: dict[_Group, int] = field(default_factory=dict)
    _sizes: dict[Kind, _Sizes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The characters of the document as it stands."""
        total, fenced = _EMPTY - 1, []
        for kind, sizes in self._sizes.items():
            total += self._size_of_kind(kind, sizes)
            if kind.is_ours and (sizes.arns or sizes.blocks):
                fenced.append(kind.partition)
        return total + (_fence_size(self.form.own_name, tuple(fenced)) + 1 if fenced else 0)

    def _size_of_kind(self, kind: Kind, sizes: _Sizes) -> int:
        if not sizes.arns:
            return sizes.blocks
        listed = sizes.few_arns + _copies(kind) * (1 if sizes.arns > 1 else -1)
        as_arns = _bare_size(kind, self.form.own_name, has_accounts=False) + listed
        return sizes.blocks + (as_arns if self.form.arns_only else min(as_arns, sizes.few_blocks))

    def put(self, account: Account, tails: Tails) -> None:
        """Replace what the document says of an account; nothing takes the account out."""
        for group in _groups(account, self.tails.get(account, frozenset())):
            self._count(group, -1)
        for group in _groups(account, tails):
            self._count(group, 1)
        if tails:
            self.tails[account] = tails
        else:
            self.tails.pop(account, None)

    def copy(self) -> Bin:
        """Return another that says the same."""
        sizes = {kind: replace(each) for kind, each in self._sizes.items()}
        return Bin(self.form, self.is_changed, dict(self.tails), dict(self._accounts), sizes)

    def size_with(self, account: Account, tails: Tails) -> int:
        """Return how large the document would be with further roles of an account."""
        before = self.tails.get(account, frozenset())
        self.put(account, before | tails)
        size = self.size
        self.put(account, before)
        return size

    def least_with(self, account: Account, tails: Tails) -> int:
        """Return no more than what further roles of an account would add, without trying."""
        if account in self.tails:
            return 0
        least = 0
        for group in _groups(account, tails):
            each = _DIGITS + _AROUND if group in self._accounts else _name_sizes(group)[1]
            least += _copies(group[0]) * each
        return least

    def layout(self) -> Layout:
        """Return how the document is written shortest."""
        members: dict[_Group, list[str]] = {}
        for account in sorted(self.tails):
            for group in _groups(account, self.tails[account]):
                members.setdefault(group, []).append(account[1])
        few = {group for group, accounts in members.items() if self._is_few(group, len(accounts))}
        blocks = tuple(
            Block(kind, tuple(sorted(tails)), tuple(accounts))
            for (kind, tails), accounts in members.items()
            if (kind, tails) not in few
        )
        arns = (
            RoleArn(f"arn:{kind.partition}:iam::{account}:role{tail}")
            for kind, tails in few
            for account in members[kind, tails]
            for tail in tails
        )
        return Layout(blocks, frozenset(arns), self.form.own_name)

    def _is_few(self, group: _Group, accounts: int) -> bool:
        """Say whether a group is written as full ARNs."""
        if self.form.arns_only:
            return True
        as_block, as_arns = self._both(group, accounts)
        if as_block <= as_arns:
            return False
        kind = group[0]
        sizes = self._sizes[kind]
        return self._size_of_kind(kind, sizes) < sizes.blocks + sizes.few_blocks

    def _both(self, group: _Group, accounts: int) -> tuple[int, int]:
        kind = group[0]
        names, arns = _name_sizes(group)
        bare = _bare_size(kind, self.form.own_name, has_accounts=True)
        listed = (_DIGITS + _AROUND) * accounts + (1 if accounts > 1 else -1)
        return bare + _copies(kind) * (names + listed), _copies(kind) * arns * accounts

    def _count(self, group: _Group, change: int) -> None:
        accounts = self._accounts.get(group, 0)
        sizes = self._sizes.setdefault(group[0], _Sizes())
        for number, sign in ((accounts, -1), (accounts + change, 1)):
            if number:
                self._add(sizes, group, number, sign)
        if accounts + change:
            self._accounts[group] = accounts + change
        else:
            del self._accounts[group]

    def _add(self, sizes: _Sizes, group: _Group, accounts: int, sign: int) -> None:
        as_block, as_arns = self._both(group, accounts)
        if as_block <= as_arns and not self.form.arns_only:
            sizes.blocks += sign * as_block
        else:
            sizes.few_blocks += sign * as_block
            sizes.few_arns += sign * as_arns
            sizes.arns += sign * accounts * len(group[1])


@lru_cache(maxsize=4096)
def _split(partition: str, tails: Tails) -> tuple[_Group, ...]:
    ours = frozenset(tail for tail in tails if tail.startswith(ROLE_PATH))
    found = ((Kind(partition, is_ours=True), ours), (Kind(partition, is_ours=False), tails - ours))
    return tuple(group for group in found if group[1])


def _groups(account: Account, tails: Tails) -> tuple[_Group, ...]:
    return _split(account[0], tails)


def _copies(kind: Kind) -> int:
    """Return how often every element is written: a role under another path stands in two statements."""
    return 1 if kind.is_ours else 2


@lru_cache
def _bare_size(kind: Kind, own_name: str | None, *, has_accounts: bool) -> int:
    """Return the characters of the statements but for what they list, each with its comma."""
    statements = allowing(kind, own_name, [""], [""] if has_accounts else [])
    written = sum(policy(statement).size - _EMPTY + 1 for statement in statements)
    # Empty texts stand for the lists: two quotes each.
    return written - len(statements) * (4 if has_accounts else 2)


@lru_cache
def _fence_size(own_name: str | None, partitions: tuple[str, ...]) -> int:
    return policy(fence(own_name, partitions)).size - _EMPTY


@lru_cache(maxsize=16_384)
def _name_sizes(group: _Group) -> tuple[int, int]:
    """Return the characters of the list of names, and those of the full ARNs of one account."""
    kind, tails = group
    sizes = [len(json.dumps(resource(kind.partition, ANY_ACCOUNT, tail))) + 1 for tail in tails]
    # ???????????? is as long as the digits that stand in its place.
    return sum(sizes) + (1 if len(sizes) > 1 else -1), sum(sizes)


def entries_of(layout: Layout) -> dict[Account, Tails]:
    """Return the paths and names of the roles of each account in a document."""
    found: dict[Account, Tails] = {}
    for block in layout.blocks:
        tails = frozenset(block.tails)
        for digits in block.accounts:
            account = (block.kind.partition, digits)
            found[account] = found.get(account, frozenset()) | tails
    for account, tails in tails_by_account(layout.arns).items():
        found[account] = found.get(account, frozenset()) | tails
    return found


def tails_by_account(roles: Iterable[RoleArn]) -> dict[Account, Tails]:
    """Return the paths and names of the roles of each account."""
    found: dict[Account, set[str]] = {}
    for role in roles:
        found.setdefault((str(role.partition), str(role.account)), set()).add(tail_of(role))
    return {account: frozenset(tails) for account, tails in found.items()}
