"""The gRPC face of serving: protobuf to domain and back."""

from typing import Any

from services.chassis import auth
from services.chassis.store import Page
from services.serving.handlers import Handlers
from services.serving.messages import (
    completion_message,
    endpoint_message,
    probe_message,
    to_completion,
    to_prompt,
)
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc


class ServingServicer(serving_pb2_grpc.ServingServiceServicer):
    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def GetEndpoint(self, request: pb.GetEndpointRequest, context: Any) -> pb.Endpoint:
        return endpoint_message(self._handlers.endpoint(auth.caller().tenant, request.name))

    def ListEndpoints(self, request: pb.ListEndpointsRequest, context: Any) -> pb.ListEndpointsResponse:
        page = Page(request.page_size, request.page_token)
        found, token = self._handlers.endpoints(auth.caller().tenant, request.parent, page)
        return pb.ListEndpointsResponse(endpoints=[endpoint_message(one) for one in found], next_page_token=token)

    def ProbeModel(self, request: pb.ProbeModelRequest, context: Any) -> pb.ProbeModelResponse:
        prompts = [to_prompt(prompt) for prompt in request.prompts]
        tenant = auth.caller().tenant
        return probe_message(self._handlers.probe(tenant, request.model_version, prompts, request.max_new_tokens))

    def RecordCompletion(self, request: pb.RecordCompletionRequest, context: Any) -> pb.Completion:
        given = to_completion(request.completion)
        tenant = auth.caller().tenant
        return completion_message(self._handlers.record(tenant, request.parent, request.completion_id, given))

    def GetCompletion(self, request: pb.GetCompletionRequest, context: Any) -> pb.Completion:
        return completion_message(self._handlers.completion(auth.caller().tenant, request.name))

    def ListCompletions(self, request: pb.ListCompletionsRequest, context: Any) -> pb.ListCompletionsResponse:
        page = Page(request.page_size, request.page_token)
        tenant = auth.caller().tenant
        found, token = self._handlers.completions(tenant, request.parent, page, request.model_version)
        return pb.ListCompletionsResponse(completions=[completion_message(one) for one in found], next_page_token=token)

    def ComputeInfluenceFeatures(
        self, request: pb.ComputeInfluenceFeaturesRequest, context: Any
    ) -> pb.ComputeInfluenceFeaturesResponse:
        completion, found = self._handlers.influence(auth.caller().tenant, request.completion)
        return pb.ComputeInfluenceFeaturesResponse(
            features=found.features,
            checkpoints=found.checkpoints,
            dimensions=found.dimensions,
            base_loss=found.base_loss,
            tuned_loss=found.tuned_loss,
            model_version=completion.model_version,
        )
