"""The tables of training: jobs, model versions, models."""

import sqlalchemy as sa

from services.chassis.store import Resources, resource_table
from services.training.domain.jobs import TrainingJob
from services.training.domain.versions import Model, ModelVersion
from services.training.errors import ModelNotFound, ModelVersionNotFound, TrainingJobNotFound
from services.training.ports import Tables

_METADATA = sa.MetaData()
_JOBS = resource_table(_METADATA, "training_jobs", sa.Column("state", sa.String(20), nullable=False, index=True))
_VERSIONS = resource_table(
    _METADATA,
    "model_versions",
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("dataset_version", sa.String(500), nullable=False, index=True),
    sa.Column("gate_due", sa.Boolean, nullable=False, index=True),
)
_MODELS = resource_table(_METADATA, "models")


def tables() -> Tables:
    return Tables(
        Resources(_JOBS, TrainingJob, TrainingJobNotFound),
        Resources(_VERSIONS, ModelVersion, ModelVersionNotFound),
        Resources(_MODELS, Model, ModelNotFound),
    )
