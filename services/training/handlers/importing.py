"""Registers adapters that were trained elsewhere, and has them evaluated here."""

import tempfile
from pathlib import Path

from services.chassis.blobs import Blobs
from services.chassis.store import Store
from services.training.bundles import INFLUENCE, pack, read_bundle, unpack
from services.training.domain.jobs import BlobRef, DatasetVersion, TrainingJob, is_model
from services.training.domain.versions import Bundle, ModelVersion, version_name
from services.training.errors import BaseMismatch, NameInvalid
from services.training.handlers.jobs import Jobs
from services.training.handlers.registry import Registry, require_operator
from services.training.ports import Datasets, Tables

TAR = "application/x-tar"


class Importing:
    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        tables: Tables,
        jobs: Jobs,
        registry: Registry,
        datasets: Datasets,
        base: str,
    ) -> None:
        self._store, self._blobs, self._tables = store, blobs, tables
        self._jobs, self._registry, self._datasets, self._base = jobs, registry, datasets, base

    def import_version(self, tenant: str, model: str, bundle: BlobRef, dataset_version: str) -> ModelVersion:
        """Registers a bundle as a candidate; a job evaluates it where a dataset version is named.

        Raises BundleInvalid, BaseMismatch, NameInvalid, BlobNotFound, and what curation says of the dataset version.
        """
        require_operator()
        if not is_model(model):
            raise NameInvalid(f"{model!r} is not projects/{{project}}/models/{{model}}", name=model)
        dataset = self._datasets.get(dataset_version) if dataset_version else None
        if dataset is not None:
            self._jobs.check_dataset(dataset)
        with tempfile.TemporaryDirectory(prefix="whetstone-import-") as folder:
            unpack(self._blobs.get(tenant, bundle.sha256), Path(folder))
            found = read_bundle(Path(folder))
            # Packed anew, so that what is served holds plain files only and no foreign influence index.
            stored = self._blobs.put(tenant, pack(Path(folder), leave_out=INFLUENCE), TAR)
        own = BlobRef(stored.sha256, stored.size_bytes, stored.media_type)
        return self._register(tenant, model, own, found, dataset)

    def _register(
        self, tenant: str, model: str, bundle: BlobRef, found: Bundle, dataset: DatasetVersion | None
    ) -> ModelVersion:
        name = version_name(model, found.adapter_digest)
        id_ = name.rsplit("/", 1)[-1]
        job = f"{model.split('/models/')[0]}/trainingJobs/evaluate-{id_}" if dataset else ""
        version = ModelVersion(
            name,
            bundle,
            base=found.base,
            base_digest=found.base_digest,
            adapter_digest=found.adapter_digest,
            dataset_version=dataset.name if dataset else "",
            dataset_digest=dataset.digest if dataset else "",
            training_job=job,
        )
        self._check_base(tenant, found)
        with self._store.begin() as tx:
            registered = self._registry.register(tx, tenant, version)
            if dataset is not None and registered.evaluation is None:
                asked = TrainingJob(job, dataset.name, model, evaluates=name, bundle=bundle)
                self._jobs.evaluate(tx, tenant, asked, f"evaluate-{id_}")
            return registered

    def _check_base(self, tenant: str, found: Bundle) -> None:
        """An adapter fits one base only: one that is trained on here, with the weights that are known of it."""
        with self._store.read() as tx:
            known = {(v.base, v.base_digest) for v in self._tables.versions.all(tx, tenant, "projects/-")}
        bases = {base for base, _ in known} | {self._base}
        if found.base not in bases:
            raise BaseMismatch(f"the adapter is for {found.base}, not for {', '.join(sorted(bases))}", base=found.base)
        digests = {digest for base, digest in known if base == found.base}
        if digests and found.base_digest not in digests:
            raise BaseMismatch(f"the adapter was trained on other weights of {found.base}", base=found.base)
