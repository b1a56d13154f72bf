"""A requirement's clause: subject, modal verb, predicate, and the conditions that stand before the predicate."""

import re
from dataclasses import dataclass

from services.curation.understanding.wording import word_set

_STRONG = re.compile(
    r"\b(?:(?P<shall>shall|must|(?:is|are)(?: not)? to(?= be| have)|(?:is|are) required to|has to|have to)"
    # May with a capital is the month.
    r"|(?P<should>should|(?:is|are) recommended to)"
    r"|(?P<may>(?-i:may)|can|(?:is|are) permitted to|(?:is|are) allowed to)"
    r"|(?P<require>requires?|needs?(?= an?\b| at\b| \d)))\b(?P<no> not\b)?",
    re.IGNORECASE,
)
_CANNOT = re.compile(r"\bcannot\b", re.IGNORECASE)
_COPULA = re.compile(r"\b(?:(?P<past>was|were)|(?P<now>is|are))\b(?P<no> not\b)?", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?P<lead>(?:for|where|when|whenever|if|unless|in case of|at|under|during|in|on|after|before|with"
    r"|without|within|until|once|while|as)"
    r"\b[^,]{3,120}),\s+",
    re.IGNORECASE,
)
_RESTRICTION = re.compile(
    r"\s+(?P<condition>(?:(?:that|which) (?:is|are) )?(?:thicker|thinner|longer|shorter|larger|smaller|wider"
    r"|heavier|greater|higher|exceeding|over|above|below|up to)"
    r"\s+(?:than\s+)?[^,]*\d[^,]*|\((?:[^)]*)\)|, (?:which|that|where) .*)$",
    re.IGNORECASE,
)
_PRONOUNS = word_set("it they this these those that he she we you there which who what one both i")
ARTICLES = re.compile(r"^(?:(?:the|a|an|all|any|each|every|its|their|this|these|both|such)\s+)+", re.IGNORECASE)
_MEASURED = re.compile(
    r"\b(?:measured|observed|recorded|found to be|as[- ]built|tested value|test result)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Clause:
    subject: str
    predicate: str
    modality: str
    negated: bool
    conditions: tuple[str, ...]
    verb: str


def read_clause(sentence: str) -> Clause | None:
    conditions: tuple[str, ...] = ()
    lead = _LEAD.match(sentence)
    if lead and (_STRONG.search(sentence, lead.end()) or _COPULA.search(sentence, lead.end())):
        conditions, sentence = (lead.group("lead"),), sentence[lead.end() :]
    modal = _STRONG.search(_CANNOT.sub("can not", sentence)) or _COPULA.search(sentence)
    if modal is None:
        return None
    sentence = _CANNOT.sub("can not", sentence)
    subject, restrictions = _subject(sentence[: modal.start()])
    if not subject or subject.lower() in _PRONOUNS or len(subject.split()) > 16:
        return None
    verb = modal.group().lower()
    measured = _MEASURED.search(sentence) or (modal.groupdict().get("past") and True)
    return Clause(
        subject,
        sentence[modal.end() :].strip(),
        _modality(modal, bool(measured)),
        _negated(modal),
        conditions + restrictions,
        verb,
    )


def _modality(modal: re.Match[str], measured: bool) -> str:
    groups = modal.groupdict()
    if groups.get("shall") or groups.get("require"):
        return "shall"
    if groups.get("should") or groups.get("may"):
        return "should" if groups.get("should") else "may"
    return "was" if measured else "is"


def _negated(modal: re.Match[str]) -> bool:
    return bool(modal.group("no")) or " not " in f" {modal.group()} "


def _subject(text: str) -> tuple[str, tuple[str, ...]]:
    """The subject's words and the restrictions that were part of it."""
    text = text.strip().strip(",")
    conditions: tuple[str, ...] = ()
    restriction = _RESTRICTION.search(text)
    if restriction:
        condition = restriction.group("condition").strip(" ,()")
        # An abbreviation in brackets is another name, no condition.
        conditions = () if re.fullmatch(r"[A-Z][\w-]{1,9}", condition) else (condition,)
        text = text[: restriction.start()]
    return ARTICLES.sub("", text.strip()).strip(" ,"), conditions
