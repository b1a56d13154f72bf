"""The gRPC face of agents: protobuf to domain and back."""

from typing import Any

from services.agents.handlers.runs import Asked, RunHandlers
from services.agents.messages import to_run
from services.chassis.store import Page
from whetstone.agents.v1 import agents_pb2 as pb
from whetstone.agents.v1 import agents_pb2_grpc


class AgentServicer(agents_pb2_grpc.AgentServiceServicer):
    def __init__(self, handlers: RunHandlers) -> None:
        self._handlers = handlers

    def CreateAgentRun(self, request: pb.CreateAgentRunRequest, context: Any) -> pb.AgentRun:
        run = request.agent_run
        asked = Asked(request.parent, run.task, run.model, run.plan, dict(run.inputs), request.request_id)
        return to_run(self._handlers.create(asked))

    def GetAgentRun(self, request: pb.GetAgentRunRequest, context: Any) -> pb.AgentRun:
        return to_run(*self._handlers.get(request.name))

    def ListAgentRuns(self, request: pb.ListAgentRunsRequest, context: Any) -> pb.ListAgentRunsResponse:
        runs, token = self._handlers.page(request.parent, Page(request.page_size, request.page_token))
        return pb.ListAgentRunsResponse(agent_runs=[to_run(run) for run in runs], next_page_token=token)

    def CancelAgentRun(self, request: pb.CancelAgentRunRequest, context: Any) -> pb.AgentRun:
        return to_run(*self._handlers.cancel(request.name))
