"""Use case: trace an answer by influence, by verbatim overlap and by evidence, each on its own."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.blobs import Blobs
from services.chassis.store import Store
from services.provenance.domain import fidelity
from services.provenance.domain.examples import completion_of, prompt_of, quote_of
from services.provenance.domain.trace import Evidence, Influence, Place, Quote, Run, Trace, Verbatim
from services.provenance.errors import CompletionNotTraceable, LimitInvalid
from services.provenance.handlers import facts
from services.provenance.ports.outside import Completion, Completions, Features, Influences, TextIndexes, Texts
from services.provenance.ports.records import Facts, LogStore

DEFAULT_LIMIT = 5
QUOTES = 3
"""Passages shown for one example or run."""


class TraceHandlers:
    def __init__(
        self,
        store: Store,
        log: LogStore,
        blobs: Blobs,
        completions: Completions,
        influences: Influences,
        texts: TextIndexes,
        limit: int,
    ) -> None:
        self._store, self._log, self._blobs, self._completions = store, log, blobs, completions
        self._influences, self._texts, self._limit = influences, texts, limit

    def trace(self, tenant: str, name: str, limit: int) -> Trace:
        """Traces an answer. Raises LimitInvalid, CompletionNotTraceable, DatasetNotPublished, ModelVersionUnknown."""
        if limit < 0:
            raise LimitInvalid("limit must not be negative", limit=str(limit))
        limit, begin = min(limit or DEFAULT_LIMIT, self._limit), time.perf_counter()
        completion = self._completions.get(name)
        version, dataset = self._made_from(tenant, completion)
        texts = self._open(tenant, dataset)
        features = self._completions.features(name)
        return Trace(
            completion=completion.name,
            model_version=completion.model_version,
            dataset_version=str(dataset["version"]),
            influences=self._influence(tenant, version, features, texts, limit),
            verbatim=tuple(verbatim_of(run, texts) for run in texts.runs(completion.text, limit)),
            evidence=evidence_of(texts, completion, limit),
            learnt=features.base_loss - features.tuned_loss,
            fidelity=fidelity.statement(facts.blob(version, "influence"), self._figures(tenant, version)),
            seconds=time.perf_counter() - begin,
        )

    def _made_from(self, tenant: str, completion: Completion) -> tuple[Facts, Facts]:
        """The registered model version and the published dataset version."""
        if not completion.model_version:
            raise CompletionNotTraceable(f"{completion.name} is an answer of the plain base", name=completion.name)
        with self._store.read() as tx:
            version = facts.model_version(self._log, tx, tenant, completion.model_version)
            dataset = completion.dataset_version or str(version.get("dataset_version", ""))
            if not dataset:
                message = f"{completion.model_version} names no dataset version, so there is nothing to trace to"
                raise CompletionNotTraceable(message, name=completion.name)
            return version, facts.dataset(self._log, tx, tenant, dataset)

    def _open(self, tenant: str, dataset: Facts) -> Texts:
        def places() -> Sequence[str]:
            with self._store.read() as tx:
                return facts.chunk_blobs(self._log, tx, tenant, list(dataset.get("documents", [])))

        return self._texts.open(tenant, facts.blob(dataset, "train"), facts.blob(dataset, "chunks"), places)

    def _influence(
        self, tenant: str, version: Facts, features: Features, texts: Texts, limit: int
    ) -> tuple[Influence, ...]:
        index = facts.blob(version, "influence")
        scored = self._influences.score(tenant, index, features) if index else []
        # An example with a score below zero made the answer less likely; it is no source of it.
        return tuple(influence_of(id_, score, texts) for id_, score in scored[:limit] if score > 0)

    def _figures(self, tenant: str, version: Facts) -> Facts:
        digest = facts.blob(version, "evaluation")
        return facts.evaluation_figures(self._blobs.get(tenant, digest) if digest else b"")


def influence_of(id_: str, score: float, texts: Texts) -> Influence:
    example = texts.example(id_) or {}
    return Influence(id_, score, prompt_of(example), completion_of(example), sources_of(example, texts))


def verbatim_of(run: Run, texts: Texts) -> Verbatim:
    """A run with the first example that holds it; the passages that hold it themselves go before the example's."""
    example = run.examples[0] if run.examples else ""
    quotes = tuple(quote for name in run.chunks[:QUOTES] if (quote := _quote(name, texts)))
    return Verbatim(run.text, run.tokens, example, quotes or sources_of(texts.example(example) or {}, texts))


def evidence_of(texts: Texts, completion: Completion, limit: int) -> tuple[Evidence, ...]:
    found = texts.evidence(f"{completion.question}\n{completion.text}", limit)
    return tuple(Evidence(row.score, quote) for row in found if (quote := _quote(row.chunk, texts)))


def sources_of(example: Mapping[str, Any], texts: Texts) -> tuple[Quote, ...]:
    """The passages that an example was made from; of a chunk that may not be quoted, its place alone."""
    document = str(example.get("document") or "")
    names = list(example.get("chunk_ids") or [])[:QUOTES]
    return tuple(_quote(name, texts) or Quote("", Place(document=document, chunk=name)) for name in names)


def _quote(name: str, texts: Texts) -> Quote | None:
    chunk = texts.chunk(name)
    return quote_of(chunk) if chunk else None
