"""Records in SQLite or PostgreSQL through SQLAlchemy Core, one database per service.

`Resources` keeps one kind of resource (AIP-121) in one table: the whole resource as JSON, with columns for what is
looked up. It gives paging (AIP-158), idempotent creation by `request_id` (AIP-155) and etags (AIP-154) to every service
alike.
"""

import base64
import hashlib
import importlib
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import alembic.command
import alembic.config
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from services.chassis.errors import AlreadyExists, Conflict, Invalid, NotFound

Tx = sa.Connection
DEFAULT_PAGE = 50
MAX_PAGE = 1000
BUSY_SECONDS = 30


class PageTokenInvalid(Invalid):
    reason = "PAGE_TOKEN_INVALID"


class PageSizeInvalid(Invalid):
    reason = "PAGE_SIZE_INVALID"


class RequestIdReused(Conflict):
    reason = "REQUEST_ID_REUSED"


class EtagMismatch(Conflict):
    reason = "ETAG_MISMATCH"


class NameTaken(AlreadyExists):
    reason = "NAME_TAKEN"


class Store:
    """A service's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A write transaction: committed at the end, rolled back on an error."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A consistent view that writes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str, state_dir: Path, service: str) -> Store:
    """Opens the database at `url`; an empty one means the service's SQLite file under `state_dir`."""
    if not url:
        path = sqlite_path(state_dir, service)
        path.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{path}"
    if not url.startswith("sqlite"):
        return Store(sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=5))
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Store(engine)


def sqlite_path(state_dir: Path, service: str) -> Path:
    return state_dir / "db" / f"{service}.sqlite"


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are ours, not the driver's
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A write that begins as a read can fail when it upgrades its lock; taking the lock at once waits instead.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(store: Store, package: str) -> None:
    """Brings the schema to the newest revision of `package`, such as `services.ingestion.migrations`."""
    module = importlib.import_module(package)
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(next(iter(module.__path__)))))
    config.attributes["engine"] = store.engine
    alembic.command.upgrade(config, "head")


