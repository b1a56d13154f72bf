"""The gRPC face of pipelines: protobuf to domain and back."""

from typing import Any

from services.chassis import auth
from services.chassis.rpc import timestamp
from services.chassis.store import Page
from services.pipelines.domain import Failure, Run, Stage
from services.pipelines.handlers import Handlers
from services.pipelines.ports import Traces
from whetstone.pipelines.v1 import pipelines_pb2 as pb
from whetstone.pipelines.v1 import pipelines_pb2_grpc
from whetstone.type.v1 import location_pb2


class PipelineServicer(pipelines_pb2_grpc.PipelineServiceServicer):
    def __init__(self, handlers: Handlers, traces: Traces) -> None:
        self._handlers, self._traces = handlers, traces

    def CreateRun(self, request: pb.CreateRunRequest, context: Any) -> pb.Run:
        tenant = auth.caller().tenant
        run = request.run
        return to_run(
            self._handlers.create(tenant, request.parent, run.recipe, dict(run.parameters), request.request_id)
        )

    def GetRun(self, request: pb.GetRunRequest, context: Any) -> pb.Run:
        return to_run(self._handlers.get(auth.caller().tenant, request.name))

    def ListRuns(self, request: pb.ListRunsRequest, context: Any) -> pb.ListRunsResponse:
        page = Page(request.page_size, request.page_token)
        runs, token = self._handlers.list_runs(auth.caller().tenant, request.parent, page)
        return pb.ListRunsResponse(runs=[to_run(run) for run in runs], next_page_token=token)

    def CancelRun(self, request: pb.CancelRunRequest, context: Any) -> pb.Run:
        return to_run(self._handlers.cancel(auth.caller().tenant, request.name))

    def RetryRun(self, request: pb.RetryRunRequest, context: Any) -> pb.Run:
        return to_run(self._handlers.retry(auth.caller().tenant, request.name))

    def ResumeRun(self, request: pb.ResumeRunRequest, context: Any) -> pb.Run:
        return to_run(self._handlers.resume(auth.caller().tenant, request.name))

    def GetRunTrace(self, request: pb.GetRunTraceRequest, context: Any) -> pb.RunTrace:
        run = self._handlers.get(auth.caller().tenant, request.name)
        spans = [
            pb.Span(
                span_id=span.span_id,
                parent_id=span.parent_id,
                name=span.name,
                service=span.service,
                start_unix_nano=span.start,
                end_unix_nano=span.end,
                attributes=span.attributes,
                status=span.status,
            )
            for span in self._traces.spans(run.trace_id)
        ]
        return pb.RunTrace(trace_id=run.trace_id, spans=spans)


def to_run(run: Run) -> pb.Run:
    return pb.Run(
        name=run.name,
        state=run.state.value,
        recipe=run.recipe,
        parameters=run.parameters,
        stages=[to_stage(stage) for stage in run.stages],
        failure=to_failure(run.failure),
        trace_id=run.trace_id,
        create_time=timestamp(run.create_time),
        update_time=timestamp(run.update_time),
        etag=run.etag,
    )


def to_stage(stage: Stage) -> pb.Stage:
    return pb.Stage(
        id=stage.id,
        state=stage.state.value,
        attempt=stage.attempt,
        outputs=stage.outputs,
        failure=to_failure(stage.failure),
        start_time=timestamp(stage.start_time),
        end_time=timestamp(stage.end_time),
    )


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None
