"""The tree over a log: published values, and proofs that hold for what is there and for nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.merkle import MerkleTree, is_consistent, leaf_hash, root_by_inclusion

# The leaves and heads that the reference implementation of RFC 6962 is tested with.
PUBLISHED_LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
PUBLISHED_HEADS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def plain_head(records: list[bytes]) -> bytes:
    """Return the head as RFC 6962, 2.1 defines it, recursively and slowly."""
    if not records:
        return hashlib.sha256(b"").digest()
    if len(records) == 1:
        return leaf_hash(records[0])
    split = 1
    while split * 2 < len(records):
        split *= 2
    return hashlib.sha256(b"\x01" + plain_head(records[:split]) + plain_head(records[split:])).digest()


def tree_of(size: int) -> MerkleTree:
    return MerkleTree(leaf_hash(b"%d" % number) for number in range(size))


@pytest.mark.parametrize(("size", "head"), PUBLISHED_HEADS.items())
def test_the_published_heads_come_out(size: int, head: str) -> None:
    tree = MerkleTree(leaf_hash(each) for each in PUBLISHED_LEAVES)

    assert tree.root(size).hex() == head


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_a_head_is_what_the_definition_says(records: list[bytes]) -> None:
    assert MerkleTree(leaf_hash(each) for each in records).root() == plain_head(records)


@given(st.integers(1, 70), st.data())
def test_a_proof_shows_its_own_leaf_and_no_other(size: int, data: st.DataObject) -> None:
    tree = tree_of(size)
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index) if size > 1 else st.just(index + 1))

    proof = tree.inclusion_proof(index)

    leaf = leaf_hash(b"%d" % index)
    assert root_by_inclusion(leaf_hash(b"forged"), index, size, proof) != tree.root()
    assert root_by_inclusion(leaf, other, size, proof) != tree.root()
    assert root_by_inclusion(leaf, index, size, (*proof, b"\x00" * 32)) is None
    assert root_by_inclusion(leaf, index, size, proof[:-1]) is None or not proof
    assert root_by_inclusion(leaf, index, size, proof) == tree.root()


@given(st.integers(1, 70), st.data())
def test_an_older_log_is_the_beginning_and_a_changed_one_is_not(size: int, data: st.DataObject) -> None:
    tree = tree_of(size)
    older = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, older - 1))
    forged = MerkleTree(leaf_hash(b"forged" if number == changed else b"%d" % number) for number in range(older))

    proof = tree.consistency_proof(older)

    assert not is_consistent(older, forged.root(), size, tree.root(), proof)
    assert not is_consistent(older, tree.root(older), size, forged.root(), proof)
    assert not is_consistent(older, tree.root(older), size, tree.root(), (*proof, b"\x00" * 32))
    assert is_consistent(older, tree.root(older), size, tree.root(), proof)


def test_what_never_was_is_refused() -> None:
    tree = tree_of(3)

    for ask in (lambda: tree.root(4), lambda: tree.inclusion_proof(3), lambda: tree.consistency_proof(0)):
        with pytest.raises(ValueError, match="leaves"):
            ask()
    assert not is_consistent(4, tree.root(), 3, tree.root(), ())
    assert root_by_inclusion(leaf_hash(b"0"), 3, 3, ()) is None
