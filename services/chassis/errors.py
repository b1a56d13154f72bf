"""The catalog of error categories. A service error subclasses one of them and names a stable `reason`.

One table maps a category to its gRPC status, and one maps the gRPC status to HTTP, so that the two can't drift apart.
"""

from collections.abc import Mapping
from typing import ClassVar

import grpc


class ServiceError(Exception):
    """An error with a public message. `reason` is stable, UPPER_SNAKE; `metadata` goes out with it in an ErrorInfo."""

    reason: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.message = message
        self.metadata: Mapping[str, str] = metadata


class Invalid(ServiceError):
    """The request can't be right whatever the state is."""

    reason = "INVALID_ARGUMENT"


class Unauthenticated(ServiceError):
    """Nobody knows who is calling."""

    reason = "UNAUTHENTICATED"


class Denied(ServiceError):
    """The caller may not do this."""

    reason = "PERMISSION_DENIED"


class NotFound(ServiceError):
    reason = "NOT_FOUND"


class AlreadyExists(ServiceError):
    reason = "ALREADY_EXISTS"


class Conflict(ServiceError):
    """The resource changed since the caller read it; reading it again and repeating may help."""

    reason = "ABORTED"


class FailedPrecondition(ServiceError):
    """The state of the system does not allow it; repeating does not help until that is changed."""

    reason = "FAILED_PRECONDITION"


class Exhausted(ServiceError):
    """A quota or a stated limit is reached."""

    reason = "RESOURCE_EXHAUSTED"


class Unavailable(ServiceError):
    """A part that is needed does not answer now; repeating later helps. Consumers retry this category and no other."""

    reason = "UNAVAILABLE"


class DeadlineExceeded(ServiceError):
    reason = "DEADLINE_EXCEEDED"


class DataLoss(ServiceError):
    """Stored content is not what its hash says."""

    reason = "DATA_LOSS"


class Unimplemented(ServiceError):
    reason = "UNIMPLEMENTED"


class Internal(ServiceError):
    reason = "INTERNAL"


GRPC_STATUS: Mapping[type[ServiceError], grpc.StatusCode] = {
    Invalid: grpc.StatusCode.INVALID_ARGUMENT,
    Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    Denied: grpc.StatusCode.PERMISSION_DENIED,
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    Conflict: grpc.StatusCode.ABORTED,
    FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    Exhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Unavailable: grpc.StatusCode.UNAVAILABLE,
    DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    DataLoss: grpc.StatusCode.DATA_LOSS,
    Unimplemented: grpc.StatusCode.UNIMPLEMENTED,
    Internal: grpc.StatusCode.INTERNAL,
}

# google/rpc/code.proto names the HTTP mapping of each code.
HTTP_STATUS: Mapping[grpc.StatusCode, int] = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
}


def category(error: ServiceError) -> type[ServiceError]:
    """The catalog's class that an error belongs to."""
    return next((c for c in type(error).__mro__ if c in GRPC_STATUS), Internal)


def grpc_status(error: ServiceError) -> grpc.StatusCode:
    return GRPC_STATUS[category(error)]


def from_status(code: grpc.StatusCode) -> type[ServiceError]:
    """The category that a remote status stands for; what the table does not know is Internal."""
    return next((c for c, status in GRPC_STATUS.items() if status is code), Internal)
