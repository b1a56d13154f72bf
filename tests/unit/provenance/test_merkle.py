"""RFC 6962 trees against the vectors of Certificate Transparency, against a naive tree, and against mutations."""

import hashlib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cli import verify
from services.provenance.domain import merkle

# The inputs and answers of the Certificate Transparency project's own tests.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (leaf counted from 0, size, proof)
INCLUSIONS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]
CONSISTENCIES = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def tree(entries):
    return merkle.of_leaves([merkle.leaf_hash(entry) for entry in entries])


def naive_root(entries):
    """MTH, word by word as RFC 6962 section 2.1 has it."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def hexes(proof):
    return [digest.hex() for digest in proof]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_certificate_transparency(size):
    assert merkle.root(tree(LEAVES), size).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_the_inclusion_proofs_of_certificate_transparency(index, size, proof):
    assert hexes(merkle.inclusion(tree(LEAVES), index, size)) == proof


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCIES)
def test_the_consistency_proofs_of_certificate_transparency(first, second, proof):
    assert hexes(merkle.consistency(tree(LEAVES), first, second)) == proof


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root(tree([]), 0) == hashlib.sha256(b"").digest()


entries = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


@given(entries=entries, data=st.data())
def test_every_leaf_is_proven_and_both_verifiers_agree(entries, data):
    nodes = tree(entries)
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    root = merkle.root(nodes, size)
    assert root == naive_root(entries[:size])
    proof = merkle.inclusion(nodes, index, size)
    leaf = merkle.leaf_hash(entries[index])
    assert merkle.root_from_inclusion(leaf, index, size, proof) == root
    assert verify.root_from_inclusion(leaf, index, size, proof) == root


@given(entries=entries, data=st.data())
def test_a_tree_continues_each_of_its_prefixes(entries, data):
    nodes = tree(entries)
    second = data.draw(st.integers(1, len(entries)))
    first = data.draw(st.integers(1, second))
    proof = merkle.consistency(nodes, first, second)
    assert merkle.is_consistent(first, merkle.root(nodes, first), second, merkle.root(nodes, second), proof)


def mutated(proof, data):
    """A proof with one hash flipped, dropped, doubled, or two hashes swapped."""
    proof = list(proof)
    at = data.draw(st.integers(0, len(proof) - 1))
    match data.draw(st.sampled_from(["flip", "drop", "double", "swap", "truncate"])):
        case "flip":
            proof[at] = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        case "drop":
            del proof[at]
        case "double":
            proof.insert(at, proof[at])
        case "swap":
            other = data.draw(st.integers(0, len(proof) - 1))
            proof[at], proof[other] = proof[other], proof[at]
        case "truncate":
            proof = proof[:at]
    return proof


@given(size=st.integers(2, 40), data=st.data())
def test_a_mutated_inclusion_proof_does_not_hold(size, data):
    nodes = tree([bytes([n]) for n in range(size)])
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(nodes, index, size)
    other = mutated(proof, data)
    assume(other != proof)
    leaf, root = merkle.leaf_hash(bytes([index])), merkle.root(nodes, size)
    assert merkle.root_from_inclusion(leaf, index, size, other) != root
    assert verify.root_from_inclusion(leaf, index, size, other) != root


@given(size=st.integers(2, 40), data=st.data())
def test_a_leaf_is_not_proven_at_another_place(size, data):
    nodes = tree([bytes([n]) for n in range(size)])
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    proof = merkle.inclusion(nodes, index, size)
    found = merkle.root_from_inclusion(merkle.leaf_hash(bytes([index])), other, size, proof)
    assert found != merkle.root(nodes, size)


@given(size=st.integers(3, 40), data=st.data())
def test_a_mutated_consistency_proof_does_not_hold(size, data):
    nodes = tree([bytes([n]) for n in range(size)])
    first = data.draw(st.integers(1, size - 1))
    proof = merkle.consistency(nodes, first, size)
    other = mutated(proof, data)
    assume(other != proof)
    assert not merkle.is_consistent(first, merkle.root(nodes, first), size, merkle.root(nodes, size), other)


@given(size=st.integers(1, 20), claimed=st.integers(1, 40), data=st.data())
def test_a_proof_holds_for_the_size_that_it_was_made_for_or_has_its_length(size, claimed, data):
    """A verifier never takes a proof with hashes missing for the claimed size, whatever root it leads to."""
    nodes = tree([bytes([n]) for n in range(size)])
    index = data.draw(st.integers(0, min(size, claimed) - 1))
    proof = merkle.inclusion(nodes, index, size)
    own = merkle.inclusion(tree([bytes([n]) for n in range(claimed)]), index, claimed)
    assume(len(own) != len(proof))
    leaf = merkle.leaf_hash(bytes([index]))
    assert merkle.root_from_inclusion(leaf, index, claimed, proof) is None
    assert verify.root_from_inclusion(leaf, index, claimed, proof) is None


def test_a_consistency_proof_of_a_smaller_tree_does_not_hold_for_a_larger():
    nodes = tree(LEAVES)
    proof, roots = merkle.consistency(nodes, 1, 2), [merkle.root(nodes, size) for size in (1, 2)]
    assert merkle.is_consistent(1, roots[0], 2, roots[1], proof)
    assert not merkle.is_consistent(1, roots[0], 8, roots[1], proof)


@settings(max_examples=60)
@given(size=st.integers(2, 30), data=st.data())
def test_a_split_view_cannot_be_joined(size, data):
    """Two logs that differ in one early leaf: no proof of one shows that it continues the other."""
    first = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, first - 1))
    honest = [bytes([n]) for n in range(size)]
    forked = [b"forged" if n == changed else entry for n, entry in enumerate(honest)]
    seen, shown = tree(honest), tree(forked)
    for source in (seen, shown):
        proof = merkle.consistency(source, first, size)
        assert not merkle.is_consistent(first, merkle.root(seen, first), size, merkle.root(shown, size), proof)


@pytest.mark.parametrize("edit", ["drop", "swap", "flip"])
def test_a_log_that_lost_swapped_or_changed_a_leaf_has_another_root(edit):
    entries = list(LEAVES)
    if edit == "drop":
        del entries[3]
    elif edit == "swap":
        entries[2], entries[3] = entries[3], entries[2]
    else:
        entries[3] = bytes([entries[3][0] ^ 1]) + entries[3][1:]
    assert merkle.root(tree(entries), len(entries)).hex() not in ROOTS


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_outside_the_tree(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion(tree(LEAVES), index, size)
    assert merkle.root_from_inclusion(b"x" * 32, index, size, []) is None


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3)])
def test_no_consistency_from_nothing_or_backwards(first, second):
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency(tree(LEAVES), first, second)
    assert not merkle.is_consistent(first, b"x" * 32, second, b"y" * 32, [])
