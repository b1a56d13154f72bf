"""The reasons that the federation service gives."""

from services.chassis.errors import Conflict, Denied, Exhausted, FailedPrecondition, Invalid, NotFound


class FederationNotFound(NotFound):
    reason = "FEDERATION_NOT_FOUND"


class RoundNotFound(NotFound):
    reason = "ROUND_NOT_FOUND"


class FederationInvalid(Invalid):
    reason = "FEDERATION_INVALID"


class UpdateInvalid(Invalid):
    reason = "UPDATE_INVALID"


class UpdateTooLarge(Exhausted):
    reason = "UPDATE_TOO_LARGE"


class DigestMismatch(Invalid):
    reason = "DIGEST_MISMATCH"


class NotOnRoster(Denied):
    reason = "NOT_ON_ROSTER"


class SignatureInvalid(Denied):
    reason = "SIGNATURE_INVALID"


class FederationEnded(FailedPrecondition):
    reason = "FEDERATION_ENDED"


class RoundClosed(FailedPrecondition):
    reason = "ROUND_CLOSED"


class UpdateAlreadySubmitted(Conflict):
    reason = "UPDATE_ALREADY_SUBMITTED"


class EvaluationInvalid(Invalid):
    reason = "EVALUATION_INVALID"
