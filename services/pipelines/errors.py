"""The reasons that the pipelines service gives."""

from services.chassis.errors import Conflict, FailedPrecondition, Invalid, NotFound


class RunNotFound(NotFound):
    reason = "RUN_NOT_FOUND"


class RecipeUnknown(Invalid):
    reason = "RECIPE_UNKNOWN"


class ParameterUnknown(Invalid):
    reason = "PARAMETER_UNKNOWN"


class ParentInvalid(Invalid):
    reason = "PARENT_INVALID"


class RunEnded(FailedPrecondition):
    reason = "RUN_ENDED"


class RunNotFailed(FailedPrecondition):
    reason = "RUN_NOT_FAILED"


class RunNotWaiting(FailedPrecondition):
    reason = "RUN_NOT_WAITING"


class FindingsOpen(FailedPrecondition):
    reason = "FINDINGS_OPEN"


class StageStale(Conflict):
    reason = "STAGE_STALE"
