"""Use cases of the log: hear an event, prove, sign a checkpoint."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.chassis.outbox import Event, Outbox
from services.chassis.store import Page, PageTokenInvalid, Store, Tx, page_token
from services.provenance.domain import merkle, note
from services.provenance.domain.leaf import SALT_BYTES, Datum, Entry, Leaf, commitment, project_of, trace_id_of, utc
from services.provenance.domain.note import Checkpoint
from services.provenance.errors import CheckpointNotFound, LogInconsistent, TreeSizeInvalid
from services.provenance.ports.outside import Canonical, Signer
from services.provenance.ports.records import LogStore
from whetstone.provenance.v1 import events_pb2

Now = Callable[[], datetime]


@dataclass(frozen=True)
class Inclusion:
    entry: Entry
    size: int
    root: bytes
    hashes: list[bytes]


class LogHandlers:
    def __init__(
        self,
        store: Store,
        outbox_: Outbox,
        records: LogStore,
        signer: Signer,
        canonical: Canonical,
        log_name: str,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._outbox, self._records, self._signer = store, outbox_, records, signer
        self._canonical, self._log_name, self._now = canonical, log_name, now

    def hear(self, tx: Tx, event: Event, payload: str) -> int:
        """Logs an event. `payload` is its message as canonical JSON, which the leaf commits to. Returns the index."""
        datum = Datum(payload, secrets.token_bytes(SALT_BYTES))
        leaf = Leaf(
            event_id=event.id,
            type=event.type,
            source=event.source,
            subject=event.subject,
            time=utc(event.time.astimezone(UTC)),
            tenant=event.tenant,
            project=project_of(event.subject),
            actor=event.actor,
            trace_id=trace_id_of(event.traceparent),
            payload_commitment=commitment(datum.salt, payload.encode()),
        )
        return self._records.append(tx, leaf, self._canonical(leaf.fields()).decode(), datum)

    def entries(self, tenant: str, project: str, page: Page, subject: str) -> tuple[list[Entry], str]:
        """One page in the order of the log, and the next token."""
        limit, after = page.limit(), _index(page.after())
        with self._store.read() as tx:
            found = list(self._records.entries(tx, tenant, project, after, limit + 1, subject))
        return found[:limit], page_token(str(found[limit - 1].index)) if len(found) > limit else ""

    def checkpoint(self, tenant: str, project: str) -> Checkpoint:
        """The newest signed one. Raises CheckpointNotFound."""
        with self._store.read() as tx:
            found = self._records.checkpoint(tx, tenant, project)
        if found is None:
            raise CheckpointNotFound(f"projects/{project} has no checkpoint yet", project=project)
        return found

    def inclusion(self, tenant: str, project: str, index: int, size: int) -> Inclusion:
        """Proves a leaf in the tree of `size`, 0 meaning that of the newest checkpoint.

        Raises LogEntryNotFound, CheckpointNotFound, TreeSizeInvalid.
        """
        size = size or self.checkpoint(tenant, project).size
        with self._store.read() as tx:
            entry = self._records.entry(tx, tenant, project, index)
            self._check_sizes(tx, tenant, project, index + 1, size)
            nodes = self._records.nodes(tx, tenant, project)
            return Inclusion(entry, size, merkle.root(nodes, size), merkle.inclusion(nodes, index, size))

    def consistency(self, tenant: str, project: str, first: int, second: int) -> tuple[int, list[bytes]]:
        """The second size (0 means that of the newest checkpoint) and the proof. Raises TreeSizeInvalid."""
        second = second or self.checkpoint(tenant, project).size
        with self._store.read() as tx:
            self._check_sizes(tx, tenant, project, first, second)
            return second, merkle.consistency(self._records.nodes(tx, tenant, project), first, second)

    def _check_sizes(self, tx: Tx, tenant: str, project: str, first: int, second: int) -> None:
        known = self._records.size(tx, tenant, project)
        if not 0 < first <= second <= known:
            raise TreeSizeInvalid(f"sizes {first} and {second} do not fit a log of {known}", size=str(known))

    def sign_grown(self) -> bool:
        """Signs a checkpoint of every log that has grown. Returns whether there was one."""
        with self._store.read() as tx:
            grown = self._records.grown(tx)
        for tenant, project in grown:
            self.sign(tenant, project)
        return bool(grown)

    def sign(self, tenant: str, project: str) -> Checkpoint:
        """Commits to the size and root as of now, then signs and publishes them. Raises LogInconsistent.

        A crash in between leaves the commitment; the next start signs that one before any other.
        """
        with self._store.begin() as tx:
            newest = self._records.checkpoint(tx, tenant, project, published=False)
            size = self._records.size(tx, tenant, project)
            if newest is None or (newest.note and newest.size < size):
                newest = self._commit(tx, tenant, project, newest, size)
        if newest.note:
            return newest
        return self._publish(tenant, newest)

    def _commit(self, tx: Tx, tenant: str, project: str, before: Checkpoint | None, size: int) -> Checkpoint:
        if size == 0:
            raise CheckpointNotFound(f"projects/{project} has no log yet", project=project)
        nodes = self._records.nodes(tx, tenant, project)
        root = merkle.root(nodes, size)
        if before is not None:
            proof = merkle.consistency(nodes, before.size, size)
            if not merkle.is_consistent(before.size, before.root, size, root, proof):
                raise LogInconsistent(f"the log of projects/{project} does not continue size {before.size}")
        checkpoint = Checkpoint(project, size, root, self._now(), origin=note.origin(self._log_name, tenant, project))
        self._records.commit(tx, tenant, checkpoint)
        return checkpoint

    def _publish(self, tenant: str, committed: Checkpoint) -> Checkpoint:
        signer, name = self._signer, committed.origin
        text = note.body(name, committed.size, committed.root)
        checkpoint = replace(
            committed,
            note=note.signed(text, name, signer.algorithm, signer.public_key, signer.sign(text.encode())),
            verifier_key=note.verifier_key(name, signer.algorithm, signer.public_key),
        )
        resource = f"projects/{committed.project}"
        message = events_pb2.CheckpointSigned(project=resource, size=committed.size, root_hash=committed.root.hex())
        with self._store.begin() as tx:
            if self._records.publish(tx, tenant, checkpoint):
                self._outbox.add(tx, tenant, f"{resource}/checkpoint", message)
        return checkpoint

    def erase(self, tenant: str, project: str, index: int) -> Entry:
        """Forgets what a leaf commits to. The log goes on verifying. Raises LogEntryNotFound."""
        with self._store.begin() as tx:
            entry = self._records.entry(tx, tenant, project, index)
            self._records.erase(tx, tenant, entry.leaf.event_id)
        return entry


def _index(after: str) -> int:
    if after and not after.isdecimal():
        raise PageTokenInvalid("page_token was not given out by this service")
    return int(after) if after else -1
