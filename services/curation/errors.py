"""The reasons that the curation service gives."""

from services.chassis.errors import Conflict, DataLoss, FailedPrecondition, Internal, Invalid, NotFound


class AnalysisNotFound(NotFound):
    reason = "ANALYSIS_NOT_FOUND"


class FindingNotFound(NotFound):
    reason = "FINDING_NOT_FOUND"


class ClaimNotFound(NotFound):
    reason = "CLAIM_NOT_FOUND"


class TaxonomyNotFound(NotFound):
    reason = "TAXONOMY_NOT_FOUND"


class DatasetNotFound(NotFound):
    reason = "DATASET_NOT_FOUND"


class DatasetVersionNotFound(NotFound):
    reason = "DATASET_VERSION_NOT_FOUND"


class DocumentUnknown(NotFound):
    reason = "DOCUMENT_UNKNOWN"


class BuildNotFound(NotFound):
    reason = "BUILD_NOT_FOUND"


class SynthesisUnknown(NotFound):
    reason = "SYNTHESIS_UNKNOWN"


class ParentInvalid(Invalid):
    reason = "PARENT_INVALID"


class FilterInvalid(Invalid):
    reason = "FILTER_INVALID"


class OutcomeUnknown(Invalid):
    reason = "OUTCOME_UNKNOWN"


class ReasonMissing(Invalid):
    reason = "REASON_MISSING"


class NoteMissing(Invalid):
    reason = "NOTE_MISSING"


class DatasetIdInvalid(Invalid):
    reason = "DATASET_ID_INVALID"


class TaxonomyCycle(Invalid):
    reason = "TAXONOMY_CYCLE"


class TopicInvalid(Invalid):
    reason = "TOPIC_INVALID"


class FindingAlreadySettled(Conflict):
    reason = "FINDING_ALREADY_SETTLED"


class FindingNotSettled(FailedPrecondition):
    reason = "FINDING_NOT_SETTLED"


class NothingToAnalyse(FailedPrecondition):
    reason = "NOTHING_TO_ANALYSE"


class NotAnalysed(FailedPrecondition):
    reason = "NOT_ANALYSED"


class DatasetEmpty(FailedPrecondition):
    reason = "DATASET_EMPTY"


class DatasetContaminated(FailedPrecondition):
    reason = "DATASET_CONTAMINATED"


class StartsExhausted(Internal):
    reason = "STARTS_EXHAUSTED"


class LedgerUnbalanced(Internal):
    reason = "LEDGER_UNBALANCED"


class ExamplesUnreadable(DataLoss):
    reason = "EXAMPLES_UNREADABLE"


class ChunksUnreadable(DataLoss):
    reason = "CHUNKS_UNREADABLE"
