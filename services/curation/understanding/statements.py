"""What one sentence states: subject, property, value, how it binds, under which conditions.

Rules over English requirement prose (ISO/IEC Directives part 2 and EARS forms); no model is asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.curation.domain.claims import Comparator, Quantity
from services.curation.understanding.quantities import Found, find, with_comparator
from services.curation.understanding.wording import is_code

_STRONG = re.compile(
    r"\b(?:(?P<shall>shall|must|(?:is|are)(?: not)? to(?= be| have)|(?:is|are) required to|has to|have to)"
    r"|(?P<should>should|(?:is|are) recommended to)|(?P<may>may|can|(?:is|are) permitted to|(?:is|are) allowed to)"
    r"|(?P<require>requires?|needs?(?= an?\b| at\b| \d)))\b(?P<no> not\b)?",
    re.IGNORECASE,
)
_CANNOT = re.compile(r"\bcannot\b", re.IGNORECASE)
_COPULA = re.compile(r"\b(?:(?P<past>was|were)|(?P<now>is|are))\b(?P<no> not\b)?", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?P<lead>(?:for|where|when|whenever|if|unless|in case of|at|under|during|in|on|after|before|with|without|within|until|once|while|as)"
    r"\b[^,]{3,120}),\s+",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"\b(?:until|when|where|if|unless|after|before|while|once|provided that|except|prior to|during|so that|because|that|which|including|such as|as (?:clause|stated|required|given|shown|described))\b",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"\b(?:for|with|in|on)\s+(?:(?!(?:of|for|at)\b)[\w-]+\s+){1,5}(?:(?:thicker|thinner|longer|shorter|larger|smaller|wider|heavier|greater"
    r"|higher|lower|more|less)\s+than|exceeding|over|above|below|up to)\s*$",
    re.IGNORECASE,
)
_TAIL_CONDITION = re.compile(
    r"(?:^|[\s,])(?P<condition>(?:for|when|where|if|unless|until|during|before|after|prior to|under|at|in|on|within|except|provided|while|once|above|below|with|between|from)\b.*)$",
    re.IGNORECASE,
)
_RESTRICTION = re.compile(
    r"\s+(?P<condition>(?:(?:that|which) (?:is|are) )?(?:thicker|thinner|longer|shorter|larger|smaller|wider|heavier|greater|higher|exceeding|over|above|below|up to)"
    r"\s+(?:than\s+)?[^,]*\d[^,]*|\((?:[^)]*)\)|, (?:which|that|where) .*)$",
    re.IGNORECASE,
)
_DIMENSION_WORDS = {
    "thick": "thickness", "wide": "width", "long": "length", "deep": "depth", "high": "height", "tall": "height",
    "in diameter": "diameter", "diameter": "diameter", "in length": "length", "in width": "width", "in thickness": "thickness",
    "in height": "height", "in depth": "depth", "apart": "spacing", "old": "age", "in size": "size", "of age": "age",
}  # fmt: skip
_BINDING = re.compile(
    r"\b(?P<word>minimum|min\.?|least|lowest|maximum|max\.?|most|highest|greatest|approximate|nominal)\s+",
    re.IGNORECASE,
)
_PRONOUNS = frozenset(["it", "they", "this", "these", "those", "that", "he", "she", "we", "you", "there", "which", "who", "what", "one", "both", "i"])
_ARTICLES = re.compile(r"^(?:(?:the|a|an|all|any|each|every|its|their|this|these|both|such)\s+)+", re.IGNORECASE)
_MEASURED = re.compile(
    r"\b(?:measured|observed|recorded|found to be|as[- ]built|tested value|test result)\b", re.IGNORECASE
)
_OF = re.compile(
    r"^(?P<property>[^,]+?)\s+(?:of|for|in|on|to|above|below|between|from|under|over)\s+(?P<subject>.+)$", re.IGNORECASE
)
_AUXILIARY = re.compile(
    r"^(?:not\s+)?(?:be|have|use|used|follow|has|had|also|only|always|never|normally|generally|typically|been|provide|achieve|in no case)\b\s*",
    re.IGNORECASE,
)
_CODE_AT_END = re.compile(
    r"(?P<value>(?:[A-Z][\w./:+-]*\s+)*?(?:[\w./:+-]*\d[\w./:+-]*)(?:\s+(?:Grade|Class|Type|Gr\.?|Rev\.?|Part|Edition)\s+[\w.-]+)?)$"
)


@dataclass(frozen=True)
class Reading:
    """What a sentence says, before it has a place and a name."""

    subject: str
    property: str
    modality: str
    confidence: float
    quantity: Quantity | None = None
    value_text: str = ""
    conditions: tuple[str, ...] = ()
    negated: bool = False
    action: str = ""


@dataclass(frozen=True)
class _Clause:
    subject: str
    predicate: str
    modality: str
    negated: bool
    conditions: tuple[str, ...]
    verb: str


def read(sentence: str) -> list[Reading]:
    """The readings of a sentence; none where it states nothing that can be checked."""
    clause = _clause(sentence.rstrip(" .;:"))
    if clause is None:
        return []
    found = list(_with_quantities(clause))
    return found or list(_worded(clause))


def _clause(sentence: str) -> _Clause | None:
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
    return _Clause(
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
    return _ARTICLES.sub("", text.strip()).strip(" ,"), conditions


def _with_quantities(clause: _Clause) -> Iterator[Reading]:
    predicate = ("not " if clause.negated else "") + clause.predicate
    main = _main(predicate, clause)
    if main is None:
        return
    head, tail = predicate[: main.start].strip(), predicate[main.end :]
    more = _another(tail, main)
    tail_now = tail[: more.start].rstrip(" ,").removesuffix(" and").removesuffix(" or") if more else tail
    first = _reading(clause, head, main, tail_now)
    if first is None:
        return
    yield first
    if more:
        conditions, _ = _conditions(tail[more.end :])
        quantity = more.quantity
        if quantity.comparator is Comparator.EQUAL and first.quantity:
            quantity = with_comparator(quantity, first.quantity.comparator)
        if conditions and set(conditions) != set(first.conditions):
            yield replace(
                first, quantity=quantity, conditions=clause.conditions + conditions, confidence=first.confidence - 0.1
            )


def _main(predicate: str, clause: _Clause) -> Found | None:
    """The first quantity that is the value stated, not part of a condition."""
    for found in find(predicate, unitless=True):
        before = predicate[: found.start]
        if (
            _SUBORDINATE.search(before)
            or (_BRANCH.search(predicate[: found.value_start])
            and not before.strip().endswith("of"))
        ):
            return None
        if found.quantity.unit or _is_bare_value(before, predicate[found.end :], clause):
            if clause.modality in ("is", "was", "may") and len(before.split()) > 8:
                return None
            return found
    return None


def _is_bare_value(before: str, after: str, clause: _Clause) -> bool:
    """Whether a number without a unit is a value, as in `shall be at least 0.42`, not part of a name or a date."""
    free = re.fullmatch(
        r"(?:not )?(?:be|have|exceed|not exceed|of)?\s*(?:an? [\w\s-]+ of)?\s*", before.strip() + " ", re.IGNORECASE
    )
    return bool(free and re.match(r"\s*(?:$|[,;)]|(?:of the|for|when|where|at|in|under|if|unless|on)\b)", after))


def _another(tail: str, main: Found) -> Found | None:
    """A second value of the same kind, joined by `and` or `or`, each with a condition of its own."""
    for found in find(tail):
        if re.search(r"\b(?:and|or)\s*$", tail[: found.start]) and found.quantity.dimension == main.quantity.dimension:
            return found if main.quantity.unit else None
    return None


def _conditions(tail: str) -> tuple[tuple[str, ...], str]:
    """The conditions behind a value, and the words between the value and them."""
    tail = re.sub(r"^\s*\([^)]*\)", "", tail)
    tail = re.split(
        r",?\s+as (?:clause|stated|required|given|shown|described|specified|defined)\b|,\s*which\b|;", tail
    )[0]
    found = _TAIL_CONDITION.search(tail)
    for word in sorted(_DIMENSION_WORDS, key=len, reverse=True):
        if re.match(rf"\s*{word}\b", tail):
            rest, _ = _conditions(tail[re.match(rf"\s*{word}\b", tail).end() :])  # type: ignore[union-attr]
            return rest, word
    if found is None:
        return (), tail.strip(" ,")
    return (found.group("condition").strip(" ,"),), tail[: found.start()].strip(" ,")


def _reading(clause: _Clause, head: str, main: Found, tail: str) -> Reading | None:
    conditions, after = _conditions(tail)
    negated = clause.negated and not main.spent_not
    head = re.sub(r"^not\b\s*", "", head) if clause.negated else head
    action, phrase = _split_head(head)
    phrase, comparator = _unbind(phrase)
    quantity = with_comparator(main.quantity, comparator) if comparator else main.quantity
    subject, prop = clause.subject, phrase
    if after in _DIMENSION_WORDS:
        prop = f"{phrase} {_DIMENSION_WORDS[after]}".strip()
    elif not phrase and after and not action.startswith(("exceed", "be")) and len(after.split()) <= 5:
        prop = after
    if prop and action and prop not in action and _adds(action):
        action = action.strip()
    elif not prop and _adds(action):
        noun = re.match(r"of (?:their|its|the) (?:[\w-]+ )?([\w-]+)", after or "")
        prop = f"{_verb(action)} {noun.group(1) if noun else _kind_of_time(action, main.quantity)}".strip()
    if not prop:
        subject, comparator_of_subject = _unbind(clause.subject)
        subject, prop = _of_subject(subject)
        quantity = with_comparator(quantity, comparator_of_subject) if comparator_of_subject else quantity
    if not prop:
        return None
    if _reversed(negated, quantity):
        quantity, negated = _flip(quantity), False
    prop = re.sub(r"\b(?:measured|specified|required)\s+", "", prop).strip()
    confidence = {"shall": 0.95, "should": 0.9, "may": 0.7, "is": 0.8, "was": 0.85}[clause.modality] - _oddness(prop)
    modality = clause.modality
    return Reading(
        subject, prop, modality, confidence, quantity, "", clause.conditions + conditions, negated, _verb(action)
    )


def _oddness(prop: str) -> float:
    """What to take off for a property that reads like the rest of a clause rather than a name."""
    odd = (
        len(prop.split()) > 6
        or re.match(r"(?:of|by|and|or|to|in|with|per|be)\b", prop)
        or re.search(r"[:,]|\b(?:and|or)\b .*\b(?:and|or)\b| per$", prop)
    )
    return 0.35 if odd else 0.0


def _kind_of_time(action: str, quantity: Quantity) -> str:
    """A noun for a time that only a verb names: `calibrated every 90 days` is an interval."""
    if quantity.dimension != "[time]":
        return ""
    return "interval" if action.endswith("every") else "duration"


def _reversed(negated: bool, quantity: Quantity) -> bool:
    return negated and quantity.comparator in (Comparator.AT_LEAST, Comparator.AT_MOST)


def _flip(quantity: Quantity) -> Quantity:
    """`shall not be more than 5` read as a bound: at most 5."""
    other = Comparator.AT_MOST if quantity.comparator is Comparator.AT_LEAST else Comparator.AT_LEAST
    return replace(quantity, comparator=other)


def _adds(action: str) -> bool:
    return bool(_verb(action)) and _verb(action) not in ("exceed", "be", "have", "equal")


def _verb(action: str) -> str:
    """The telling words of a verb phrase: `be ultrasonically tested over` is `ultrasonically tested`."""
    words = action
    while (stripped := _AUXILIARY.sub("", words)) != words:
        words = stripped
    words = re.sub(
        r"(?:\s+(?:of|for|to|over|by|at|every|within|in|on|with|a|an|the|upwards|downwards|from|as|than|be))+$",
        "",
        f" {words}",
        flags=re.IGNORECASE,
    )
    return words.strip()


def _split_head(head: str) -> tuple[str, str]:
    """The words between modal and value as (verb phrase, noun phrase): `be designed for a`, `wind speed of`."""
    if re.search(r"\b(?:for|over|by|every|within|to)$", head.strip()):
        return head.strip(), ""
    head = re.sub(r"\s+(?:of|at|is|are|as)$", "", head.strip())
    noun = re.match(
        r"(?P<verb>.*?)(?<!\bof )\b(?:a|an|the|its|their)\s+(?P<noun>(?:(?!(?<!of )\b(?:a|an|the|its|their)\b)[^,])+)$",
        head,
        re.IGNORECASE,
    )
    if noun:
        return noun.group("verb").strip(), noun.group("noun").strip()
    verb = _verb(head)
    binding = _BINDING.search(head)
    if binding:
        return head[: binding.start()].strip(), head[binding.start() :].strip()
    return (head, "") if verb else ("", "")


def _unbind(phrase: str) -> tuple[str, Comparator | None]:
    """A noun phrase without the adjective that binds it, and what that adjective says."""
    match = _BINDING.search(phrase + " ")
    if match is None:
        return phrase, None
    rest = (phrase[: match.start()] + (phrase + " ")[match.end() :]).strip()
    word = match.group("word").lower()
    if word.startswith(("min", "least", "lowest")):
        return rest, Comparator.AT_LEAST
    return rest, Comparator.AT_MOST if word.startswith(("max", "most", "highest", "greatest")) else None


def _of_subject(subject: str) -> tuple[str, str]:
    """`edge distance of M24 holes` as (`M24 holes`, `edge distance`); without a preposition the last word is the property."""
    match = _OF.match(subject)
    if match and len(match.group("property").split()) <= 6:
        return _ARTICLES.sub("", match.group("subject")), _ARTICLES.sub("", match.group("property"))
    parts = subject.split()
    return (" ".join(parts[:-1]), parts[-1]) if len(parts) > 1 else ("", "")


def _worded(clause: _Clause) -> Iterator[Reading]:
    """A requirement or statement whose value is no quantity."""
    if clause.modality == "was" or len(clause.predicate.split()) > 40:
        return
    cut = _SUBORDINATE.search(clause.predicate)
    conditions = clause.conditions + ((clause.predicate[cut.start() :].strip(),) if cut else ())
    core = clause.predicate[: cut.start()].strip(" ,") if cut else clause.predicate
    code = _code(core)
    if code is None and clause.modality == "is":
        return
    head = core[: core.rindex(code)].strip() if code else core
    verb_phrase, phrase = _split_head(head) if code else (core, "")
    confidence = 0.8 if code else 0.7
    subject, prop = clause.subject, _worded_property(head, phrase, code)
    if clause.modality == "is":
        subject, prop = _of_subject(clause.subject) if not prop else (subject, prop)
        confidence -= 0.1
    if not prop or not subject:
        return
    action = _verb(verb_phrase if code else core)
    confidence -= _oddness(prop)
    yield Reading(subject, prop, clause.modality, confidence, None, code or core, conditions, clause.negated, action)


def _code(core: str) -> str | None:
    """The designation that a predicate ends with, such as `ASTM F1554 Grade 55`."""
    match = _CODE_AT_END.search(core.rstrip(" ."))
    if match is None:
        return None
    value = match.group("value")
    telling = (
        any(is_code(word) for word in value.split())
        or re.search(r"[A-Z]\w*\s+\d", value)
        or re.search(r"\bgrade\s+[\d.]+$", core)
    )
    return value if telling else None


def _worded_property(head: str, phrase: str, code: str | None) -> str:
    if code is None:
        words = re.sub(r"^(?:be|have|been|also|only|always|never)\s+", "", head).split()
        return words[0] if words else ""
    noun = re.search(
        r"(?:^|\b(?:of|with|to|by|in accordance with|according to|as|from|on)\s+)((?:[a-z][\w-]*\s*){1,3})$", head
    )
    verb = _verb(re.split(r"\b(?:of|with|to|by|in accordance|according|from)\b", head)[0])
    named = (phrase or (noun.group(1).strip() if noun else "")).removeprefix("be ").strip()
    if named.split()[:1] in (["made"], ["used"]):
        named = ""
    generic = named.lower() in (
        "procedure",
        "type",
        "grade",
        "class",
        "category",
        "standard",
        "system",
        "method",
        "specification",
        "",
    )
    named = re.sub(r"\s+(?:to|of|with|in|from|by|as)$", "", named)
    return f"{verb} {named}".strip() if generic and verb not in ("made", "be") else named or verb or ""
