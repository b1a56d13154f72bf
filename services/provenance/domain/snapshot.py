"""A dataset version's examples, committed to one by one, so that a single one can be shown to be part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.provenance.domain import merkle


class SnapshotState(StrEnum):
    QUEUED = "QUEUED"
    SEALED = "SEALED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Item:
    """`commitment` is HMAC-SHA256 of the example's line under a salt of its own, in hexadecimal."""

    example: str
    commitment: str
    salt: bytes


@dataclass(frozen=True)
class Snapshot:
    """`train` and `chunks` are SHA-256 of the blobs that hold them; `root` is set once sealed."""

    version: str
    project: str
    train: str
    chunks: str
    state: SnapshotState = SnapshotState.QUEUED
    root: str = ""
    traceparent: str = ""
    failure: str = ""


def ordered(items: Sequence[Item]) -> list[Item]:
    """Sorted by commitment: the order tells nothing about the examples."""
    return sorted(items, key=lambda item: item.commitment)


def root(commitments: Sequence[str]) -> str:
    """RFC 6962 root over the commitments, each a leaf of 32 bytes; hexadecimal."""
    hashes = [merkle.leaf_hash(bytes.fromhex(commitment)) for commitment in commitments]
    return merkle.root(merkle.of_leaves(hashes), len(hashes)).hex()
