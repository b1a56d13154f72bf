"""The reasons that the provenance service gives."""

from services.chassis.errors import DataLoss, Exhausted, FailedPrecondition, Invalid, NotFound, Unavailable


class LogEntryNotFound(NotFound):
    reason = "LOG_ENTRY_NOT_FOUND"


class CheckpointNotFound(NotFound):
    reason = "CHECKPOINT_NOT_FOUND"


class ResourceUnknown(NotFound):
    """No event has named the resource."""

    reason = "RESOURCE_UNKNOWN"


class AuditPackNotFound(NotFound):
    reason = "AUDIT_PACK_NOT_FOUND"


class ModelVersionUnknown(NotFound):
    reason = "MODEL_VERSION_UNKNOWN"


class NameInvalid(Invalid):
    reason = "NAME_INVALID"


class TreeSizeInvalid(Invalid):
    reason = "TREE_SIZE_INVALID"


class DirectionUnknown(Invalid):
    reason = "DIRECTION_UNKNOWN"


class LimitInvalid(Invalid):
    reason = "LIMIT_INVALID"


class LineageTooLarge(Exhausted):
    reason = "LINEAGE_TOO_LARGE"


class AuditPackNotReady(FailedPrecondition):
    reason = "AUDIT_PACK_NOT_READY"


class CompletionNotTraceable(FailedPrecondition):
    """The answer came from no model version that learnt from the firm's data."""

    reason = "COMPLETION_NOT_TRACEABLE"


class DatasetNotPublished(FailedPrecondition):
    """The dataset version's publication is not heard yet, or its payload was erased."""

    reason = "DATASET_NOT_PUBLISHED"


class LogInconsistent(DataLoss):
    """The stored tree no longer continues the last checkpoint: nothing is signed until a person looks."""

    reason = "LOG_INCONSISTENT"


class DatasetUnreadable(DataLoss):
    reason = "DATASET_UNREADABLE"


class SnapshotPending(Unavailable):
    """The commitment to a dataset version's examples is under way."""

    reason = "SNAPSHOT_PENDING"


class EvaluationUnreadable(DataLoss):
    reason = "EVALUATION_UNREADABLE"


class ValueNotCanonical(DataLoss):
    """A value that has no canonical JSON, such as NaN."""

    reason = "VALUE_NOT_CANONICAL"


class IndexUnreadable(DataLoss):
    reason = "INDEX_UNREADABLE"


class SigningKeyExposed(FailedPrecondition):
    reason = "SIGNING_KEY_EXPOSED"


class SigningKeyInvalid(FailedPrecondition):
    reason = "SIGNING_KEY_INVALID"
