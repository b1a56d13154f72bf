"""Importing tools and reading them."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis import auth
from services.chassis.store import Page, Resources, Store, Tx, fingerprint
from services.tools.domain import AuditRow, Operation, Tool
from services.tools.errors import BaseUrlInvalid, NameInvalid, OperationNotFound
from services.tools.ports import ApiReader, AuditLog, Digest, OutsideApi

Now = Callable[[], datetime]
_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PARENT = re.compile(r"projects/[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Import:
    """What an ImportTool asks for."""

    parent: str
    tool_id: str
    openapi: bytes
    operations: tuple[str, ...]
    base_url: str = ""
    credential_ref: str = ""
    request_id: str = ""


def check_parent(parent: str) -> None:
    if not _PARENT.fullmatch(parent):
        raise NameInvalid(f"{parent!r} is not projects/{{project}}", name=parent)


class ToolHandlers:
    def __init__(
        self,
        store: Store,
        tools: Resources[Tool],
        audit: AuditLog,
        reader: ApiReader,
        api: OutsideApi,
        digest: Digest,
        now: Now,
    ) -> None:
        self._store, self._tools, self._audit, self._reader = store, tools, audit, reader
        self._api, self._digest, self._now = api, digest, now

    def import_tool(self, wanted: Import) -> Tool:
        """Makes a tool, or replaces the one of this id: no grant for the former then holds. Takes the role admin."""
        who = auth.require_role("admin")
        check_parent(wanted.parent)
        if not _ID.fullmatch(wanted.tool_id):
            raise NameInvalid(f"{wanted.tool_id!r} is not a tool id", name=wanted.tool_id)
        tool = self._described(wanted)
        with self._store.begin() as tx:
            stored = self._stored(tx, who.tenant, tool, wanted)
            detail = {"openapi": tool.openapi_digest, "base_url": tool.base_url, "credential_ref": tool.credential_ref}
            self._audit.add(tx, who.tenant, AuditRow(self._now(), who.subject, "IMPORTED", tool.name, detail))
            return stored

    def _described(self, wanted: Import) -> Tool:
        found = self._reader.read(wanted.openapi, wanted.tool_id, wanted.operations)
        base_url = wanted.base_url or found.base_url
        if not base_url:
            raise BaseUrlInvalid("the document names no absolute server; give base_url")
        return Tool(
            name=f"{wanted.parent}/tools/{wanted.tool_id}",
            display_name=found.title,
            base_url=self._api.check(base_url, wanted.credential_ref),
            credential_ref=wanted.credential_ref,
            auth=found.auth,
            operations=found.operations,
            openapi_digest=hashlib.sha256(wanted.openapi).hexdigest(),
            create_time=self._now(),
        )

    def _stored(self, tx: Tx, tenant: str, tool: Tool, wanted: Import) -> Tool:
        if self._tools.find(tx, tenant, tool.name) is not None:
            return self._tools.put(tx, tenant, tool)
        mark = fingerprint(tool.openapi_digest, wanted.operations, tool.base_url, tool.credential_ref)
        return self._tools.create(tx, tenant, tool, wanted.request_id, mark)[0]

    def get(self, name: str) -> Tool:
        with self._store.read() as tx:
            return self._tools.get(tx, auth.caller().tenant, name)

    def page(self, parent: str, page: Page) -> tuple[Sequence[Tool], str]:
        with self._store.read() as tx:
            return self._tools.page(tx, auth.caller().tenant, parent, page)

    def operation(self, tx: Tx, tenant: str, parent: str, operation_id: str) -> tuple[Tool, Operation]:
        """Raises ToolNotFound, OperationNotFound."""
        tool = self._tools.get(tx, tenant, f"{parent}/tools/{operation_id.partition('.')[0]}")
        operation = tool.operation(operation_id)
        if operation is None:
            raise OperationNotFound(f"{tool.name} has no operation {operation_id!r}", operation=operation_id)
        return tool, operation

    def digest(self, tool: Tool, operation: Operation) -> str:
        """Stands for all that decides where a call goes and what it does there."""
        identity: dict[str, Any] = {
            "openapi": tool.openapi_digest,
            "base_url": tool.base_url,
            "credential_ref": tool.credential_ref,
            "auth": [tool.auth.kind.value, tool.auth.name],
            "operation": [operation.id, operation.method, operation.path],
        }
        return self._digest(identity)
