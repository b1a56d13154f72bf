"""What can go wrong at the controller; the model server's own errors pass through with their reason."""

from services.chassis.errors import FailedPrecondition, Internal, Invalid, NotFound, Unavailable


class EndpointNotFound(NotFound):
    reason = "ENDPOINT_NOT_FOUND"


class CompletionNotFound(NotFound):
    reason = "COMPLETION_NOT_FOUND"


class ModelVersionNotFound(NotFound):
    reason = "MODEL_VERSION_NOT_FOUND"


class ModelVersionRevoked(FailedPrecondition):
    """It was taken out of service for good."""

    reason = "MODEL_VERSION_REVOKED"


class CompletionOfBase(FailedPrecondition):
    """The plain base gave the answer, so no training data of the firm did."""

    reason = "COMPLETION_OF_BASE"


class NameInvalid(Invalid):
    reason = "NAME_INVALID"


class CompletionInvalid(Invalid):
    """A field of the completion is missing or is not what it says."""

    reason = "COMPLETION_INVALID"


class ProbeInvalid(Invalid):
    reason = "PROBE_INVALID"


class ModelServerUnavailable(Unavailable):
    reason = "MODEL_SERVER_UNAVAILABLE"


class ModelServerConfused(Internal):
    """The model server answered something that is not its protocol."""

    reason = "MODEL_SERVER_CONFUSED"
