"""The tables of federations and rounds."""

import sqlalchemy as sa

from services.chassis.store import Resources, resource_table
from services.federation.domain import Federation, Round
from services.federation.errors import FederationNotFound, RoundNotFound

_METADATA = sa.MetaData()
_FEDERATIONS = resource_table(_METADATA, "federations", sa.Column("state", sa.String(20), nullable=False, index=True))
_ROUNDS = resource_table(_METADATA, "rounds", sa.Column("state", sa.String(20), nullable=False, index=True))


def federations() -> Resources[Federation]:
    return Resources(_FEDERATIONS, Federation, FederationNotFound)


def rounds() -> Resources[Round]:
    return Resources(_ROUNDS, Round, RoundNotFound)
