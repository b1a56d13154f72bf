"""Which documents are kept wholly unseen. A stable hash of their content decides, so that no order matters."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from services.synthesis.domain.corpus import Corpus
from services.synthesis.domain.facts import Fact, shared_documents

# Below this many documents with facts, holding one back would cost too much of what there is to learn.
MIN_DOCUMENTS = 5


def unseen_documents(corpus: Corpus, facts: Sequence[Fact], share: float, seed: int) -> frozenset[str]:
    """The documents kept unseen: about `share` of those with facts, among those whose facts no other one tells."""
    told = frozenset().union(*(fact.documents for fact in facts))
    wanted = round(share * len(told)) or int(share > 0 and len(told) >= MIN_DOCUMENTS)
    marks = content_marks(corpus, seed)
    candidates = sorted(told - shared_documents(facts), key=lambda document: marks[document])
    return frozenset(candidates[:wanted])


def content_marks(corpus: Corpus, seed: int) -> dict[str, str]:
    """A hash per document over what it says; its resource name plays no part."""
    texts: dict[str, list[str]] = defaultdict(list)
    for chunk in corpus.chunks.values():
        texts[chunk.document].append(chunk.text)
    return {d: hashlib.sha256("\n".join([str(seed), *sorted(t)]).encode()).hexdigest() for d, t in texts.items()}
