"""The reasons that the training service gives."""

from services.chassis.errors import Conflict, FailedPrecondition, Invalid, NotFound


class TrainingJobNotFound(NotFound):
    reason = "TRAINING_JOB_NOT_FOUND"


class ModelVersionNotFound(NotFound):
    reason = "MODEL_VERSION_NOT_FOUND"


class ModelNotFound(NotFound):
    reason = "MODEL_NOT_FOUND"


class NameInvalid(Invalid):
    """A parent or name is not of the form that it must have."""

    reason = "NAME_INVALID"


class RecipeUnknown(Invalid):
    reason = "RECIPE_UNKNOWN"


class SpecInvalid(Invalid):
    """The specification sets what the service fills in, or can't be read."""

    reason = "SPEC_INVALID"


class DatasetTooSmall(FailedPrecondition):
    """A dataset version with so few examples teaches nothing."""

    reason = "DATASET_TOO_SMALL"


class DatasetNotPublished(FailedPrecondition):
    reason = "DATASET_NOT_PUBLISHED"


class JobEnded(FailedPrecondition):
    reason = "JOB_ENDED"


class AttemptStale(Conflict):
    """The result of an attempt that another one has replaced."""

    reason = "ATTEMPT_STALE"


class BundleInvalid(Invalid):
    """An adapter bundle lacks a file, holds what it must not, or is not what its manifest says."""

    reason = "BUNDLE_INVALID"


class BaseMismatch(FailedPrecondition):
    """The adapter was trained on another base model than the ones that are served here."""

    reason = "BASE_MISMATCH"


class ResultInvalid(FailedPrecondition):
    """What a job left behind can't be read."""

    reason = "RESULT_INVALID"


class GateNotPassed(FailedPrecondition):
    reason = "GATE_NOT_PASSED"


class EvaluationMissing(FailedPrecondition):
    """The version was not evaluated yet, so the gate has nothing to judge."""

    reason = "EVALUATION_MISSING"


class VersionRevoked(FailedPrecondition):
    reason = "VERSION_REVOKED"


class VersionTainted(FailedPrecondition):
    """A document that the version learnt from was withdrawn, and the policy is to stop."""

    reason = "VERSION_TAINTED"


class ReasonMissing(Invalid):
    reason = "REASON_MISSING"


class NothingToRollBackTo(FailedPrecondition):
    reason = "NOTHING_TO_ROLL_BACK_TO"
