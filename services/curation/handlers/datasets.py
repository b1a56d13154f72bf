"""Datasets and their versions: built from the curated text and a synthesis job's examples, then never changed."""

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import rfc8785

from services.chassis import telemetry
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Store, Tx, fingerprint
from services.curation import building
from services.curation.building import TRAIN, UNSEEN, WORDING, Built, Line
from services.curation.domain.analyses import Analysis, BlobRef, Failure, Stage
from services.curation.domain.curated import Curated
from services.curation.domain.datasets import (
    Build,
    BuildState,
    Dataset,
    DatasetVersion,
    Outcome,
    Synthesis,
    VersionState,
)
from services.curation.errors import ExamplesUnreadable
from services.curation.handlers.contents import Contents
from services.curation.handlers.exports import JSON, JSON_LINES, ExportHandlers
from services.curation.handlers.names import check_dataset_id, check_project, project_of
from services.curation.messages import json_lines, to_blob, to_failure, to_stage
from services.curation.ports import Records
from whetstone.curation.v1 import events_pb2

SCHEMA = "whetstone.dataset/1"
DEFAULT_DATASET = "main"


class DatasetHandlers:
    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        records: Records,
        exports: ExportHandlers,
        read: Callable[[str, str], bytes],
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._store, self._outbox, self._records, self._exports, self._read = store, outbox, records, exports, read
        self._contents = Contents(self._lines)
        self._now = now or (lambda: datetime.now(UTC))

    def create_dataset(self, tenant: str, parent: str, dataset_id: str, display_name: str, request_id: str) -> Dataset:
        name = f"{check_project(parent)}/datasets/{check_dataset_id(dataset_id)}"
        dataset = Dataset(name, self._now(), display_name)
        with self._store.begin() as tx:
            mark = fingerprint(dataset_id, display_name)
            return self._records.datasets.create(tx, tenant, dataset, request_id, mark)[0]

    def get_dataset(self, tenant: str, name: str) -> Dataset:
        with self._store.read() as tx:
            return self._records.datasets.get(tx, tenant, name)

    def page_datasets(self, tenant: str, parent: str, page: Page) -> tuple[list[Dataset], str]:
        with self._store.read() as tx:
            return self._records.datasets.page(tx, tenant, check_project(parent), page)

    def get_version(self, tenant: str, name: str) -> DatasetVersion:
        with self._store.read() as tx:
            return self._records.versions.get(tx, tenant, name)

    def page_versions(self, tenant: str, parent: str, page: Page) -> tuple[list[DatasetVersion], str]:
        with self._store.read() as tx:
            if "/-" not in parent:
                self._records.datasets.get(tx, tenant, parent)
            return self._records.versions.page(tx, tenant, parent, page)

    def create_version(self, tenant: str, parent: str, job: str, analysis: str, request_id: str) -> DatasetVersion:
        """Builds and publishes within the call. Raises DatasetNotFound, SynthesisUnknown and what a build raises."""
        with self._store.begin() as tx:
            self._records.datasets.get(tx, tenant, parent)
            known = self._records.syntheses.get(tx, tenant, job)
            name = f"{parent}/builds/{uuid.uuid4().hex[:12]}"
            asked = Build(name, parent, job, self._now(), known.examples_sha256, analysis, BuildState.DIRECT)
            build, _ = self._records.builds.create(tx, tenant, asked, request_id, fingerprint(job, analysis))
        return self.get_version(tenant, build.version) if build.version else self.build(tenant, build)

    def request(
        self, tx: Tx, tenant: str, stage: Stage, dataset_id: str, job: str, examples: str, analysis: str
    ) -> None:
        """Queues the build of a run's stage, once for each attempt; makes the dataset where it is not there yet."""
        dataset = f"{project_of(stage.run)}/datasets/{check_dataset_id(dataset_id or DEFAULT_DATASET)}"
        if self._records.datasets.find(tx, tenant, dataset) is None:
            self._records.datasets.put(tx, tenant, Dataset(dataset, self._now()))
        name = f"{dataset}/builds/{stage.run.rsplit('/', 1)[-1]}-{stage.attempt}"
        if self._records.builds.find(tx, tenant, name) is None:
            trace = telemetry.traceparent()
            build = Build(name, dataset, job, self._now(), examples, analysis, stage=stage, traceparent=trace)
            self._records.builds.put(tx, tenant, build)

    def cancel(self, tx: Tx, tenant: str, stage: Stage) -> None:
        for build in self._records.builds.all(tx, tenant, f"{project_of(stage.run)}/datasets/-"):
            if build.stage == stage and build.state is BuildState.QUEUED:
                self._records.builds.put(tx, tenant, replace(build, state=BuildState.CANCELLED))

    def synthesised(self, tx: Tx, tenant: str, synthesis: Synthesis) -> None:
        self._records.syntheses.put(tx, tenant, synthesis)

    def due(self) -> tuple[str, Build] | None:
        with self._store.read() as tx:
            state = self._records.builds.table.c.state == BuildState.QUEUED.value
            found = self._records.builds.scan(tx, state, limit=1)
        return found[0] if found else None

    def start(self, tenant: str, name: str) -> Build:
        with self._store.begin() as tx:
            build = self._records.builds.get(tx, tenant, name)
            return self._records.builds.put(tx, tenant, replace(build, starts=build.starts + 1))

    def build(self, tenant: str, build: Build) -> DatasetVersion:
        """Builds, publishes and says so. The same content gives the same version, which is then said again."""
        project = project_of(build.dataset)
        analysis, curated = self._exports.curated(tenant, project, build.analysis)
        with self._store.read() as tx:
            synthesis = self._records.syntheses.get(tx, tenant, build.synthesis_job)
        lines = self._lines(tenant, build.examples_sha256 or synthesis.examples_sha256)
        rejects = self._lines(tenant, synthesis.rejects_sha256) if synthesis.rejects_sha256 else []
        built = building.build(curated, lines, rejects, analysis.clusters)
        version = self._version(tenant, build, analysis, curated, built)
        return self._publish(tenant, build, version)

    def _lines(self, tenant: str, sha256: str) -> list[Line]:
        text = self._read(tenant, sha256).decode()
        try:
            return [json.loads(line) for line in text.split("\n") if line.strip()]
        except json.JSONDecodeError as error:
            raise ExamplesUnreadable(f"blob {sha256} is not JSON lines: {error}", sha256=sha256) from error

    def _version(self, tenant: str, build: Build, analysis: Analysis, curated: Curated, built: Built) -> DatasetVersion:
        parts = {split: self._put(tenant, built.examples[split]) for split in (TRAIN, WORDING, UNSEEN)}
        parts["chunks"] = self._put(tenant, [asdict(chunk) for chunk in curated.chunks])
        parts["ledger"] = self._put(tenant, [asdict(entry) for entry in built.ledger])
        counts = {split: len(built.examples[split]) for split in (TRAIN, WORDING, UNSEEN)}
        manifest = _manifest(parts, counts, curated, built)
        canonical = rfc8785.dumps(manifest)
        digest = hashlib.sha256(canonical).hexdigest()
        return DatasetVersion(
            f"{build.dataset}/versions/{digest[:16]}",
            digest,
            self._now(),
            self._exports.put(tenant, canonical, JSON),
            parts[TRAIN],
            parts[WORDING],
            parts[UNSEEN],
            parts["chunks"],
            parts["ledger"],
            counts[TRAIN],
            counts[WORDING],
            counts[UNSEEN],
            len(built.ledger),
            sum(entry.outcome == Outcome.USED for entry in built.ledger),
            built.discards(),
            build.synthesis_job,
            analysis.name,
            tuple(sorted({chunk.document for chunk in curated.chunks})),
        )

    def _put(self, tenant: str, lines: Sequence[Any]) -> BlobRef:
        return self._exports.put(tenant, json_lines(lines), JSON_LINES)

    def _publish(self, tenant: str, build: Build, version: DatasetVersion) -> DatasetVersion:
        with self._store.begin() as tx:
            now = self._records.builds.get(tx, tenant, build.name)
            if now.state is BuildState.CANCELLED:
                return version
            found = self._records.versions.find(tx, tenant, version.name)
            stored = found or self._records.versions.put(tx, tenant, version)
            self._records.builds.put(tx, tenant, replace(now, state=BuildState.DONE, version=stored.name))
            self._outbox.add(tx, tenant, stored.name, _published(stored, build.stage))
            return stored

    def fail(self, tenant: str, name: str, failure: Failure) -> None:
        with self._store.begin() as tx:
            build = self._records.builds.get(tx, tenant, name)
            if build.state is BuildState.QUEUED:
                self._records.builds.put(tx, tenant, replace(build, state=BuildState.FAILED, failure=failure))
                message = events_pb2.DatasetVersionFailed(failure=to_failure(failure), stage=to_stage(build.stage))
                self._outbox.add(tx, tenant, name, message)

    def taint(self, tx: Tx, tenant: str, document: str, reason: str) -> None:
        """Marks the versions that a withdrawn document is part of."""
        for version in self._records.versions.all(tx, tenant, f"{project_of(document)}/datasets/-"):
            if document in version.documents and version.state is VersionState.PUBLISHED:
                why = f"{document} was withdrawn: {reason}"
                tainted = replace(version, state=VersionState.TAINTED, tainted_because=why)
                self._records.versions.put(tx, tenant, tainted)
                message = events_pb2.DatasetVersionTainted(version=version.name, document=document, reason=reason)
                self._outbox.add(tx, tenant, version.name, message)

    def examples(self, tenant: str, name: str, page: Page, split: str) -> tuple[list[Line], str]:
        """One page of a version's examples, or of one split's, in the order of their ids."""
        return self._contents.examples(tenant, self.get_version(tenant, name), page, split)

    def ledger(self, tenant: str, name: str, page: Page, outcome: str) -> tuple[list[Line], str]:
        return self._contents.ledger(tenant, self.get_version(tenant, name), page, outcome)


def _manifest(parts: dict[str, BlobRef], counts: dict[str, int], curated: Curated, built: Built) -> dict[str, Any]:
    """What the digest is of: content alone, no time and no name of a job."""
    documents = sorted({(chunk.document, chunk.revision) for chunk in curated.chunks})
    return {
        "schema": SCHEMA,
        "files": {name: {"sha256": blob.sha256, "size_bytes": blob.size_bytes} for name, blob in parts.items()},
        "counts": counts,
        "chunks": len(built.ledger),
        "discards": built.discards(),
        "rejected": [list(one) for one in built.rejected],
        "documents": [{"document": document, "revision": revision} for document, revision in documents],
    }


def _published(version: DatasetVersion, stage: Stage) -> events_pb2.DatasetVersionPublished:
    return events_pb2.DatasetVersionPublished(
        version=version.name,
        digest=version.digest,
        manifest=to_blob(version.manifest),
        train=to_blob(version.train),
        heldout_wordings=to_blob(version.heldout_wordings),
        heldout_unseen=to_blob(version.heldout_unseen),
        chunks=to_blob(version.chunks),
        ledger=to_blob(version.ledger),
        train_count=version.train_count,
        documents=version.documents,
        stage=to_stage(stage),
    )
