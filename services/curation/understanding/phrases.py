"""The parts of a predicate and of a subject: verb, noun phrase, designation, and the adjective that binds a value."""

import re

from services.curation.domain.claims import Comparator, Quantity
from services.curation.understanding.clauses import ARTICLES
from services.curation.understanding.wording import is_code

DIMENSION_WORDS = {
    "thick": "thickness", "wide": "width", "long": "length", "deep": "depth", "high": "height", "tall": "height",
    "in diameter": "diameter", "diameter": "diameter", "in length": "length", "in width": "width",
    "in thickness": "thickness", "in height": "height", "in depth": "depth", "apart": "spacing", "old": "age",
    "in size": "size", "of age": "age",
}  # fmt: skip
_BINDING = re.compile(
    r"\b(?P<word>minimum|min\.?|least|lowest|maximum|max\.?|most|highest|greatest|approximate|nominal)\s+",
    re.IGNORECASE,
)
_OF = re.compile(
    r"^(?P<property>[^,]+?)\s+(?:of|for|in|on|to|above|below|between|from|under|over)\s+(?P<subject>.+)$", re.IGNORECASE
)
_AUXILIARY = re.compile(
    r"^(?:not\s+)?(?:be|have|use|used|follow|has|had|also|only|always|never|normally|generally|typically|been"
    r"|provide|achieve|in no case)\b\s*",
    re.IGNORECASE,
)
_CODE_AT_END = re.compile(
    r"(?P<value>(?:[A-Z][\w./:+-]*\s+)*?(?:[\w./:+-]*\d[\w./:+-]*)(?:\s+(?:Grade|Class|Type|Gr\.?|Rev\.?|Part"
    r"|Edition)\s+[\w.-]+)?)$"
)


def oddness(prop: str) -> float:
    """What to take off for a property that reads like the rest of a clause rather than a name."""
    odd = (
        len(prop.split()) > 6
        or re.match(r"(?:of|by|and|or|to|in|with|per|be)\b", prop)
        or re.search(r"[:,]|\b(?:and|or)\b .*\b(?:and|or)\b| per$", prop)
    )
    return 0.35 if odd else 0.0


def kind_of_time(action: str, quantity: Quantity) -> str:
    """A noun for a time that only a verb names: `calibrated every 90 days` is an interval."""
    if quantity.dimension != "[time]":
        return ""
    return "interval" if action.endswith("every") else "duration"


def adds(action: str) -> bool:
    return bool(verb_of(action)) and verb_of(action) not in ("exceed", "be", "have", "equal")


def verb_of(action: str) -> str:
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


def split_head(head: str) -> tuple[str, str]:
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
    verb = verb_of(head)
    binding = _BINDING.search(head)
    if binding:
        return head[: binding.start()].strip(), head[binding.start() :].strip()
    return (head, "") if verb else ("", "")


def unbind(phrase: str) -> tuple[str, Comparator | None]:
    """A noun phrase without the adjective that binds it, and what that adjective says."""
    match = _BINDING.search(phrase + " ")
    if match is None:
        return phrase, None
    rest = (phrase[: match.start()] + (phrase + " ")[match.end() :]).strip()
    word = match.group("word").lower()
    if word.startswith(("min", "least", "lowest")):
        return rest, Comparator.AT_LEAST
    return rest, Comparator.AT_MOST if word.startswith(("max", "most", "highest", "greatest")) else None


def split_subject(subject: str) -> tuple[str, str]:
    """`edge distance of M24 holes` as (`M24 holes`, `edge distance`); without a preposition by its last word."""
    match = _OF.match(subject)
    if match and len(match.group("property").split()) <= 6:
        return ARTICLES.sub("", match.group("subject")), ARTICLES.sub("", match.group("property"))
    parts = subject.split()
    return (" ".join(parts[:-1]), parts[-1]) if len(parts) > 1 else ("", "")


def code_of(core: str) -> str | None:
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


def worded_property(head: str, phrase: str, code: str | None) -> str:
    if code is None:
        words = re.sub(r"^(?:be|have|been|also|only|always|never)\s+", "", head).split()
        return words[0] if words else ""
    noun = re.search(
        r"(?:^|\b(?:of|with|to|by|in accordance with|according to|as|from|on)\s+)((?:[a-z][\w-]*\s*){1,3})$", head
    )
    verb = verb_of(re.split(r"\b(?:of|with|to|by|in accordance|according|from)\b", head)[0])
    named = verb_of(phrase or (noun.group(1).strip() if noun else ""))
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
    return f"{verb} {named}".strip() if generic and verb not in ("made", "be", named) else named or verb or ""
