"""The reasons that the agents service gives."""

from services.chassis.errors import FailedPrecondition, Invalid, NotFound


class AgentRunNotFound(NotFound):
    reason = "AGENT_RUN_NOT_FOUND"


class ParentInvalid(Invalid):
    reason = "PARENT_INVALID"


class ModelInvalid(Invalid):
    reason = "MODEL_INVALID"


class PlanUnknown(Invalid):
    reason = "PLAN_UNKNOWN"


class InputMissing(Invalid):
    reason = "INPUT_MISSING"


class InputUnknown(Invalid):
    reason = "INPUT_UNKNOWN"


class InputInvalid(Invalid):
    reason = "INPUT_INVALID"


class RunEnded(FailedPrecondition):
    reason = "RUN_ENDED"
