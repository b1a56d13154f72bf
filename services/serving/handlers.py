"""Use cases on endpoints, completions and probes."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import auth
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Store, fingerprint
from services.serving.domain import (
    PLAIN_BASE,
    Completion,
    Endpoint,
    InfluenceFeatures,
    ProbePrompt,
    ProbeReport,
    ServedVersion,
    Stand,
    text_digest,
)
from services.serving.errors import (
    CompletionInvalid,
    CompletionNotFound,
    CompletionOfBase,
    ModelVersionRevoked,
    NameInvalid,
    ProbeInvalid,
)
from services.serving.ports import ModelServer, Registry, Tables
from services.serving.versions import Versions
from whetstone.serving.v1 import events_pb2

PROJECT = re.compile(r"projects/[^/]+")
VERSION = re.compile(r"projects/[^/]+/models/[^/]+/versions/[^/]+")
COMPLETION_ID = re.compile(r"[0-9a-zA-Z_-]{8,64}")
MAX_PROMPTS, MAX_NEW_TOKENS = 1000, 4096


class Handlers:
    def __init__(self, store: Store, outbox: Outbox, tables: Tables, server: ModelServer, registry: Registry) -> None:
        self._store, self._outbox, self._tables = store, outbox, tables
        self._server, self._registry = server, registry
        self._versions = Versions(tables)

    def endpoint(self, tenant: str, name: str) -> Endpoint:
        with self._store.read() as tx:
            return self._tables.endpoints.get(tx, tenant, name)

    def endpoints(self, tenant: str, parent: str, page: Page) -> tuple[list[Endpoint], str]:
        _check(PROJECT, parent)
        with self._store.read() as tx:
            return self._tables.endpoints.page(tx, tenant, parent, page)

    def record(self, tenant: str, parent: str, completion_id: str, given: Completion) -> Completion:
        """Writes an answer down; the same id with the same content once."""
        _check(PROJECT, parent)
        if parent.split("/")[1] == "-" or not COMPLETION_ID.fullmatch(completion_id):
            raise NameInvalid(f"{parent}/completions/{completion_id} can't be a name", name=completion_id)
        _check_completion(given)
        name = f"{parent}/completions/{completion_id}"
        completion = replace(given, name=name, caller=auth.caller().subject, create_time=datetime.now(UTC))
        mark = fingerprint(replace(completion, create_time=None))
        with self._store.begin() as tx:
            kept, new = self._tables.completions.create(tx, tenant, completion, completion_id, mark)
            if new:
                self._outbox.add(tx, tenant, name, _served(kept))
        return kept

    def completion(self, tenant: str, name: str) -> Completion:
        """`projects/-/completions/{id}` finds it in whichever project it is (AIP-159)."""
        with self._store.read() as tx:
            if not name.startswith("projects/-/completions/"):
                return self._tables.completions.get(tx, tenant, name)
            id_ = name.rsplit("/", 1)[-1]
            where = self._tables.completions.table.c.request_id == id_
            found = self._tables.completions.all(tx, tenant, "projects/-", where)
        if not found:
            raise CompletionNotFound(f"{name} does not exist", name=name)
        return found[0]

    def completions(
        self, tenant: str, parent: str, page: Page, model_version: str = ""
    ) -> tuple[list[Completion], str]:
        _check(PROJECT, parent)
        column = self._tables.completions.table.c.model_version
        where = [column == model_version] if model_version else []
        with self._store.read() as tx:
            return self._tables.completions.page(tx, tenant, parent, page, *where)

    def probe(self, tenant: str, version: str, prompts: Sequence[ProbePrompt], max_new_tokens: int) -> ProbeReport:
        """Asks the server that answers users. `base` probes the plain base."""
        _check_probe(prompts, max_new_tokens)
        spec = None if version == PLAIN_BASE else self._served(tenant, version).spec(tenant)
        return self._server.probe(spec, prompts, max_new_tokens)

    def influence(self, tenant: str, name: str) -> tuple[Completion, InfluenceFeatures]:
        completion = self.completion(tenant, name)
        if completion.model_version == PLAIN_BASE:
            raise CompletionOfBase(f"{completion.name} was given by the plain base", name=completion.name)
        version = self._served(tenant, completion.model_version, revoked=True)
        if not version.influence:  # it is made after the registration, which is what serving has heard
            version = replace(version, influence=self._registry.get(version.name).influence)
        return completion, self._server.influence(version.spec(tenant), completion)

    def _served(self, tenant: str, name: str, *, revoked: bool = False) -> ServedVersion:
        """A version, asked of the registry where its registration was not heard yet."""
        _check(VERSION, name)
        with self._store.read() as tx:
            known = self._tables.versions.find(tx, tenant, name)
        if known is None:
            asked = self._registry.get(name)
            with self._store.begin() as tx:
                known = self._versions.registered(tx, tenant, asked)
        if known.stand is Stand.REVOKED and not revoked:
            raise ModelVersionRevoked(f"{name} was revoked: {known.warning}", model_version=name)
        return known


def _served(completion: Completion) -> events_pb2.CompletionServed:
    return events_pb2.CompletionServed(
        completion=completion.name,
        model_version=completion.model_version,
        adapter_digest=completion.adapter_digest,
        dataset_version=completion.dataset_version,
        prompt_digest=text_digest(completion.messages_json + completion.tools_json),
        answer_digest=text_digest(completion.text + completion.tool_calls_json),
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
    )


def _check(pattern: re.Pattern[str], name: str) -> None:
    if not pattern.fullmatch(name):
        raise NameInvalid(f"{name!r} is not a name of the form {pattern.pattern}", name=name)


def _check_completion(completion: Completion) -> None:
    if completion.model_version != PLAIN_BASE:
        _check(VERSION, completion.model_version)
    if min(completion.prompt_tokens, completion.completion_tokens) < 0:
        raise CompletionInvalid("token counts can't be negative", field="prompt_tokens")
    for field in ("messages_json", "tools_json", "tool_calls_json"):
        _check_list(field, getattr(completion, field), required=field == "messages_json")


def _check_list(field: str, text: str, *, required: bool) -> None:
    if not text and not required:
        return
    try:
        fits = isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise CompletionInvalid(f"{field} must be a JSON list", field=field)


def _check_probe(prompts: Sequence[ProbePrompt], max_new_tokens: int) -> None:
    if not 1 <= len(prompts) <= MAX_PROMPTS:
        raise ProbeInvalid(f"between 1 and {MAX_PROMPTS} prompts are probed at once", prompts=str(len(prompts)))
    if not 0 <= max_new_tokens <= MAX_NEW_TOKENS:
        raise ProbeInvalid(f"max_new_tokens must be between 0 and {MAX_NEW_TOKENS}", field="max_new_tokens")
