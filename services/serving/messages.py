"""Protobuf messages to the domain's words and back."""

from services.chassis.rpc import timestamp
from services.serving.domain import (
    Completion,
    Endpoint,
    EndpointAdapter,
    Policy,
    ProbePrompt,
    ProbeReport,
    ServedVersion,
    Stage,
    Stand,
)
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2

# The registry says PASSED of a version that waits for its promotion; here it is a candidate still.
_STANDS = {
    training_pb2.ModelVersion.REFUSED: Stand.RETIRED,
    training_pb2.ModelVersion.RETIRED: Stand.RETIRED,
    training_pb2.ModelVersion.REVOKED: Stand.REVOKED,
}


def to_version(message: training_pb2.ModelVersion) -> ServedVersion:
    """A registered version; whether it is live is said by its promotion alone."""
    policy = Policy(message.taint_policy or "WARN") if message.taints else Policy.NONE
    return ServedVersion(
        name=message.name,
        base=message.base,
        base_digest=message.base_digest,
        adapter_digest=message.adapter_digest,
        bundle=message.bundle.sha256,
        influence=message.influence.sha256,
        dataset_version=message.dataset_version,
        dataset_digest=message.dataset_digest,
        stand=_STANDS.get(message.state, Stand.CANDIDATE),
        policy=policy,
        warning="; ".join(message.taints),
    )


def to_stage(message: location_pb2.StageRef) -> Stage:
    return Stage(message.run, message.stage, message.attempt)


def stage_message(stage: Stage) -> location_pb2.StageRef | None:
    return location_pb2.StageRef(run=stage.run, stage=stage.stage, attempt=stage.attempt) if stage.run else None


def endpoint_message(endpoint: Endpoint) -> pb.Endpoint:
    return pb.Endpoint(
        name=endpoint.name,
        state=endpoint.state.value,
        base=endpoint.base,
        base_digest=endpoint.base_digest,
        adapters=[_adapter_message(adapter) for adapter in endpoint.adapters],
        url=endpoint.url,
        message=endpoint.message,
        update_time=timestamp(endpoint.update_time),
    )


def _adapter_message(adapter: EndpointAdapter) -> pb.ServedAdapter:
    return pb.ServedAdapter(
        model_version=adapter.model_version,
        adapter_digest=adapter.adapter_digest,
        dataset_version=adapter.dataset_version,
        dataset_digest=adapter.dataset_digest,
        live=adapter.live,
        loaded=adapter.loaded,
        warning=adapter.warning,
    )


# The fields that have one name and one form on both sides.
_COMPLETION_FIELDS = (
    "name", "model_version", "adapter_digest", "dataset_version", "dataset_digest", "base_digest", "messages_json",
    "text", "tools_json", "tool_calls_json", "prompt_tokens", "completion_tokens", "finish_reason", "caller",
    "trace_id",
)  # fmt: skip


def completion_message(completion: Completion) -> pb.Completion:
    fields = {name: getattr(completion, name) for name in _COMPLETION_FIELDS}
    return pb.Completion(**fields, create_time=timestamp(completion.create_time))


def to_completion(message: pb.Completion) -> Completion:
    """Without a time: the controller sets it when it writes the completion down."""
    return Completion(**{name: getattr(message, name) for name in _COMPLETION_FIELDS})


def to_prompt(message: pb.ProbePrompt) -> ProbePrompt:
    return ProbePrompt(message.id, message.messages_json, message.tools_json, tuple(message.score_ids))


def probe_message(report: ProbeReport) -> pb.ProbeModelResponse:
    results = [
        pb.ProbeResult(
            id=result.id,
            prompt_ids=result.prompt_ids,
            generated_ids=result.generated_ids,
            logprobs=result.logprobs,
            text=result.text,
        )
        for result in report.results
    ]
    return pb.ProbeModelResponse(
        results=results,
        adapter_digest=report.adapter_digest,
        base_digest=report.base_digest,
        dtype=report.dtype,
        end_token_ids=report.end_token_ids,
    )
