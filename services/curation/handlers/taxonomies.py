"""The project's taxonomy: proposed by the first analysis, edited by people."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import auth
from services.chassis.store import Store, Tx
from services.curation.domain.claims import Claim
from services.curation.domain.taxonomy import Taxonomy, Topic, cycle
from services.curation.errors import TaxonomyCycle, TopicInvalid
from services.curation.ports import Records
from services.curation.understanding.taxonomy import assign


class TaxonomyHandlers:
    def __init__(self, store: Store, records: Records, now: Callable[[], datetime] | None = None) -> None:
        self._store, self._records = store, records
        self._now = now or (lambda: datetime.now(UTC))

    def get(self, tenant: str, name: str) -> Taxonomy:
        with self._store.read() as tx:
            return self._records.taxonomies.get(tx, tenant, name)

    def update(self, tenant: str, name: str, topics: Sequence[Topic], etag: str) -> Taxonomy:
        """Replaces the topics and assigns every claim anew. Raises TopicInvalid, TaxonomyCycle, EtagMismatch."""
        _check(topics)
        author = auth.caller().subject
        with self._store.begin() as tx:
            old = self._records.taxonomies.get(tx, tenant, name)
            new = replace(old, topics=tuple(topics), author=author, update_time=self._now())
            stored = self._records.taxonomies.put(tx, tenant, new, etag)
            self._assign_anew(tx, tenant, name.removesuffix("/taxonomy"), stored)
            return stored

    def proposed(self, tx: Tx, tenant: str, project: str, topics: Sequence[Topic]) -> Taxonomy:
        """The project's taxonomy; `topics` become it where there is none yet."""
        name = f"{project}/taxonomy"
        found = self._records.taxonomies.find(tx, tenant, name)
        if found is not None:
            return found
        return self._records.taxonomies.put(tx, tenant, Taxonomy(name, tuple(topics), self._now(), "service:curation"))

    def _assign_anew(self, tx: Tx, tenant: str, project: str, taxonomy: Taxonomy) -> None:
        for claim in self._records.claims.all(tx, tenant, project):
            now = with_topics(claim, taxonomy)
            if now != claim:
                self._records.claims.put(tx, tenant, now)


def with_topics(claim: Claim, taxonomy: Taxonomy) -> Claim:
    text = " ".join((*claim.headings, claim.quote.document_title, claim.quote.text))
    return replace(claim, topics=tuple(topic for topic, _ in assign(text, taxonomy.topics)[:3]))


def _check(topics: Sequence[Topic]) -> None:
    ids = [topic.id for topic in topics]
    for topic in topics:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", topic.id) or ids.count(topic.id) > 1:
            raise TopicInvalid(f"topic id {topic.id!r} is malformed or used twice", topic=topic.id)
        if topic.parent and topic.parent not in ids:
            raise TopicInvalid(f"{topic.id}: its parent {topic.parent!r} does not exist", topic=topic.id)
    if path := cycle(topics):
        raise TaxonomyCycle(f"topics are above each other: {' > '.join(path)}", topics=",".join(path))
