"""The reasons that a participant gives."""

from services.chassis.errors import DataLoss, Denied, FailedPrecondition


class KeyUnusable(FailedPrecondition):
    reason = "KEY_UNUSABLE"


class DatasetUnusable(FailedPrecondition):
    reason = "DATASET_UNUSABLE"


class TrainingFailed(FailedPrecondition):
    reason = "TRAINING_FAILED"


class ReceiptWrong(DataLoss):
    """The coordinator's record of the round does not hold what this firm sent."""

    reason = "RECEIPT_WRONG"


class EgressRefused(Denied):
    """A message that may not leave the firm."""

    reason = "EGRESS_REFUSED"
