#!/usr/bin/env python3
"""Verifies a Whetstone audit pack, offline and by itself: standard library and `cryptography` only.

    python verify.py PACK [--key VERIFIER_KEY] [--json]

A pack is a zip archive of stored files. What is checked, in this order:

1. the archive: every byte of it is what its files make (names, sizes, checksums, nothing before, between or behind);
2. `attestation.json`: a DSSE envelope around an in-toto Statement, signed with Ed25519, over `manifest.json`'s hash;
3. `manifest.json`: the SHA-256 of every other file, none missing and none too many;
4. `log/checkpoint.txt`: a C2SP signed note of the transparency log's size and root;
5. `log/leaves.jsonl`: every leaf is in that tree (RFC 6962), and opens to the payload that it commits to;
6. the links: model version -> dataset version -> its manifest -> the snapshot of its examples -> leaves of the log.

Without --key the signatures are checked with the key in the pack itself: that shows that the pack is whole, not who
made it. Compare the key with the one that the operator published, or give that one as --key.
"""

import argparse
import base64
import hashlib
import hmac
import json
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, ATTESTATION, CHECKPOINT, KEY = "manifest.json", "attestation.json", "log/checkpoint.txt", "log/key.txt"
LEAVES, DATASET, COMMITMENTS, GATE = (
    "log/leaves.jsonl",
    "dataset/manifest.json",
    "dataset/commitments.jsonl",
    "gate-report.json",
)
FORMAT = "whetstone-audit-pack/1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
ED25519 = 1
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
Members = dict[str, bytes]


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold: in which file (and leaf), a stable code, and why."""

    path: str
    problem: str
    detail: str


@dataclass(frozen=True)
class Verifier:
    """A public key in the signed-note form `name+id+base64(1 || key)`."""

    name: str
    id: bytes
    key: Ed25519PublicKey

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Raises ValueError where the text is no Ed25519 verifier key."""
        name, id_, encoded = text.split("+", 2)
        raw = exact_base64(encoded)
        if raw[:1] != bytes([ED25519]) or len(raw) != 33:
            raise ValueError("not an Ed25519 verifier key")
        expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if expected.hex() != id_:
            raise ValueError("the key's id is not that of its name and bytes")
        return cls(name, expected, Ed25519PublicKey.from_public_bytes(raw[1:]))

    def signed(self, message: bytes, signature: bytes) -> bool:
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def verify(path: Path | str, key: str | None = None) -> list[Finding]:
    """Everything in the pack that does not hold; an empty list means that all of it does.

    `key` is the verifier key that the caller trusts; without it the pack's own is used.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        return [Finding(str(path), "UNREADABLE", str(error))]
    members, findings = read_archive(data)
    by_name = dict(members)
    try:
        verifier = Verifier.parse(key or by_name[KEY].decode().removesuffix("\n"))
    except UNREADABLE as error:
        return [*findings, Finding(KEY, "KEY_INVALID", f"no verifier key: {error!r}")]
    checks: list[tuple[str, Callable[[Members, Verifier], Iterator[Finding]]]] = [
        (ATTESTATION, check_attestation),
        (MANIFEST, check_manifest),
        (KEY, check_key),
        (CHECKPOINT, check_checkpoint),
        (LEAVES, check_leaves),
        (MANIFEST, check_links),
        (COMMITMENTS, check_commitments),
    ]
    for name, check in checks:
        try:
            findings.extend(check(by_name, verifier))
        except UNREADABLE as error:
            findings.append(Finding(name, "UNREADABLE", f"{check.__name__.replace('_', ' ')}: {error!r}"))
    return findings


# The archive ------------------------------------------------------------------------------------------------------


def read_archive(data: bytes) -> tuple[list[tuple[str, bytes]], list[Finding]]:
    """The files of a zip archive of stored files, and whatever is not exactly as this format has it."""
    members: list[tuple[str, bytes]] = []
    at = 0
    while data[at : at + 4] == b"PK\x03\x04" and at + 30 <= len(data):
        size, name_length = struct.unpack_from("<I", data, at + 18)[0], struct.unpack_from("<H", data, at + 26)[0]
        start = at + 30 + name_length
        if start + size > len(data):
            break
        members.append((data[at + 30 : start].decode("utf-8", "replace"), data[start : start + size]))
        at = start + size
    expected = encode_archive(members)
    findings = []
    if expected != data:
        offset = next((n for n, (a, b) in enumerate(zip(expected, data, strict=False)) if a != b), None)
        offset = min(len(expected), len(data)) if offset is None else offset
        detail = f"byte {offset} of {len(data)}, in {_region(members, offset)}, is not what the files make"
        findings.append(Finding("(archive)", "ARCHIVE_DAMAGED", detail))
    names = [name for name, _ in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    findings += [Finding(name, "FILE_TWICE", "two files have this name") for name in twice]
    return members, findings


def encode_archive(members: Sequence[tuple[str, bytes]]) -> bytes:
    """The one zip archive (APPNOTE 6.3, stored, 1980-01-01, mode 0644) that these files make."""
    body, directory = bytearray(), bytearray()
    for name, data in members:
        raw = name.encode()
        flags, size = 0 if name.isascii() else 0x800, len(data)
        common = struct.pack("<HHHHHIIIHH", 20, flags, 0, 0, 33, zlib.crc32(data), size, size, len(raw), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body)) + raw
        body += b"PK\x03\x04" + common + raw + data
    count = len(members)
    return bytes(
        body + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    )


def _region(members: Sequence[tuple[str, bytes]], offset: int) -> str:
    end = 0
    for name, data in members:
        end += 30 + len(name.encode()) + len(data)
        if offset < end:
            return name
    return "the archive's directory"


# Signatures and hashes --------------------------------------------------------------------------------------------


def check_attestation(members: Members, verifier: Verifier) -> Iterator[Finding]:
    raw = members[ATTESTATION]
    envelope = json.loads(raw)
    payload = exact_base64(envelope["payload"])
    signature = envelope["signatures"][0]
    statement = json.loads(payload)
    rebuilt = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": verifier.id.hex(), "sig": base64.b64encode(exact_base64(signature["sig"])).decode()}],
    }
    if canonical(rebuilt) != raw:
        yield Finding(ATTESTATION, "FILE_CHANGED", "the envelope is not in its one form for this key")
    if not verifier.signed(pae(PAYLOAD_TYPE.encode(), payload), exact_base64(signature["sig"])):
        yield Finding(ATTESTATION, "SIGNATURE_INVALID", f"not signed by {verifier.name}")
    digest = hashlib.sha256(members.get(MANIFEST, b"")).hexdigest()
    if statement["subject"] != [{"digest": {"sha256": digest}, "name": MANIFEST}]:
        yield Finding(MANIFEST, "FILE_CHANGED", "its SHA-256 is not the one that was signed")
    note = members.get(CHECKPOINT, b"").decode().split("\n")
    checkpoint = {"origin": note[0], "size": int(note[1]), "root_hash": exact_base64(note[2]).hex()}
    if statement["predicate"]["checkpoint"] != checkpoint:
        yield Finding(CHECKPOINT, "LINK_BROKEN", "it is not the checkpoint that the attestation names")


def check_manifest(members: Members, verifier: Verifier) -> Iterator[Finding]:
    manifest = json.loads(members[MANIFEST])
    if manifest["format"] != FORMAT:
        yield Finding(MANIFEST, "FORMAT_UNKNOWN", f"{manifest['format']!r} is not {FORMAT}")
    listed = {row["path"]: row["sha256"] for row in manifest["files"]}
    for path, digest in sorted(listed.items()):
        if path not in members:
            yield Finding(path, "FILE_MISSING", "the manifest lists it, the archive does not hold it")
        elif hashlib.sha256(members[path]).hexdigest() != digest:
            yield Finding(path, "FILE_CHANGED", "its SHA-256 is not the manifest's")
    for path in sorted(set(members) - set(listed) - {MANIFEST, ATTESTATION}):
        yield Finding(path, "FILE_UNLISTED", "the archive holds it, the manifest does not list it")


def check_key(members: Members, verifier: Verifier) -> Iterator[Finding]:
    own = Verifier.parse(members[KEY].decode().removesuffix("\n"))
    if (own.name, own.id) != (verifier.name, verifier.id):
        yield Finding(KEY, "KEY_NOT_TRUSTED", f"the pack names the key {own.name}+{own.id.hex()}, not the trusted one")


def check_checkpoint(members: Members, verifier: Verifier) -> Iterator[Finding]:
    origin, size, _, text, signature = read_note(members[CHECKPOINT], verifier)
    if origin != verifier.name:
        yield Finding(CHECKPOINT, "CHECKPOINT_INVALID", f"its origin is {origin!r}, the key's name {verifier.name!r}")
    if not verifier.signed(text, signature):
        yield Finding(CHECKPOINT, "SIGNATURE_INVALID", f"the checkpoint of {size} leaves is not signed by this key")


def read_note(raw: bytes, verifier: Verifier) -> tuple[str, int, bytes, bytes, bytes]:
    """Origin, size, root, signed text and signature of a checkpoint. Raises ValueError where it has another form."""
    text, _, stamp = raw.decode().rpartition("\n\n")
    text += "\n"
    origin, size, root = text.removesuffix("\n").split("\n")
    start = f"\N{EM DASH} {verifier.name} "
    if not stamp.startswith(start) or not stamp.endswith("\n") or not size.isdecimal() or str(int(size)) != size:
        raise ValueError("not a signed note by this key's name")
    signed = exact_base64(stamp.removeprefix(start).removesuffix("\n"))
    if signed[:4] != verifier.id:
        raise ValueError("signed with another key")
    return origin, int(size), exact_base64(root), text.encode(), signed[4:]


# The log ----------------------------------------------------------------------------------------------------------


def check_leaves(members: Members, verifier: Verifier) -> Iterator[Finding]:
    _, size, root, _, _ = read_note(members[CHECKPOINT], verifier)
    for row in rows(members, LEAVES):
        leaf = json.loads(row["leaf"])
        where = f"{LEAVES} (leaf {row['index']})"
        if canonical(leaf) != row["leaf"].encode():
            yield Finding(where, "LEAF_NOT_CANONICAL", "its JSON is not in canonical form")
        proof = [bytes.fromhex(digest) for digest in row["proof"]]
        digest = hashlib.sha256(b"\x00" + row["leaf"].encode()).digest()
        if root_from_inclusion(digest, row["index"], size, proof) != root:
            yield Finding(where, "LEAF_NOT_INCLUDED", "its proof does not lead to the checkpoint's root")
        if "payload" in row and not opens(leaf["payload_commitment"], row["salt"], row["payload"]):
            yield Finding(where, "PAYLOAD_CHANGED", "the payload is not the one that the leaf commits to")


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2), or None where it can lead to none."""
    if not 0 <= index < size:
        return None
    node, last, digest = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node % 2 == 1 or node == last:
            digest = hashlib.sha256(b"\x01" + sibling + digest).digest()
            while node and node % 2 == 0:
                node, last = node // 2, last // 2
        else:
            digest = hashlib.sha256(b"\x01" + digest + sibling).digest()
        node, last = node // 2, last // 2
    return digest if last == 0 else None


