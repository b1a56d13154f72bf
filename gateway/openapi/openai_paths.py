"""What the OpenAPI document says of the OpenAI-compatible routes, which no descriptor describes."""

from typing import Any

Json = dict[str, Any]
_REFERENCE = "As OpenAI's API reference has it."
_ANSWER_HEADERS = {
    "whetstone-completion-id": "Names the answer; `/v1/completions/{completion}/influences` traces it.",
    "whetstone-model-version": "The model version that answered.",
    "whetstone-adapter-digest": "SHA-256 of the adapter that answered.",
    "whetstone-dataset-version": "The dataset version that it learnt from.",
}


def openai_paths() -> dict[str, Json]:
    project = {
        "name": "whetstone-project",
        "in": "header",
        "description": "The project; `OpenAI-Project` is taken as well.",
        "schema": {"type": "string"},
    }
    completion = {"name": "completion", "in": "path", "required": True, "schema": {"type": "string"}}
    model = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}
    trace = {"$ref": "#/components/schemas/provenance.v1.CompletionTrace"}
    return {
        "/v1/chat/completions": {"post": _generation("createChatCompletion", "Answers a chat.", project)},
        "/v1/completions": {"post": _generation("createCompletion", "Continues a text.", project)},
        "/v1/embeddings": {"post": _generation("createEmbedding", "Embeds a text, where the model can.", project)},
        "/v1/models": {"get": _operation("listModels", "Lists the models that answer.", [project])},
        "/v1/models/{model}": {"get": _operation("retrieveModel", "One of them.", [model, project])},
        "/v1/completions/{completion}/influences": {
            "get": _operation("traceCompletion", "Traces an answer.", [completion, project], trace)
        },
    }


def _generation(name: str, summary: str, project: Json) -> Json:
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    operation = _operation(name, summary, [project])
    operation["responses"]["200"]["headers"] = {
        header: {"description": words, "schema": {"type": "string"}} for header, words in _ANSWER_HEADERS.items()
    }
    operation["responses"]["200"]["content"]["text/event-stream"] = {}
    return {**operation, "requestBody": body}


def _operation(name: str, summary: str, parameters: list[Json], schema: Json | None = None) -> Json:
    content: Json = {"application/json": {"schema": schema or {"type": "object"}}}
    return {
        "operationId": f"openai.{name}",
        "tags": ["openai"],
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": _REFERENCE, "content": content},
            "default": {"$ref": "#/components/responses/Error"},
        },
    }
