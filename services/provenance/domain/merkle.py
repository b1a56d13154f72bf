"""Merkle trees as in RFC 6962: roots, inclusion proofs and consistency proofs, made and checked.

A tree of any size is made of complete subtrees, whose hashes never change. `Nodes` gives them: (level, index) is the
subtree over the leaves [index * 2**level, (index + 1) * 2**level). Every function reads O(log n) of them.
"""

import hashlib
from collections.abc import Callable, Sequence

Nodes = Callable[[int, int], bytes]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(nodes: Nodes, index: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """The nodes (level, index, hash) that a leaf completes when it is appended at `index`, itself first."""
    made = [(0, index, leaf)]
    level = 0
    while index % 2:
        leaf = node_hash(nodes(level, index - 1), leaf)
        level, index = level + 1, index // 2
        made.append((level, index, leaf))
    return made


def of_leaves(hashes: Sequence[bytes]) -> Nodes:
    """Nodes over leaf hashes in memory."""
    made: dict[tuple[int, int], bytes] = {}
    for position, leaf in enumerate(hashes):
        for level, index, digest in completed(lambda at, n: made[at, n], position, leaf):
            made[level, index] = digest
    return lambda level, index: made[level, index]


def root(nodes: Nodes, size: int) -> bytes:
    """The tree hash MTH of the first `size` leaves."""
    return _range(nodes, 0, size) if size else EMPTY_ROOT


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]): the hashes beside the way from a leaf to the root, leaf first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return _path(nodes, index, 0, size)


def consistency(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """PROOF(first, D[second]): what shows that the first tree is a prefix of the second."""
    if not 0 < first <= second:
        raise ValueError(f"no proof from {first} to {second}")
    return _subproof(nodes, first, 0, second, True)


def _range(nodes: Nodes, start: int, end: int) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range(nodes, start, middle), _range(nodes, middle, end))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _path(nodes: Nodes, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(nodes, index, start, middle), _range(nodes, middle, end)]
    return [*_path(nodes, index, middle, end), _range(nodes, start, middle)]


def _subproof(nodes: Nodes, first: int, start: int, end: int, known: bool) -> list[bytes]:
    if first == end:
        return [] if known else [_range(nodes, start, end)]
    middle = start + _split(end - start)
    if first <= middle:
        return [*_subproof(nodes, first, start, middle, known), _range(nodes, middle, end)]
    return [*_subproof(nodes, first, middle, end, False), _range(nodes, start, middle)]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); None where the proof has the wrong length."""
    if not 0 <= index < size:
        return None
    node, last, digest = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node % 2 or node == last:
            digest = node_hash(sibling, digest)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    return digest if last == 0 else None


def is_consistent(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the first tree is a prefix of the second (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