def opens(commitment: str, salt: str, text: str) -> bool:
    made = hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, commitment)


# The links --------------------------------------------------------------------------------------------------------


def check_links(members: Members, verifier: Verifier) -> Iterator[Finding]:
    name = json.loads(members[MANIFEST])["model_version"]
    registered = event(members, "training.v1.ModelVersionRegistered", name)
    if registered is None:
        yield Finding(LEAVES, "LINK_BROKEN", f"no leaf shows that {name} was registered")
        return
    gated = event(members, "training.v1.ModelVersionGated", name)
    if gated is not None and json.loads(members[GATE]) != gated["report"]:
        yield Finding(GATE, "LINK_BROKEN", "it is not the report in the log")
    version = registered["version"].get("dataset_version", "")
    if not version:
        return
    published = event(members, "curation.v1.DatasetVersionPublished", version)
    if published is None:
        yield Finding(LEAVES, "LINK_BROKEN", f"no leaf shows that {version} was published")
    elif hashlib.sha256(members.get(DATASET, b"")).hexdigest() != published["manifest"]["sha256"]:
        yield Finding(DATASET, "LINK_BROKEN", "it is not the manifest whose hash is in the log")


def check_commitments(members: Members, verifier: Verifier) -> Iterator[Finding]:
    if COMMITMENTS not in members:
        return
    items = list(rows(members, COMMITMENTS))
    version = json.loads(members[MANIFEST])["dataset_version"]
    sealed = event(members, "provenance.v1.SnapshotSealed", version)
    if sealed is None:
        yield Finding(LEAVES, "LINK_BROKEN", f"no leaf shows the snapshot of {version}")
    elif tree_root([bytes.fromhex(item["commitment"]) for item in items]).hex() != sealed["root_hash"]:
        yield Finding(COMMITMENTS, "LINK_BROKEN", "the commitments do not make the snapshot's root in the log")
    for item in items:
        if "datum" in item and not opens(item["commitment"], item["salt"], item["datum"]):
            where = f"{COMMITMENTS} (example {item['example']})"
            yield Finding(where, "DATUM_CHANGED", "the example is not the one that was committed to")


