"""The gRPC face of training: protobuf to domain and back."""

import time
from collections.abc import Iterator
from typing import Any

from services.chassis import auth
from services.chassis.lifecycle import Worker
from services.chassis.store import Page
from services.training.domain.jobs import ENDED, BlobRef, TrainingJob
from services.training.handlers.importing import Importing
from services.training.handlers.jobs import Jobs
from services.training.handlers.registry import Registry
from services.training.handlers.reports import Reports
from services.training.messages import from_spec, to_job, to_version
from whetstone.training.v1 import training_pb2 as pb
from whetstone.training.v1 import training_pb2_grpc

WATCH_SECONDS = 0.25


class TrainingServicer(training_pb2_grpc.TrainingServiceServicer):
    def __init__(
        self,
        jobs: Jobs,
        registry: Registry,
        reports: Reports,
        importing: Importing,
        gatekeeper: Worker,
        gate_wait_seconds: float,
    ) -> None:
        self._reports = reports
        self._jobs, self._registry, self._importing = jobs, registry, importing
        self._gatekeeper, self._gate_wait = gatekeeper, gate_wait_seconds

    def CreateTrainingJob(self, request: pb.CreateTrainingJobRequest, context: Any) -> pb.TrainingJob:
        asked = request.training_job
        job = TrainingJob("", asked.dataset_version, asked.model, asked.recipe, from_spec(asked.spec))
        return to_job(self._jobs.create(auth.caller().tenant, request.parent, job, request.request_id))

    def GetTrainingJob(self, request: pb.GetTrainingJobRequest, context: Any) -> pb.TrainingJob:
        return to_job(self._jobs.get(auth.caller().tenant, request.name))

    def ListTrainingJobs(self, request: pb.ListTrainingJobsRequest, context: Any) -> pb.ListTrainingJobsResponse:
        page = Page(request.page_size, request.page_token)
        jobs, token = self._jobs.list_jobs(auth.caller().tenant, request.parent, page)
        return pb.ListTrainingJobsResponse(training_jobs=[to_job(job) for job in jobs], next_page_token=token)

    def CancelTrainingJob(self, request: pb.CancelTrainingJobRequest, context: Any) -> pb.TrainingJob:
        return to_job(self._jobs.cancel(auth.caller().tenant, request.name))

    def WatchTrainingJob(self, request: pb.WatchTrainingJobRequest, context: Any) -> Iterator[pb.TrainingJob]:
        tenant = auth.caller().tenant
        last: TrainingJob | None = None
        while context.is_active():
            job = self._jobs.get(tenant, request.name)
            if last is None or job.update_time != last.update_time:
                yield to_job(job)
            if job.state in ENDED:
                return
            last = job
            time.sleep(WATCH_SECONDS)

    def GetModelVersion(self, request: pb.GetModelVersionRequest, context: Any) -> pb.ModelVersion:
        return to_version(self._registry.get(auth.caller().tenant, request.name))

    def ListModelVersions(self, request: pb.ListModelVersionsRequest, context: Any) -> pb.ListModelVersionsResponse:
        page = Page(request.page_size, request.page_token)
        versions, token = self._registry.list_versions(auth.caller().tenant, request.parent, page)
        return pb.ListModelVersionsResponse(versions=[to_version(v) for v in versions], next_page_token=token)

    def GetEvaluationReport(self, request: pb.GetEvaluationReportRequest, context: Any) -> pb.EvaluationReport:
        report = self._reports.evaluation(auth.caller().tenant, request.name.removesuffix("/evaluationReport"))
        message = pb.EvaluationReport(name=request.name)
        message.report.update(report)
        return message

    def ImportModelVersion(self, request: pb.ImportModelVersionRequest, context: Any) -> pb.ModelVersion:
        bundle = BlobRef(request.bundle.sha256, request.bundle.size_bytes, request.bundle.media_type)
        tenant = auth.caller().tenant
        return to_version(self._importing.import_version(tenant, request.parent, bundle, request.dataset_version))

    def GateModelVersion(self, request: pb.GateModelVersionRequest, context: Any) -> pb.ModelVersion:
        """Waits for the report for a while; the gate goes on where it takes longer."""
        tenant = auth.caller().tenant
        version = self._registry.ask_gate(tenant, request.name)
        self._gatekeeper.wake()
        until = time.monotonic() + self._gate_wait
        while version.gate_due and time.monotonic() < until and context.is_active():
            time.sleep(WATCH_SECONDS)
            version = self._registry.get(tenant, request.name)
        return to_version(version)

    def PromoteModelVersion(self, request: pb.PromoteModelVersionRequest, context: Any) -> pb.ModelVersion:
        return to_version(self._registry.promote(auth.caller().tenant, request.name))

    def RevokeModelVersion(self, request: pb.RevokeModelVersionRequest, context: Any) -> pb.ModelVersion:
        return to_version(self._registry.revoke(auth.caller().tenant, request.name, request.reason))

    def RollBackModel(self, request: pb.RollBackModelRequest, context: Any) -> pb.ModelVersion:
        return to_version(self._registry.roll_back(auth.caller().tenant, request.name, request.reason))
