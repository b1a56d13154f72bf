"""The controller's tables."""

from dataclasses import dataclass

import sqlalchemy as sa

from services.chassis.store import Resources, resource_table
from services.serving.domain import Completion, Endpoint, ServedVersion
from services.serving.errors import CompletionNotFound, EndpointNotFound, ModelVersionNotFound

_METADATA = sa.MetaData()
VERSIONS = resource_table(
    _METADATA,
    "versions",
    sa.Column("stand", sa.String(20), nullable=False, index=True),
    sa.Column("announce", sa.Boolean, nullable=False),
)
ENDPOINTS = resource_table(_METADATA, "endpoints")
COMPLETIONS = resource_table(
    _METADATA, "completions", sa.Column("model_version", sa.String(500), nullable=False, index=True)
)


@dataclass(frozen=True)
class Tables:
    """The three kinds of resources that serving keeps."""

    versions: Resources[ServedVersion]
    endpoints: Resources[Endpoint]
    completions: Resources[Completion]


def tables() -> Tables:
    return Tables(
        Resources(VERSIONS, ServedVersion, ModelVersionNotFound),
        Resources(ENDPOINTS, Endpoint, EndpointNotFound),
        Resources(COMPLETIONS, Completion, CompletionNotFound),
    )
