"""Questions for a claim: frames for training, and others that are only ever held out.

A frame is a sentence with places: `{Q}` the quantity asked for (`minimum yield strength`), `{P}` the bare property,
`{S}` the subject as a noun phrase, `{C}` the conditions, `{of}` the preposition that reads well before the subject.
No frame for training is a frame of the held-out list, so that what is asked in the held-out part is new for each fact.
"""

import hashlib
from collections.abc import Mapping, Sequence

from services.synthesis.domain.corpus import Claim, Comparator
from services.synthesis.domain.facts import bare_property, bound, is_yes_no
from services.synthesis.domain.language import condition_phrase, determined, has_preposition, raised

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
YES_NO_TRAIN = (
    "May {S} be {P}{C}?",
    "Is it allowed for {S} to be {P}{C}?",
    "Can {S} be {P}{C}?",
    "{S^}: allowed to be {P}{C}?",
    "Do our documents allow {S} to be {P}{C}?",
    "Is there permission for {S} to be {P}{C}?",
)
YES_NO_HELDOUT = (
    "Someone wants {S} to be {P}{C}. Is that all right?",
    "Would it be acceptable for {S} to be {P}{C}?",
)
# Where what is forbidden or allowed is a noun, such as `field welding`.
NOUN_YES_NO_TRAIN = (
    "Is {P} allowed for {S}{C}?",
    "May {P} be used on {S}{C}?",
    "Do our documents permit {P} for {S}{C}?",
    "For {S}, is {P} permitted{C}?",
    "{P^} {of} {S}{C}: is it allowed?",
)
NOUN_YES_NO_HELDOUT = (
    "Someone plans {P} for {S}{C}. Is that all right?",
    "Would {P} be acceptable for {S}{C}?",
)


def quantity_phrase(claim: Claim) -> str:
    """The `{Q}` of a claim: its property with the bound that it states."""
    bare = bare_property(claim.property)
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


def _is_tolerance(claim: Claim, bare: str) -> bool:
    quantity = claim.quantity
    return quantity is not None and quantity.text.strip().startswith("±") and "tolerance" not in bare.lower()


def train_frames(claim: Claim) -> Sequence[str]:
    if is_yes_no(claim):
        return YES_NO_TRAIN if _is_participle(claim.property) else NOUN_YES_NO_TRAIN
    comparator = bound(claim)
    return (*TRAIN_COMMON, *TRAIN[Comparator.EQUAL if comparator is Comparator.ABOUT else comparator])


def heldout_frames(claim: Claim) -> Sequence[str]:
    if is_yes_no(claim):
        return YES_NO_HELDOUT if _is_participle(claim.property) else NOUN_YES_NO_HELDOUT
    return HELDOUT


def _is_participle(name: str) -> bool:
    return name.split()[0].endswith("ed") if " " not in name else any(w.endswith("ed") for w in name.split()[:2])


def fill(frame: str, claim: Claim) -> str:
    """The question that a frame asks about a claim whose subject and property are cased as within a sentence."""
    subject = determined(claim.subject)
    asked = quantity_phrase(claim)
    bare = bare_property(claim.property)
    places = {
        "{Q}": asked,
        "{Q^}": raised(asked),
        "{P}": bare,
        "{P^}": raised(bare),
        "{S}": subject,
        "{S^}": raised(subject),
        "{C}": condition_phrase(claim.conditions),
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
