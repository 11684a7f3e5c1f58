"""The tree over a log of records by which one record is shown to be in it, and an older log to be its beginning.

The hashes are those of RFC 6962, section 2.1 (certificate transparency), so that others can check them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(record: bytes) -> bytes:
    """Return the hash of one record as a leaf."""
    return hashlib.sha256(_LEAF + record).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


class MerkleTree:
    """A tree that grows by leaves; every older size of it can still be asked for.

    It keeps the hashes of all complete subtrees, so that a proof costs no more than the tree is high.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Begin with these leaf hashes."""
        # levels[k][i] is the hash of the leaves from i * 2**k, 2**k of them.
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        """Return how many leaves it has."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more leaf."""
        node, height = leaf, 0
        while True:
            if height == len(self._levels):
                self._levels.append([])
            level = self._levels[height]
            level.append(node)
            if len(level) % 2:
                return
            node, height = _node_hash(level[-2], level[-1]), height + 1

    def root(self, size: int | None = None) -> bytes:
        """Return the head of the tree, or of what it was at an older size.

        Raises:
            ValueError: it never had that size.
        """
        size = self._size(size)
        return self._hash(0, size) if size else hashlib.sha256(b"").digest()

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the hashes that lead from a leaf to the head (RFC 6962, 2.1.1), the lowest first.

        Raises:
            ValueError: the tree of that size has no such leaf.
        """
        size = self._size(size)
        if not 0 <= index < size:
            raise ValueError(f"a tree of {size} leaves has no leaf {index}")
        return tuple(self._path(index, 0, size))

    def consistency_proof(self, older: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the hashes by which the tree of the older size is seen to be this one's beginning (RFC 6962, 2.1.2).

        Raises:
            ValueError: the older size is no size between 1 and this one's.
        """
        size = self._size(size)
        if not 1 <= older <= size:
            raise ValueError(f"a tree of {size} leaves never had {older}")
        return tuple(self._consistency(older, 0, size, is_known=True))

    def _size(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ValueError(f"a tree of {len(self)} leaves never had {size}")
        return size

    def _hash(self, begin: int, end: int) -> bytes:
        size = end - begin
        if size & (size - 1) == 0:
            height = size.bit_length() - 1
            return self._levels[height][begin >> height]
        middle = begin + _split(size)
        return _node_hash(self._hash(begin, middle), self._hash(middle, end))

    def _path(self, index: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if index < middle:
            return [*self._path(index, begin, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(begin, middle)]

    def _consistency(self, older: int, begin: int, end: int, *, is_known: bool) -> list[bytes]:
        """Prove the older size, counted from the beginning; what the other side knows already is left out."""
        if older == end - begin:
            return [] if is_known else [self._hash(begin, end)]
        split = _split(end - begin)
        middle = begin + split
        if older <= split:
            return [*self._consistency(older, begin, middle, is_known=is_known), self._hash(middle, end)]
        return [*self._consistency(older - split, middle, end, is_known=False), self._hash(begin, middle)]


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the head that the proof leads to, or None for a proof of the wrong length (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place % 2 or place == last:
            found = _node_hash(sibling, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = _node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(older: int, older_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the older tree is the beginning of the newer one (RFC 9162, 2.1.4.2)."""
    if not 1 <= older <= size:
        return False
    if older == size:
        return not proof and older_root == root
    path = [older_root, *proof] if older & (older - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = older - 1, size - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            first, second = _node_hash(sibling, first), _node_hash(sibling, second)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            second = _node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and first == older_root and second == root
