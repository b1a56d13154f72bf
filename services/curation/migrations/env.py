from alembic import context

from services.chassis.store import run_migrations

run_migrations(context)
