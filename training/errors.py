"""Typed errors of the training package; `reason` is stable and ends up in `error.json`."""

from __future__ import annotations

from typing import ClassVar


class TrainingError(Exception):
    """A failure that running again won't cure. `reason` is UPPER_SNAKE and never changes once released."""

    reason: ClassVar[str] = "TRAINING_FAILED"


class SpecInvalid(TrainingError):
    """The job spec or recipe has a wrong field; the message names the line or the path."""

    reason = "SPEC_INVALID"


class BaseNotFound(TrainingError):
    """The base model is neither embedded, nor a folder, nor a repository that can be fetched."""

    reason = "BASE_NOT_FOUND"


class BaseWithoutChatTemplate(TrainingError):
    """The base's tokenizer has no chat template or no end token, so no prompt can be rendered."""

    reason = "BASE_WITHOUT_CHAT_TEMPLATE"


class BaseNotPackable(TrainingError):
    """The architecture doesn't go through the attention interface, or needs what packed attention lacks."""

    reason = "BASE_NOT_PACKABLE"


class ExampleInvalid(TrainingError):
    """A line of the dataset isn't an example; the message names file and line."""

    reason = "EXAMPLE_INVALID"


class DatasetEmpty(TrainingError):
    """No training example was given."""

    reason = "DATASET_EMPTY"


class EmptyCompletion(TrainingError):
    """An example has no token that bears loss."""

    reason = "EMPTY_COMPLETION"


class SequenceTooLong(TrainingError):
    """An example is longer than the model's context or than a batch."""

    reason = "SEQUENCE_TOO_LONG"


class TemplateUnstable(TrainingError):
    """The prompt's rendering isn't a prefix of the conversation's, or the template ignores tools."""

    reason = "TEMPLATE_UNSTABLE"


class LoraTargetsUnmatched(TrainingError):
    """A LoRA target names no linear layer of the base."""

    reason = "LORA_TARGETS_UNMATCHED"


class LossNotFinite(TrainingError):
    """The loss or its gradient became NaN or infinite."""

    reason = "LOSS_NOT_FINITE"


class CheckpointCorrupt(TrainingError):
    """A checkpoint's content doesn't match its recorded digest."""

    reason = "CHECKPOINT_CORRUPT"


class AdapterBaseMismatch(TrainingError):
    """The adapter was trained on another base than the one given."""

    reason = "ADAPTER_BASE_MISMATCH"


class BundleInvalid(TrainingError):
    """The bundle lacks a file, or a file isn't the one its manifest records."""

    reason = "BUNDLE_INVALID"


class InfluenceIndexInvalid(TrainingError):
    """The influence index is missing, or its arrays don't fit its meta data."""

    reason = "INFLUENCE_INDEX_INVALID"


class Cancelled(TrainingError):
    """The job was told to stop; a checkpoint was written first."""

    reason = "CANCELLED"
