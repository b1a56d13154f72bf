"""The domain's words to protobuf messages and back."""

from typing import Any

from google.protobuf import json_format

from services.chassis.rpc import timestamp
from services.training.domain.jobs import BlobRef, Failure, Progress, Spec, StageRef, TrainingJob
from services.training.domain.versions import Check, ModelVersion, Report
from services.training.errors import SpecInvalid
from whetstone.training.v1 import events_pb2, job_pb2
from whetstone.training.v1 import training_pb2 as pb
from whetstone.type.v1 import location_pb2


def to_job(job: TrainingJob) -> pb.TrainingJob:
    measures = job.measures
    return pb.TrainingJob(
        name=job.name,
        state=job.state.value,
        progress=_progress(job.progress),
        failure=to_failure(job.failure),
        dataset_version=job.dataset_version,
        model=job.model,
        spec=json_format.ParseDict(dict(job.spec), job_pb2.JobSpec(), ignore_unknown_fields=True),
        recipe=job.recipe,
        attempt=job.attempt,
        loss=measures.loss,
        losses=measures.losses,
        tokens_per_second=measures.tokens_per_second,
        flops=measures.flops,
        cpu_seconds=measures.cpu_seconds,
        model_version=job.model_version,
        log_tail=job.log_tail,
        create_time=timestamp(job.create_time),
        update_time=timestamp(job.update_time),
    )


def from_spec(spec: job_pb2.JobSpec) -> Spec:
    """What is set of a specification, in snake_case."""
    values: dict[str, Any] = json_format.MessageToDict(spec, preserving_proto_field_name=True)
    return values


def spec_of_text(text: str) -> Spec:
    """A specification given as proto JSON. Raises SpecInvalid."""
    try:
        return from_spec(json_format.Parse(text or "{}", job_pb2.JobSpec()))
    except json_format.ParseError as error:
        raise SpecInvalid(f"the specification can't be read: {error}") from error


def _progress(progress: Progress) -> location_pb2.Progress:
    return location_pb2.Progress(
        phase=progress.phase,
        done=progress.done,
        total=progress.total,
        eta_seconds=progress.eta_seconds,
        message=progress.message,
    )


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None


def to_blob(blob: BlobRef | None) -> location_pb2.BlobRef | None:
    if blob is None:
        return None
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes, media_type=blob.media_type)


def to_stage(stage: StageRef) -> location_pb2.StageRef | None:
    return location_pb2.StageRef(run=stage.run, stage=stage.stage, attempt=stage.attempt) if stage.run else None


def from_stage(stage: location_pb2.StageRef) -> StageRef:
    return StageRef(stage.run, stage.stage, stage.attempt)


def to_version(version: ModelVersion) -> pb.ModelVersion:
    return pb.ModelVersion(
        name=version.name,
        state=version.state.value,
        base=version.base,
        base_digest=version.base_digest,
        adapter_digest=version.adapter_digest,
        bundle=to_blob(version.bundle),
        dataset_version=version.dataset_version,
        dataset_digest=version.dataset_digest,
        training_job=version.training_job,
        gate=to_report(version.gate) if version.gate else None,
        evaluation=to_blob(version.evaluation),
        influence=to_blob(version.influence),
        taints=version.taints,
        taint_policy=version.taint_policy,
        revoked_because=version.revoked_because,
        create_time=timestamp(version.create_time),
        update_time=timestamp(version.update_time),
        etag=version.etag,
    )


def to_report(report: Report) -> pb.GateReport:
    return pb.GateReport(
        verdict=report.verdict.value,
        checks=[_check(check) for check in report.checks],
        time=timestamp(report.time),
        policy_digest=report.policy_digest,
    )


def _check(check: Check) -> pb.GateCheck:
    return pb.GateCheck(
        name=check.name,
        passed=check.passed,
        reason=check.reason,
        explanation=check.explanation,
        value=check.value,
        interval_low=check.low,
        interval_high=check.high,
        threshold=check.threshold,
        unit=check.unit,
    )


def state_changed(job: TrainingJob) -> events_pb2.TrainingJobStateChanged:
    return events_pb2.TrainingJobStateChanged(
        training_job=job.name,
        state=job.state.value,
        attempt=job.attempt,
        failure=to_failure(job.failure),
        model_version=job.model_version,
        dataset_version=job.dataset_version,
        stage=to_stage(job.stage),
    )
