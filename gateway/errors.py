"""What the gateway itself refuses, and how any refusal looks over HTTP.

The HTTP status follows from the gRPC status; `TRANSPORT` holds the few that only HTTP knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc

from services.chassis.errors import (
    HTTP_STATUS,
    DeadlineExceeded,
    Denied,
    Exhausted,
    Invalid,
    NotFound,
    ServiceError,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    grpc_status,
)
from services.chassis.rpc import DOMAIN

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


class RouteUnknown(NotFound):
    reason = "ROUTE_UNKNOWN"


class MethodNotAllowed(Unimplemented):
    reason = "METHOD_NOT_ALLOWED"


class PathInvalid(Invalid):
    reason = "PATH_INVALID"


class JsonInvalid(Invalid):
    reason = "JSON_INVALID"


class FieldUnknown(Invalid):
    reason = "FIELD_UNKNOWN"


class FieldInvalid(Invalid):
    reason = "FIELD_INVALID"


class FieldConflict(Invalid):
    """One field is given twice, with different values."""

    reason = "FIELD_CONFLICT"


class BodyUnexpected(Invalid):
    reason = "BODY_UNEXPECTED"


class BodyMalformed(Invalid):
    reason = "BODY_MALFORMED"


class BodyTooLarge(Invalid):
    reason = "BODY_TOO_LARGE"


class BodyTimeout(DeadlineExceeded):
    reason = "BODY_TIMEOUT"


class MediaTypeUnsupported(Invalid):
    reason = "MEDIA_TYPE_UNSUPPORTED"


class TooBusy(Exhausted):
    reason = "TOO_BUSY"


class TokenMissing(Unauthenticated):
    reason = "TOKEN_MISSING"


class TenantMissing(Denied):
    """The identity provider vouches for the caller but names no tenant."""

    reason = "TENANT_MISSING"


class IdentityProviderUnavailable(Unavailable):
    reason = "IDENTITY_PROVIDER_UNAVAILABLE"


class ProjectMissing(Invalid):
    reason = "PROJECT_MISSING"


class RuntimeUnavailable(Unavailable):
    reason = "RUNTIME_UNAVAILABLE"


class RuntimeTimeout(DeadlineExceeded):
    reason = "RUNTIME_TIMEOUT"


class ModelUnknown(NotFound):
    reason = "MODEL_UNKNOWN"


class ClientGone(Exception):
    """The client closed the connection; nobody is left to answer."""


TRANSPORT: Mapping[type[ServiceError], int] = {
    MethodNotAllowed: 405,
    BodyTooLarge: 413,
    BodyTimeout: 408,
    MediaTypeUnsupported: 415,
}


@dataclass(frozen=True)
class Refusal:
    """A failed call as it goes out: the gRPC status, a public message, the stable reason and what goes with it."""

    status: grpc.StatusCode
    message: str
    reason: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    http_status: int = 0
    domain: str = DOMAIN

    @property
    def http(self) -> int:
        return self.http_status or HTTP_STATUS[self.status]

    def body(self) -> dict[str, Any]:
        """google.rpc.Status in the JSON form of AIP-193."""
        info = {"@type": ERROR_INFO, "reason": self.reason, "domain": self.domain, "metadata": dict(self.metadata)}
        error = {"code": self.http, "status": self.status.name, "message": self.message, "details": [info]}
        return {"error": error}

    def openai_body(self) -> dict[str, Any]:
        """The same in OpenAI's shape, whose `code` is a word."""
        kind = "invalid_request_error" if self.http < 500 else "server_error"
        return {"error": self.body()["error"] | {"type": kind, "param": None, "code": self.reason}}


class CallRefused(Exception):
    """A service answered a call with a failure."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refusal_of(error: ServiceError) -> Refusal:
    return Refusal(grpc_status(error), error.message, error.reason, error.metadata, TRANSPORT.get(type(error), 0))
