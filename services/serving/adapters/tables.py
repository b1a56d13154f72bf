"""The controller's tables."""

import sqlalchemy as sa

from services.chassis.store import Resources, resource_table
from services.serving.domain import Completion, Endpoint, ServedVersion
from services.serving.errors import CompletionNotFound, EndpointNotFound, ModelVersionNotFound
from services.serving.ports import Tables

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


def tables() -> Tables:
    """The tables as the use cases know them."""
    return Tables(
        Resources(VERSIONS, ServedVersion, ModelVersionNotFound),
        Resources(ENDPOINTS, Endpoint, EndpointNotFound),
        Resources(COMPLETIONS, Completion, CompletionNotFound),
    )
