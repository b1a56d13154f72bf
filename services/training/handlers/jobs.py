"""Use cases on jobs: create, follow, cancel, and what the worker writes."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid4, uuid5

from services.chassis import telemetry
from services.chassis.errors import ServiceError
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Resources, Store, Tx, fingerprint
from services.training.domain.jobs import (
    ENDED,
    OWN_FIELDS,
    DatasetVersion,
    Failure,
    JobState,
    Spec,
    StageRef,
    TrainingJob,
    is_model,
    stage_job_name,
    started,
)
from services.training.errors import (
    AttemptStale,
    DatasetNotPublished,
    DatasetTooSmall,
    JobEnded,
    NameInvalid,
    SpecInvalid,
)
from services.training.messages import state_changed
from services.training.ports import Datasets, Recipes

Now = Callable[[], datetime]
PROJECT = re.compile(r"projects/[a-z0-9][a-z0-9-]{0,62}")


class Jobs:
    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        jobs: Resources[TrainingJob],
        datasets: Datasets,
        recipes: Recipes,
        *,
        min_examples: int = 2,
        now: Now | None = None,
    ) -> None:
        self._store, self._outbox, self._jobs = store, outbox, jobs
        self._datasets, self._recipes, self._min_examples = datasets, recipes, min_examples
        self._now = now or (lambda: datetime.now(UTC))

    def create(self, tenant: str, parent: str, asked: TrainingJob, request_id: str = "") -> TrainingJob:
        """Queues a job.

        Raises NameInvalid, RecipeUnknown, SpecInvalid, DatasetTooSmall, DatasetNotPublished, and what curation says of
        a dataset version that it does not have.
        """
        if not PROJECT.fullmatch(parent):
            raise NameInvalid(f"{parent!r} is not projects/{{project}}", name=parent)
        self._check(asked.model, asked.recipe, asked.spec)
        self.check_dataset(self._datasets.get(asked.dataset_version))
        id_ = uuid5(NAMESPACE_URL, f"{tenant}/{parent}/{request_id}") if request_id else uuid4()
        job = self._new(replace(asked, name=f"{parent}/trainingJobs/{id_.hex[:12]}"))
        mark = fingerprint(asked.dataset_version, asked.model, asked.recipe, dict(asked.spec))
        with self._store.begin() as tx:
            stored, is_new = self._jobs.create(tx, tenant, job, request_id, mark)
            if is_new:
                self._outbox.add(tx, tenant, stored.name, state_changed(stored))
            return stored

    def _check(self, model: str, recipe: str, spec: Spec) -> None:
        if not is_model(model):
            raise NameInvalid(f"{model!r} is not projects/{{project}}/models/{{model}}", name=model)
        if own := sorted(OWN_FIELDS & set(spec)):
            raise SpecInvalid(f"{own[0]} is filled in by the service", field=own[0])
        self._recipes.read(recipe)

    def check_dataset(self, dataset: DatasetVersion) -> None:
        """Raises DatasetNotPublished or DatasetTooSmall."""
        if dataset.state != "PUBLISHED":
            raise DatasetNotPublished(f"{dataset.name} is {dataset.state}", name=dataset.name)
        if dataset.train_count < self._min_examples:
            raise DatasetTooSmall(
                f"{dataset.name} has {dataset.train_count} training examples, {self._min_examples} are needed",
                name=dataset.name,
            )

    def start_stage(self, tx: Tx, tenant: str, asked: TrainingJob, stage: StageRef) -> None:
        """Queues a stage's job once per attempt. One that can't be is a failed job, so that its run learns it."""
        name = stage_job_name(stage)
        if self._jobs.find(tx, tenant, name) is not None:
            return
        job = self._new(replace(asked, name=name, stage=stage))
        try:
            self._check(job.model, job.recipe, job.spec)
        except ServiceError as error:
            job = replace(job, state=JobState.FAILED, failure=Failure(error.reason, error.message))
        self._jobs.create(tx, tenant, job)
        self._outbox.add(tx, tenant, name, state_changed(job))

    def evaluate(self, tx: Tx, tenant: str, asked: TrainingJob, request_id: str) -> TrainingJob:
        """Queues the evaluation of an imported version in the transaction that registers it."""
        job, is_new = self._jobs.create(tx, tenant, self._new(asked), request_id, asked.evaluates)
        if is_new:
            self._outbox.add(tx, tenant, job.name, state_changed(job))
        return job

    def _new(self, job: TrainingJob) -> TrainingJob:
        now = self._now()
        return replace(job, traceparent=telemetry.traceparent(), create_time=now, update_time=now)

    def get(self, tenant: str, name: str) -> TrainingJob:
        with self._store.read() as tx:
            return self._jobs.get(tx, tenant, name)

    def list_jobs(self, tenant: str, parent: str, page: Page) -> tuple[list[TrainingJob], str]:
        with self._store.read() as tx:
            return self._jobs.page(tx, tenant, parent, page)

    def cancel(self, tenant: str, name: str) -> TrainingJob:
        """Cancels a queued job at once, and asks a running one to stop after a checkpoint. Raises JobEnded."""
        with self._store.begin() as tx:
            job = self._jobs.get(tx, tenant, name)
            if job.state in ENDED:
                raise JobEnded(f"{name} has ended as {job.state}", name=name)
            return self._cancel(tx, tenant, job)

    def cancel_stage(self, tx: Tx, tenant: str, stage: StageRef) -> None:
        job = self._jobs.find(tx, tenant, stage_job_name(stage))
        if job is not None and job.state not in ENDED:
            self._cancel(tx, tenant, job)

    def _cancel(self, tx: Tx, tenant: str, job: TrainingJob) -> TrainingJob:
        if job.state is JobState.QUEUED:
            return self._end(tx, tenant, job, JobState.CANCELLED, Failure("CANCELLED", "the job was cancelled"))
        return self._put(tx, tenant, replace(job, cancel_requested=True))

    def active(self) -> list[tuple[str, TrainingJob]]:
        """Jobs under way, then those that wait, with their tenants."""
        with self._store.read() as tx:
            state = self._jobs.table.c.state
            running = list(self._jobs.scan(tx, state == JobState.RUNNING.value))
            return running + list(self._jobs.scan(tx, state == JobState.QUEUED.value))

    def begin(self, tenant: str, name: str) -> TrainingJob:
        """Counts the next attempt; results of earlier ones are refused from here on. Raises JobEnded."""
        with self._store.begin() as tx:
            before = self._jobs.get(tx, tenant, name)
            if before.state in ENDED:
                raise JobEnded(f"{name} has ended as {before.state}", name=name)
            job = self._put(tx, tenant, started(before))
            self._outbox.add(tx, tenant, name, state_changed(job))
            return job

    def update(self, tenant: str, name: str, attempt: int, change: Callable[[TrainingJob], TrainingJob]) -> TrainingJob:
        """Writes what an attempt says of itself. Raises AttemptStale, JobEnded."""
        with self._store.begin() as tx:
            return self._put(tx, tenant, change(self.current(tx, tenant, name, attempt)))

    def end(self, tenant: str, name: str, attempt: int, state: JobState, failure: Failure) -> TrainingJob:
        """Ends a job without a result. Raises AttemptStale, JobEnded."""
        with self._store.begin() as tx:
            return self._end(tx, tenant, self.current(tx, tenant, name, attempt), state, failure)

    def _end(self, tx: Tx, tenant: str, job: TrainingJob, state: JobState, failure: Failure) -> TrainingJob:
        ended = self._put(tx, tenant, replace(job, state=state, failure=failure))
        self._outbox.add(tx, tenant, job.name, state_changed(ended))
        return ended

    def succeed(self, tx: Tx, tenant: str, job: TrainingJob) -> TrainingJob:
        """Ends a job with its result, in the transaction that registers it."""
        ended = self._put(tx, tenant, replace(job, state=JobState.SUCCEEDED))
        self._outbox.add(tx, tenant, job.name, state_changed(ended))
        return ended

    def current(self, tx: Tx, tenant: str, name: str, attempt: int) -> TrainingJob:
        """The job, if this attempt at it is the one under way. Raises AttemptStale, JobEnded."""
        job = self._jobs.get(tx, tenant, name)
        if job.state in ENDED:
            raise JobEnded(f"{name} has ended as {job.state}", name=name)
        if job.attempt != attempt:
            raise AttemptStale(f"attempt {attempt} of {name} was replaced by {job.attempt}", name=name)
        return job

    def _put(self, tx: Tx, tenant: str, job: TrainingJob) -> TrainingJob:
        return self._jobs.put(tx, tenant, replace(job, update_time=self._now()))
