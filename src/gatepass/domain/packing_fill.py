"""Which document each account's roles go into: where they cost least, and documents that have room come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from gatepass.domain.errors import InvalidInput
from gatepass.domain.packing_bins import Account, Bin, Form, Tails


class Filling:
    """Puts accounts into documents, each where it costs least.

    Attributes:
        bins: the documents, with new ones added where none has room.
    """

    def __init__(self, bins: Iterable[Bin], largest: int, form: Form, first: Collection[int] = ()) -> None:
        """Keep the documents; those at the places `first` are filled before any other."""
        self.bins = list(bins)
        self._largest = largest
        self._form = form
        self._used = [each.size for each in self.bins]
        self._first = frozenset(first)

    def put_all(self, left: Mapping[Account, Tails]) -> None:
        """Put every account in, in an order that depends on nothing but what is put."""
        alike = Counter((account[0], tails) for account, tails in left.items())
        keys = {tails: tuple(sorted(tails)) for tails in left.values()}
        for account, tails in sorted(
            left.items(), key=lambda each: (-alike[each[0][0], each[1]], keys[each[1]], each[0])
        ):
            self._put(account, tails)

    def _put(self, account: Account, tails: Tails) -> None:
        """Put one account in, into a document of its own where none has room, into several where one is too small."""
        place = self._cheapest(account, tails)
        if place is None:
            place = len(self.bins)
            alone = Bin(self._form, is_changed=True)
            if alone.size_with(account, tails) > self._largest:
                for half in _halves(account, tails):
                    self._put(account, half)
                return
            self.bins.append(alone)
            self._used.append(alone.size)
        chosen = self.bins[place]
        chosen.put(account, chosen.tails.get(account, frozenset()) | tails)
        self._used[place] = chosen.size
        chosen.is_changed = True

    def _cheapest(self, account: Account, tails: Tails) -> int | None:
        found: tuple[bool, int, bool, int] | None = None
        for place, (each, used) in enumerate(zip(self.bins, self._used, strict=True)):
            least, is_later = each.least_with(account, tails), place not in self._first
            if used + least > self._largest or (found is not None and (is_later, least) > found[:2]):
                continue
            size = each.size_with(account, tails)
            if size <= self._largest:
                candidate = (is_later, size - used, not each.is_changed, place)
                found = candidate if found is None or candidate < found else found
        return None if found is None else found[3]


def _halves(account: Account, tails: Tails) -> tuple[Tails, Tails]:
    if len(tails) == 1:
        raise InvalidInput(
            f"the role {next(iter(tails))} of the account {account[1]} is too long for a document",
            why="its path, written so that nothing in it is a pattern, takes more characters than one may have",
            next_step="ask the customer for a role with a shorter path",
        )
    listed = sorted(tails)
    return frozenset(listed[: len(listed) // 2]), frozenset(listed[len(listed) // 2 :])