def run_migrations(context: Any) -> None:
    """The whole of a service's `migrations/env.py`."""
    engine: sa.Engine = context.config.attributes["engine"]
    with engine.connect().execution_options(writes=True) as connection:
        context.configure(connection=connection, transaction_per_migration=True, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()


class Named(Protocol):
    @property
    def name(self) -> str: ...


R = TypeVar("R", bound=Named)


def resource_columns() -> list[sa.Column[Any]]:
    """The columns of every resource table, as of schema 1. Migrations use it; a change needs a schema 2 beside it."""
    return [
        sa.Column("tenant", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(500), primary_key=True),
        sa.Column("parent", sa.String(500), nullable=False, index=True),
        sa.Column("request_id", sa.String(100)),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("etag", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    ]


def resource_table(metadata: sa.MetaData, table: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table for one kind of resource. Extra columns are named like the resource's fields and filled from them."""
    unique = sa.UniqueConstraint("tenant", "parent", "request_id", name=f"uq_{table}_request")
    return sa.Table(table, metadata, *resource_columns(), *columns, unique)


def parent_of(name: str) -> str:
    """The parent of a resource name: `projects/p` of `projects/p/documents/d`."""
    return name.rsplit("/", 2)[0]


@dataclass(frozen=True)
class Page:
    """A List request's paging; `size` 0 means DEFAULT_PAGE, more than MAX_PAGE means MAX_PAGE."""

    size: int = 0
    token: str = ""

    def limit(self) -> int:
        if self.size < 0:
            raise PageSizeInvalid("page_size must not be negative", page_size=str(self.size))
        return min(self.size or DEFAULT_PAGE, MAX_PAGE)

    def after(self) -> str:
        """The name that the page begins behind."""
        try:
            return base64.b64decode(self.token, altchars=b"-_", validate=True).decode() if self.token else ""
        except ValueError as error:
            raise PageTokenInvalid("page_token was not given out by this service") from error


def page_token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def fingerprint(*parts: object) -> str:
    """A hash of a request's content: tells a repeated request from another one under the same id."""
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()


class Resources(Generic[R]):
    """Resources of one dataclass `kind` in `table`. Every method takes the transaction and the tenant."""

    def __init__(self, table: sa.Table, kind: type[R], not_found: type[NotFound]) -> None:
        self.table = table
        self._codec: TypeAdapter[R] = TypeAdapter(kind)
        self._not_found = not_found
        self._has_etag = "etag" in {f.name for f in fields(kind)}  # type: ignore[arg-type]
        standard = {column.name for column in resource_columns()}
        self._extra = [column.name for column in table.columns if column.name not in standard]

    def create(self, tx: Tx, tenant: str, item: R, request_id: str = "", mark: str = "") -> tuple[R, bool]:
        """Adds a resource; returns it and whether it is new.

        The same `request_id` under the same parent returns the first answer, or raises RequestIdReused where `mark`
        (see `fingerprint`) differs. A name that is taken raises NameTaken.
        """
        earlier = self._by_request(tx, tenant, item, request_id)
        if earlier is not None:
            if earlier.fingerprint != mark:
                raise RequestIdReused("this request_id was used with another request", request_id=request_id)
            return self._decode(earlier), False
        row = self._row(tenant, item) | {"request_id": request_id or None, "fingerprint": mark}
        try:
            with tx.begin_nested():
                tx.execute(sa.insert(self.table).values(row))
        except IntegrityError as error:
            raise NameTaken(f"{item.name} exists already", name=item.name) from error
        return self.get(tx, tenant, item.name), True

    def add_all(self, tx: Tx, tenant: str, items: Sequence[R]) -> None:
        """Adds many new resources in one statement. A name that is taken raises NameTaken."""
        if not items:
            return
        try:
            with tx.begin_nested():
                tx.execute(sa.insert(self.table), [self._row(tenant, item) for item in items])
        except IntegrityError as error:
            raise NameTaken(f"a name under {parent_of(items[0].name)} exists already") from error

    def _by_request(self, tx: Tx, tenant: str, item: R, request_id: str) -> Any:
        if not request_id:
            return None
        t = self.table.c
        where = (t.tenant == tenant, t.parent == parent_of(item.name), t.request_id == request_id)
        return tx.execute(sa.select(self.table).where(*where)).one_or_none()

    def put(self, tx: Tx, tenant: str, item: R, etag: str = "") -> R:
        """Writes a resource whole, new or not. Raises EtagMismatch where `etag` is given and is not the stored one."""
        t = self.table.c
        where = [t.tenant == tenant, t.name == item.name]
        if etag:
            where.append(t.etag == etag)
        changed = tx.execute(sa.update(self.table).where(*where).values(self._row(tenant, item))).rowcount
        if not changed and etag:
            raise EtagMismatch(f"{item.name} changed since it was read", name=item.name)
        if not changed:
            tx.execute(sa.insert(self.table).values(self._row(tenant, item)))
        return self.get(tx, tenant, item.name)

    def get(self, tx: Tx, tenant: str, name: str) -> R:
        """Raises the kind's not-found error."""
        found = self.find(tx, tenant, name)
        if found is None:
            raise self._not_found(f"{name} does not exist", name=name)
        return found

    def find(self, tx: Tx, tenant: str, name: str) -> R | None:
        t = self.table.c
        row = tx.execute(sa.select(self.table).where(t.tenant == tenant, t.name == name)).one_or_none()
        return self._decode(row) if row else None

    def delete(self, tx: Tx, tenant: str, name: str) -> None:
        t = self.table.c
        tx.execute(sa.delete(self.table).where(t.tenant == tenant, t.name == name))

    def page(self, tx: Tx, tenant: str, parent: str, page: Page, *where: Any) -> tuple[list[R], str]:
        """One page in the order of names, and the next token. A `-` in the parent stands for any id (AIP-159)."""
        limit = page.limit()
        t = self.table.c
        under = t.parent == parent if "/-" not in parent else t.parent.like(parent.replace("/-", "/%"))
        query = sa.select(self.table).where(t.tenant == tenant, under, t.name > page.after(), *where)
        rows = tx.execute(query.order_by(t.name).limit(limit + 1)).all()
        token = page_token(rows[limit - 1].name) if len(rows) > limit else ""
        return [self._decode(row) for row in rows[:limit]], token

    def all(self, tx: Tx, tenant: str, parent: str, *where: Any) -> list[R]:
        """Every resource under a parent; for work inside a service, never for an answer."""
        t = self.table.c
        under = t.parent == parent if "/-" not in parent else t.parent.like(parent.replace("/-", "/%"))
        rows = tx.execute(sa.select(self.table).where(t.tenant == tenant, under, *where).order_by(t.name))
        return [self._decode(row) for row in rows]

    def scan(self, tx: Tx, *where: Any, limit: int = 100) -> Sequence[tuple[str, R]]:
        """Resources of every tenant with their tenant; for a service's own workers."""
        rows = tx.execute(sa.select(self.table).where(*where).order_by(self.table.c.name).limit(limit))
        return [(row.tenant, self._decode(row)) for row in rows]

    def _row(self, tenant: str, item: R) -> dict[str, Any]:
        extra = {name: _column_value(getattr(item, name)) for name in self._extra}
        body = self._codec.dump_json(item).decode()
        row = {
            "tenant": tenant,
            "name": item.name,
            "parent": parent_of(item.name),
            "etag": uuid.uuid4().hex,
            "body": body,
        }
        return row | extra

    def _decode(self, row: Any) -> R:
        values = json.loads(row.body)
        if self._has_etag:
            values["etag"] = row.etag
        return self._codec.validate_python(values, strict=False)


def _column_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
