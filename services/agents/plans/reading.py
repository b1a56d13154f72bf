"""Looking for a measurement in the document management: the model picks where to look and reads; the harness checks."""

import re
from collections.abc import Mapping

from services.agents.domain import matching
from services.agents.domain.evidence import Amount, Claim, Limit, Measurement, Source
from services.agents.plans.gathering import entries
from services.agents.plans.questions import measured_question
from services.agents.plans.work import Work, quoted

MAX_DOCUMENTS = 8
MAX_PASSAGE = 900
MIN_TERM = 3
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# A sentence that reports a result; one that demands something is no measurement.
_REPORTS = re.compile(r"\b(was|were|measured|tested|found|result|results|mean)\b|\|", re.IGNORECASE)
_DEMANDS = re.compile(r"\b(shall|must|should|required|requires|requirement|at least|not less than|minimum)\b", re.I)


def look_up(work: Work, key: str, requirement: Claim) -> Measurement | None:
    """A measurement out of a document, with the call and the completion that gave it; None where none is supported."""
    terms = _terms(requirement, work.inputs.design)
    if not terms or requirement.limit is None:
        return None
    chosen = work.choose(f"{key}/find", "find_documents", {"term": terms})
    search = work.call(f"{key}/find", "find_documents", chosen.values, chosen.decided_by, "Search the documents")
    names = _document_names(search.result)
    if not names:
        return None
    picked = work.choose(f"{key}/read", "read_document", {"document": list(names)[:MAX_DOCUMENTS]})
    name = picked.values["document"]
    content = work.call(f"{key}/read", "read_document", {"document": names[name]}, picked.decided_by, f"Read {name}")
    text = content.result if isinstance(content.result, str) else ""
    passage = reporting(text, requirement)
    if not passage or not matching.mentions(text, (work.inputs.design, work.inputs.project)):
        work.check(f"{key}/passage", "Look for a reported result", False, name)
        return None
    prompt = f"Answer from this passage only.\n\n{quoted(passage, name)}\n\n{measured_question(requirement)}"
    answer = work.ask(f"{key}/answer", f"Read the measured value in {name}", prompt)
    found = _supported(work, requirement.limit, answer.text, passage)
    work.check(f"{key}/passage", "Check the value against the passage", found is not None, passage, answer.completion)
    if found is None:
        return None
    source = Source(tool_call=content.tool_call, completion=answer.completion)
    return Measurement(requirement.subject, requirement.attribute, found, passage, source, name)


def _terms(requirement: Claim, design: str) -> list[str]:
    """Terms to search for: the property, then property and part."""
    bare = " ".join(w for w in requirement.attribute.split() if w.lower() not in matching.QUALIFIERS)
    head = " ".join(sorted(matching.part(requirement.subject, design)))
    found = [bare, f"{bare} {head}".strip()]
    return [term for term in dict.fromkeys(found) if sum(c.isalnum() for c in term) >= MIN_TERM]


def _document_names(result: object) -> Mapping[str, str]:
    """Ids by name, of a search's rows; rows may hold their object under one more key, as Alfresco's `entry`."""
    found: dict[str, str] = {}
    for row in entries(result):
        node = row.get("entry", row)
        if isinstance(node, Mapping) and isinstance(node.get("id"), str) and isinstance(node.get("name"), str):
            found.setdefault(node["name"], node["id"])
    return found


def reporting(text: str, requirement: Claim) -> str:
    """The sentences of a text that report a result on the property of a requirement, or an empty string."""
    asked = matching.words(requirement.attribute) - matching.QUALIFIERS
    kept: list[str] = []
    for sentence in _SENTENCE.split(text):
        is_about = bool(asked) and asked <= matching.words(sentence)
        if is_about and _REPORTS.search(sentence) and not _DEMANDS.search(sentence):
            kept.append(sentence.strip())
    return "\n".join(dict.fromkeys(kept))[:MAX_PASSAGE]


def _supported(work: Work, limit: Limit, answer: str, passage: str) -> Amount | None:
    """The amount of an answer that the passage states too, in the dimension asked for."""
    stated = work.units.amounts(passage)
    for amount in work.units.amounts(answer):
        same = [s for s in stated if s.dimension == amount.dimension and abs(s.si - amount.si) <= 1e-9 * abs(s.si)]
        if amount.dimension == limit.dimension and same:
            return same[0]
    return None
