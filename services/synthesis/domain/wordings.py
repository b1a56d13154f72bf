"""Questions for a claim: frames for training, and others that are only ever held out.

A frame is a sentence with places: `{Q}` the quantity asked for (`minimum yield strength`), `{P}` the bare property,
`{S}` the subject as a noun phrase, `{C}` the conditions, `{of}` the preposition that reads well before the subject.
No frame for training is a frame of the held-out list, so that what is asked in the held-out part is new for each fact.
"""

import hashlib
from collections.abc import Mapping, Sequence

from services.synthesis.domain.askable import is_definition, is_yes_no, verb_phrase
from services.synthesis.domain.corpus import Claim, Comparator
from services.synthesis.domain.facts import bare_property, bound
from services.synthesis.domain.language import condition_phrase, determined, has_preposition, raised, without_article

TRAIN_COMMON = (
    "What is the {Q} {of} {S}{C}?",
    "{Q^} {of} {S}{C}?",
    "For {S}, which {Q} is stated{C}?",
    "Give the {Q} {of} {S}{C}.",
    "{S^}{C}: {Q}?",
    "Which {Q} applies to {S}{C}?",
    "What do our documents say about the {Q} {of} {S}{C}?",
    "Looking at {S}, what is the {Q}{C}?",
)
TRAIN: Mapping[Comparator, Sequence[str]] = {
    Comparator.AT_LEAST: (
        "How low may the {P} {of} {S} be{C}?",
        "What is the smallest {P} that is allowed for {S}{C}?",
        "What is the lower limit on the {P} {of} {S}{C}?",
        "Name the least {P} required for {S}{C}.",
    ),
    Comparator.AT_MOST: (
        "How high may the {P} {of} {S} be{C}?",
        "What is the largest {P} that is allowed for {S}{C}?",
        "What is the upper limit on the {P} {of} {S}{C}?",
        "Name the greatest {P} permitted for {S}{C}.",
    ),
    Comparator.BETWEEN: (
        "Between which limits must the {P} {of} {S} lie{C}?",
        "From what to what may the {P} {of} {S} go{C}?",
        "What are the lower and upper limits on the {P} {of} {S}{C}?",
        "Name the span that is allowed for the {P} {of} {S}{C}.",
    ),
    Comparator.EQUAL: (
        "What value does the {P} {of} {S} have{C}?",
        "How much is the {P} {of} {S}{C}?",
        "What figure is given for the {P} {of} {S}{C}?",
        "State the {P} {of} {S}{C} as a number with its unit.",
    ),
    Comparator.NONE: (
        "What has to be used as the {P} {of} {S}{C}?",
        "What is named as the {P} {of} {S}{C}?",
        "What does the specification name as the {P} {of} {S}{C}?",
        "State the {P} {of} {S}{C} by its name.",
    ),
}
HELDOUT = (
    "I am working on {S}{C} and need to know the {Q}. What is it?",
    "Could you tell me the {Q} that is set for {S}{C}?",
    "A colleague asks about {S}{C}: what should I answer on the {Q}?",
    "When it comes to {S}{C}, the {Q} should be what?",
)
# `{V}` is what a claim forbids, as a verb phrase: `be used on galvanized members`.
YES_NO_TRAIN = (
    "May {S} {V}{C}?",
    "Is it allowed for {S} to {V}{C}?",
    "Can {S} {V}{C}?",
    "{S^}: allowed to {V}{C}?",
    "Do our documents allow {S} to {V}{C}?",
    "Is there permission for {S} to {V}{C}?",
)
YES_NO_HELDOUT = (
    "Someone wants {S} to {V}{C}. Is that all right?",
    "Would it be acceptable for {S} to {V}{C}?",
)
# `{T}` is the subject of a definition, without an article.
DEFINITION_TRAIN = (
    'What does "{T}" mean in our documents?',
    'Define "{T}".',
    'How is "{T}" defined?',
    'What is meant by "{T}"?',
    'Give the meaning of "{T}".',
    'State what "{T}" stands for.',
)
DEFINITION_HELDOUT = (
    'A new colleague does not know the word "{T}". What should I say it is?',
    'Could you explain the term "{T}" to me?',
)


def quantity_phrase(claim: Claim) -> str:
    """The `{Q}` of a claim: its property with the bound that it states."""
    bare = bare_noun(claim)
    comparator = bound(claim)
    if comparator is Comparator.AT_LEAST:
        return f"minimum {bare}"
    if comparator is Comparator.AT_MOST:
        return f"maximum {bare}"
    if comparator is Comparator.BETWEEN and not has_preposition(bare) and "range" not in bare.lower():
        return f"{bare} tolerance" if _is_tolerance(claim, bare) else f"{bare} range"
    if _is_tolerance(claim, bare):
        return f"tolerance on the {bare}"
    return bare


def bare_noun(claim: Claim) -> str:
    """The bare property as a noun: a lone participle, such as `cambered`, has none and gets one."""
    bare = bare_property(claim.property)
    return f"{bare} amount" if " " not in bare and bare.endswith("ed") else bare


def _is_tolerance(claim: Claim, bare: str) -> bool:
    quantity = claim.quantity
    return quantity is not None and quantity.text.strip().startswith("±") and "tolerance" not in bare.lower()


def train_frames(claim: Claim) -> Sequence[str]:
    if is_yes_no(claim):
        return YES_NO_TRAIN
    if is_definition(claim):
        return DEFINITION_TRAIN
    comparator = bound(claim)
    return (*TRAIN_COMMON, *TRAIN[Comparator.EQUAL if comparator is Comparator.ABOUT else comparator])


def heldout_frames(claim: Claim) -> Sequence[str]:
    if is_yes_no(claim):
        return YES_NO_HELDOUT
    return DEFINITION_HELDOUT if is_definition(claim) else HELDOUT


def fill(frame: str, claim: Claim) -> str:
    """The question that a frame asks about a claim whose subject and property are cased as within a sentence."""
    subject = determined(claim.subject)
    asked = quantity_phrase(claim)
    bare = bare_noun(claim)
    conditions = condition_phrase(claim.conditions)
    if is_yes_no(claim):
        # "It shall not be loaded until …" forbids it before.
        conditions = conditions.replace(" until ", " before ", 1)
    places = {
        "{Q}": asked,
        "{Q^}": raised(asked),
        "{P}": bare,
        "{P^}": raised(bare),
        "{S}": subject,
        "{S^}": raised(subject),
        "{C}": conditions,
        "{V}": verb_phrase(claim),
        "{T}": without_article(claim.subject),
        "{of}": "for" if has_preposition(asked) else "of",
    }
    for place, text in places.items():
        frame = frame.replace(place, text)
    return raised(frame)


def choose(frames: Sequence[str], count: int, salt: str) -> list[str]:
    """`count` frames by a stable hash of `salt`, so that facts differ in which they get and a rerun does not."""
    ranked = sorted(frames, key=lambda frame: hashlib.sha256(f"{salt}/{frame}".encode()).digest())
    return ranked[:count]


def frame_name(frame: str) -> str:
    """A short stable name of a frame, kept with each example."""
    return hashlib.sha256(frame.encode()).hexdigest()[:8]
