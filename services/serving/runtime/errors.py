"""What can go wrong at the model server; each reason is the `code` of an OpenAI error body."""

from services.chassis.errors import (
    Exhausted,
    FailedPrecondition,
    Internal,
    Invalid,
    NotFound,
    Unavailable,
)


class RequestMalformed(Invalid):
    """A field has the wrong type or an impossible value; `param` names it."""

    reason = "REQUEST_MALFORMED"


class ParameterUnsupported(Invalid):
    """A parameter that would change the answer, and that this server does not know how to honour."""

    reason = "PARAMETER_UNSUPPORTED"


class ContextLengthExceeded(Invalid):
    reason = "CONTEXT_LENGTH_EXCEEDED"


class PromptUnrenderable(Invalid):
    """The chat template refuses the messages."""

    reason = "PROMPT_UNRENDERABLE"


class ModelNotFound(NotFound):
    reason = "MODEL_NOT_FOUND"


class ModelAmbiguous(Invalid):
    """A short name that more than one project has."""

    reason = "MODEL_AMBIGUOUS"


class ModelVersionStopped(FailedPrecondition):
    """A document that it learnt from was withdrawn, and the policy is to stop."""

    reason = "MODEL_VERSION_STOPPED"


class AdapterNotLoaded(Unavailable):
    reason = "ADAPTER_NOT_LOADED"


class AdapterBaseMismatch(FailedPrecondition):
    """The adapter was trained on another base."""

    reason = "ADAPTER_BASE_MISMATCH"


class AdapterInvalid(FailedPrecondition):
    """The bundle lacks a file, or a file does not have its digest."""

    reason = "ADAPTER_INVALID"


class InfluenceIndexMissing(FailedPrecondition):
    reason = "INFLUENCE_INDEX_MISSING"


class EngineOverloaded(Exhausted):
    reason = "ENGINE_OVERLOADED"


class EngineStopped(Unavailable):
    reason = "ENGINE_STOPPED"


class GenerationFailed(Internal):
    reason = "GENERATION_FAILED"


class CompletionNotRecorded(Unavailable):
    """The answer was made but could not be written down; an answer that cannot be traced is not given."""

    reason = "COMPLETION_NOT_RECORDED"