def event(members: Members, kind: str, subject: str) -> Any:
    """The newest disclosed payload of an event about a resource, or None."""
    found = None
    for row in rows(members, LEAVES):
        leaf = json.loads(row["leaf"])
        if leaf["type"] == f"whetstone.{kind}" and leaf["subject"] == subject and "payload" in row:
            found = json.loads(row["payload"])
    return found


def tree_root(entries: Sequence[bytes]) -> bytes:
    """The tree hash of RFC 6962 over entries: stored subtrees of equal size are joined as they arise."""
    stack: list[tuple[int, bytes]] = []
    for entry in entries:
        level, digest = 0, hashlib.sha256(b"\x00" + entry).digest()
        while stack and stack[-1][0] == level:
            digest = hashlib.sha256(b"\x01" + stack.pop()[1] + digest).digest()
            level += 1
        stack.append((level, digest))
    if not stack:
        return hashlib.sha256(b"").digest()
    digest = stack.pop()[1]
    while stack:
        digest = hashlib.sha256(b"\x01" + stack.pop()[1] + digest).digest()
    return digest


# Forms ------------------------------------------------------------------------------------------------------------


def rows(members: Members, path: str) -> Iterator[Any]:
    return (json.loads(line) for line in members[path].decode().split("\n") if line)


def canonical(value: Any) -> bytes:
    """RFC 8785 for values of text, which is all that this file canonicalises."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def exact_base64(text: str) -> bytes:
    """Decodes base64 that is the one encoding of its bytes. Raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the one base64 form of its bytes")
    return raw


def pae(kind: bytes, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0 where everything holds, 1 where something does not."""
    parser = argparse.ArgumentParser(prog="verify", description="Verifies a Whetstone audit pack offline.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--key", help="verifier key that you trust, such as the operator published it")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    given = parser.parse_args(argv)
    findings = verify(given.pack, given.key)
    trust = "the key that you gave" if given.key else "the pack's own key (give --key to check who made it)"
    if given.json:
        result = {"ok": not findings, "key": trust, "findings": [asdict(found) for found in findings]}
        print(json.dumps(result, indent=2))
    elif findings:
        print(f"{given.pack}: {len(findings)} things do not hold")
        for found in findings:
            print(f"  {found.path}: {found.problem}: {found.detail}")
    else:
        print(f"{given.pack}: everything holds; signatures checked with {trust}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
