"""The reasons that the synthesis service gives."""

from services.chassis.errors import FailedPrecondition, Invalid, NotFound, Unavailable


class SynthesisJobNotFound(NotFound):
    reason = "SYNTHESIS_JOB_NOT_FOUND"


class ParentInvalid(Invalid):
    reason = "PARENT_INVALID"


class ParameterInvalid(Invalid):
    """A number is out of its range; the message names it and the range."""

    reason = "PARAMETER_INVALID"


class ToolsInvalid(Invalid):
    """`tools_json` is not a list of OpenAI function tools."""

    reason = "TOOLS_INVALID"


class JobEnded(FailedPrecondition):
    reason = "JOB_ENDED"


class NoClaims(FailedPrecondition):
    """The analysis has no claim in force, so there is nothing to ask about."""

    reason = "NO_CLAIMS"


class CorpusUnreadable(Invalid):
    """A blob of the curated export is not in the form that curation promises."""

    reason = "CORPUS_UNREADABLE"


class AttemptsExhausted(FailedPrecondition):
    """The job was started again and again without coming to an end."""

    reason = "ATTEMPTS_EXHAUSTED"


class GeneratorUnavailable(Unavailable):
    reason = "GENERATOR_UNAVAILABLE"


class GeneratorRefused(FailedPrecondition):
    """The generator's endpoint refuses the request; repeating it does not help."""

    reason = "GENERATOR_REFUSED"


class GeneratorUnreadable(FailedPrecondition):
    """The generator's answer is not the JSON that it was asked for."""

    reason = "GENERATOR_UNREADABLE"
