"""The gRPC face of synthesis: protobuf to domain and back."""

import json
from typing import Any

from services.chassis import auth
from services.chassis.blobs import Blobs
from services.chassis.rpc import timestamp
from services.chassis.store import Page, PageTokenInvalid, page_token
from services.synthesis.domain.job import (
    DEFAULT_HELDOUT,
    DEFAULT_UNSEEN,
    DEFAULT_WORDINGS,
    BlobRef,
    Parameters,
    SynthesisJob,
)
from services.synthesis.handlers import Handlers
from whetstone.synthesis.v1 import synthesis_pb2 as pb
from whetstone.synthesis.v1 import synthesis_pb2_grpc
from whetstone.type.v1 import location_pb2


class SynthesisServicer(synthesis_pb2_grpc.SynthesisServiceServicer):
    def __init__(self, handlers: Handlers, blobs: Blobs) -> None:
        self._handlers, self._blobs = handlers, blobs

    def CreateSynthesisJob(self, request: pb.CreateSynthesisJobRequest, context: Any) -> pb.SynthesisJob:
        asked = request.synthesis_job
        tenant = auth.caller().tenant
        parameters = from_job(asked)
        return to_job(self._handlers.create(tenant, request.parent, asked.analysis, parameters, request.request_id))

    def GetSynthesisJob(self, request: pb.GetSynthesisJobRequest, context: Any) -> pb.SynthesisJob:
        return to_job(self._handlers.get(auth.caller().tenant, request.name))

    def ListSynthesisJobs(self, request: pb.ListSynthesisJobsRequest, context: Any) -> pb.ListSynthesisJobsResponse:
        page = Page(request.page_size, request.page_token)
        jobs, token = self._handlers.list_jobs(auth.caller().tenant, request.parent, page)
        return pb.ListSynthesisJobsResponse(synthesis_jobs=[to_job(job) for job in jobs], next_page_token=token)

    def CancelSynthesisJob(self, request: pb.CancelSynthesisJobRequest, context: Any) -> pb.SynthesisJob:
        return to_job(self._handlers.cancel(auth.caller().tenant, request.name))

    def ListGeneratedExamples(
        self, request: pb.ListGeneratedExamplesRequest, context: Any
    ) -> pb.ListGeneratedExamplesResponse:
        """Accepted examples, then rejected ones, in the order of the job's blobs."""
        tenant = auth.caller().tenant
        job = self._handlers.get(tenant, request.parent)
        page = Page(request.page_size, request.page_token)
        lines = [] if request.rejected_only else self._lines(tenant, job.examples)
        lines = [*lines, *self._lines(tenant, job.rejects)]
        # Ids repeat where one example has several reasons, so a page begins behind a position.
        first = _position(page)
        end = first + page.limit()
        token = page_token(str(end)) if end < len(lines) else ""
        return pb.ListGeneratedExamplesResponse(
            examples=[to_example(json.loads(line)) for line in lines[first:end]], next_page_token=token
        )

    def _lines(self, tenant: str, blob: BlobRef | None) -> list[str]:
        if blob is None:
            return []
        return [line for line in self._blobs.get(tenant, blob.sha256).decode().split("\n") if line]


def _position(page: Page) -> int:
    after = page.after() or "0"
    if not after.isdecimal():
        raise PageTokenInvalid("page_token was not given out by this service")
    return int(after)


def from_job(job: pb.SynthesisJob) -> Parameters:
    return Parameters(
        job.wordings or DEFAULT_WORDINGS,
        job.heldout_wordings or DEFAULT_HELDOUT,
        job.unseen_share or DEFAULT_UNSEEN,
        job.seed,
        job.tools_json,
    )


def to_job(job: SynthesisJob) -> pb.SynthesisJob:
    progress = location_pb2.Progress(
        phase=job.progress.phase,
        done=job.progress.done,
        total=job.progress.total,
        eta_seconds=job.progress.eta_seconds,
    )
    failure = location_pb2.Failure(**vars(job.failure)) if job.failure else None
    return pb.SynthesisJob(
        name=job.name,
        state=job.state.value,
        progress=progress,
        failure=failure,
        analysis=job.analysis,
        wordings=job.parameters.wordings,
        heldout_wordings=job.parameters.heldout_wordings,
        unseen_share=job.parameters.unseen_share,
        seed=job.parameters.seed,
        accepted=job.accepted,
        rejected=job.rejected,
        examples=to_blob(job.examples),
        rejects=to_blob(job.rejects),
        create_time=timestamp(job.create_time),
        update_time=timestamp(job.update_time),
        generator=job.generator,
        tools_json=job.parameters.tools_json,
    )


def to_blob(blob: BlobRef | None) -> location_pb2.BlobRef | None:
    if blob is None:
        return None
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes, media_type=blob.media_type)


def to_example(line: dict[str, Any]) -> pb.GeneratedExample:
    completion = line["messages"][-1]
    calls = [call["function"] for call in completion.get("tool_calls", ())]
    return pb.GeneratedExample(
        id=line["id"],
        kind=line["kind"],
        split=line["split"],
        prompt=line["messages"][-2]["content"],
        completion=completion["content"] or json.dumps(calls, ensure_ascii=False),
        claim=next(iter(line["claims"]), ""),
        chunks=line["chunk_ids"],
        accepted="reason" not in line,
        reason=line.get("reason", ""),
    )
