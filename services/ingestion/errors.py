"""The reasons that the ingestion service gives to a caller. Why a file is rejected is in `domain.documents.Reason`."""

from services.chassis.errors import FailedPrecondition, Invalid, NotFound


class DocumentNotFound(NotFound):
    reason = "DOCUMENT_NOT_FOUND"


class RevisionNotFound(NotFound):
    reason = "REVISION_NOT_FOUND"


class ChunkNotFound(NotFound):
    reason = "CHUNK_NOT_FOUND"


class UploadNotFound(NotFound):
    reason = "UPLOAD_NOT_FOUND"


class ParentInvalid(Invalid):
    reason = "PARENT_INVALID"


class FilenameInvalid(Invalid):
    reason = "FILENAME_INVALID"


class ContentTooLarge(Invalid):
    reason = "CONTENT_TOO_LARGE"


class StateInvalid(Invalid):
    reason = "STATE_INVALID"


class WithdrawalReasonMissing(Invalid):
    reason = "WITHDRAWAL_REASON_MISSING"


class DocumentWithdrawn(FailedPrecondition):
    reason = "DOCUMENT_WITHDRAWN"
