"""The reasons that the tools service gives."""

from services.chassis.errors import Denied, FailedPrecondition, Invalid, NotFound


class ToolNotFound(NotFound):
    reason = "TOOL_NOT_FOUND"


class OperationNotFound(NotFound):
    reason = "OPERATION_NOT_FOUND"


class ToolCallNotFound(NotFound):
    reason = "TOOL_CALL_NOT_FOUND"


class NameInvalid(Invalid):
    reason = "NAME_INVALID"


class OpenApiInvalid(Invalid):
    """The document is no OpenAPI document, is too large, or refers to what it does not hold."""

    reason = "OPENAPI_INVALID"


class OperationUnsupported(Invalid):
    reason = "OPERATION_UNSUPPORTED"


class BaseUrlInvalid(Invalid):
    reason = "BASE_URL_INVALID"


class CredentialRefInvalid(Invalid):
    reason = "CREDENTIAL_REF_INVALID"


class CredentialMissing(FailedPrecondition):
    reason = "CREDENTIAL_MISSING"


class ArgumentsInvalid(Invalid):
    """Metadata `path` is a JSON pointer to the argument at fault."""

    reason = "ARGUMENTS_INVALID"


class DecisionInvalid(Invalid):
    reason = "DECISION_INVALID"


class CallNotWaiting(FailedPrecondition):
    reason = "CALL_NOT_WAITING"


class ApproverIsCaller(Denied):
    reason = "APPROVER_IS_CALLER"


class ApprovalMissing(FailedPrecondition):
    reason = "APPROVAL_MISSING"


class ApprovalMismatch(Denied):
    """Metadata `fields` names what differs from the approved."""

    reason = "APPROVAL_MISMATCH"


class ApprovalExpired(FailedPrecondition):
    reason = "APPROVAL_EXPIRED"


class ApprovalUsed(FailedPrecondition):
    reason = "APPROVAL_USED"
