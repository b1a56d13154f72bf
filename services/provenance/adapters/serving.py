"""Answers and their influence features, asked of the serving service."""

import json
from collections.abc import Mapping
from typing import Any

import grpc

from services.provenance.ports.outside import Completion, Features
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc

LOOKUP_SECONDS = 10.0


class ServingCompletions:
    def __init__(self, channel: grpc.Channel, feature_seconds: float) -> None:
        self._stub = serving_pb2_grpc.ServingServiceStub(channel)
        self._feature_seconds = feature_seconds

    def get(self, name: str) -> Completion:
        found = self._stub.GetCompletion(pb.GetCompletionRequest(name=name), timeout=LOOKUP_SECONDS)
        calls = called_text(found.tool_calls_json)
        text = "\n".join(part for part in (found.text, calls) if part)
        question = question_of(found.messages_json)
        return Completion(found.name, found.model_version, found.dataset_version, question, text)

    def features(self, name: str) -> Features:
        request = pb.ComputeInfluenceFeaturesRequest(completion=name)
        found = self._stub.ComputeInfluenceFeatures(request, timeout=self._feature_seconds)
        return Features(
            found.features,
            found.checkpoints,
            found.dimensions,
            found.base_loss,
            found.tuned_loss,
            found.model_version,
        )


def question_of(messages_json: str) -> str:
    """The last message of a user in OpenAI chat JSON; a content of parts gives its text parts."""
    messages = json.loads(messages_json) if messages_json else []
    asked = [message for message in messages if message.get("role") == "user"]
    return _content(asked[-1]) if asked else ""


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")


def called_text(tool_calls_json: str) -> str:
    calls = json.loads(tool_calls_json) if tool_calls_json else []
    functions = [call.get("function", {}) for call in calls]
    return "\n".join(f"{function.get('name', '')}({function.get('arguments', '')})" for function in functions)
