"""What the tools and documents say about a design: requirements, measurements, things on record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from services.agents.domain import matching
from services.agents.domain.evidence import Claim, Item, Measurement, Source, texts_of
from services.agents.domain.runs import Decider, Done, Kind
from services.agents.plans.work import Called, Work
from services.chassis.errors import NotFound

# Keys of a tool's result whose values name a single lot, sheet or report, and so tie documents to a thing.
_TYING = re.compile(r"(heat|lot|batch|cast|serial|report|certificate)", re.IGNORECASE)
_CLAIMS: TypeAdapter[list[Claim]] = TypeAdapter(list[Claim])


@dataclass
class Gathered:
    """Everything that the report can rest on."""

    requirements: list[Claim] = field(default_factory=list)
    repeats: dict[str, list[Claim]] = field(default_factory=dict)
    """Claims that demand the same again, by the requirement's name."""
    too_many: list[Claim] = field(default_factory=list)
    valueless: list[Claim] = field(default_factory=list)
    unsupported: list[Claim] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    tasks: Called | None = None
    facilities: list[Called] = field(default_factory=list)
    materials: list[Called] = field(default_factory=list)


def gather(work: Work) -> Gathered:
    """Asks the tools, then reads the documents' claims."""
    inputs = work.inputs
    found = Gathered()
    if inputs.tasks_project:
        values = {"project": inputs.tasks_project}
        found.tasks = work.call("tasks", "list_tasks", values, Decider.HARNESS, "List the project's tasks")
    for n, facility in enumerate(inputs.facilities):
        title = "Ask the regulator"
        found.facilities.append(
            work.call(f"facility/{n}", "find_facility", {"facility": facility}, Decider.HARNESS, title)
        )
    for n, text in enumerate(inputs.filters):
        title = "Ask the materials database"
        found.materials.append(work.call(f"materials/{n}", "find_materials", {"filter": text}, Decider.HARNESS, title))
    for called in found.materials:
        _read_items(work, called, found)
    _read_claims(work, found)
    return found


def _read_items(work: Work, called: Called, found: Gathered) -> None:
    names = (work.inputs.design, work.inputs.project)
    for entry in entries(called.result):
        texts = texts_of(entry)
        if not matching.mentions(" ".join(texts), names):
            continue
        source = Source(tool_call=called.tool_call)
        subject = "; ".join(texts)
        found.items.append(Item(subject, tuple(texts), source, described(entry)))
        for record in measured(entry):
            amount = work.units.amount(float(record["value"]), record["unit"])
            if amount is not None:
                label = str(entry.get("id", "")) or record["property"]
                found.measurements.append(
                    Measurement(subject, record["property"], amount, " ".join(texts), source, label)
                )


def entries(result: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a result's outermost lists: the rows that a search gave."""
    if isinstance(result, list):
        yield from (item for item in result if isinstance(item, Mapping))
    elif isinstance(result, Mapping):
        for value in result.values():
            yield from entries(value)


def described(entry: Mapping[str, Any]) -> str:
    """An entry's own words, with the last word of each one's key: `heat H4471, grade S355J2`."""
    pairs: list[str] = []
    for key, value in entry.items():
        if isinstance(value, Mapping):
            pairs.append(described(value))
        elif isinstance(value, str) and value:
            pairs.append(f"{re.split(r'[_.:]', key)[-1]} {value}")
    return ", ".join(pair for pair in pairs if pair)


def measured(value: Any) -> Iterator[Mapping[str, Any]]:
    """Objects that state a measurement: a property, a number and a unit."""
    if isinstance(value, Mapping):
        number = value.get("value")
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if is_number and isinstance(value.get("property"), str) and isinstance(value.get("unit"), str):
            yield value
        for item in value.values():
            yield from measured(item)
    elif isinstance(value, list):
        for item in value:
            yield from measured(item)


def tied(value: Any, key: str = "") -> Iterator[str]:
    """Names of lots, heats, reports and certificates in a result."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from tied(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from tied(item, key)
    elif isinstance(value, str) and _TYING.search(key):
        yield from matching.identifiers([value])


def _read_claims(work: Work, found: Gathered) -> None:
    """Requirements of the design, and measurements of what is built to it."""
    names = [work.inputs.design, work.inputs.project, *sorted(_tied_names(work, found))]
    done = work.journal.step(
        "claims",
        Kind.RETRIEVE,
        "Read what the documents in force state",
        Decider.HARNESS,
        lambda: _claims(work, names),
        f"claims about {', '.join(names)}",
    )
    found.unsupported = _CLAIMS.validate_python(done.output["unsupported"])
    claims = _CLAIMS.validate_python(done.output["claims"])
    wanted = [c for c in claims if c.is_requirement and matching.is_about(c, [work.inputs.design])]
    wanted = [c for c in wanted if _is_on_topic(c, work.inputs.topics)]
    found.valueless = [c for c in wanted if not matching.states_value(c)]
    for claim in wanted:
        if matching.states_value(claim):
            _add_requirement(found, claim, work.inputs.max_requirements)
    found.measurements += [m for c in claims if c.is_measured and (m := _measurement(work, c)) is not None]


def _add_requirement(found: Gathered, claim: Claim, most: int) -> None:
    same = next((r for r in found.requirements if matching.same_requirement(r, claim)), None)
    if same is not None:
        found.repeats.setdefault(same.name, []).append(claim)
    elif len(found.requirements) < most:
        found.requirements.append(claim)
    else:
        found.too_many.append(claim)


def _tied_names(work: Work, found: Gathered) -> set[str]:
    names = (work.inputs.design, work.inputs.project)
    rows = [entry for called in found.materials for entry in entries(called.result)]
    return {name for row in rows if matching.mentions(" ".join(texts_of(row)), names) for name in tied(row)}


def _claims(work: Work, names: Sequence[str]) -> Done:
    about = [c for c in work.evidence.claims(work.journal.run.project) if matching.is_about(c, names)]
    supported = [claim for claim in about if _stands_there(work, claim)]
    missing = [claim for claim in about if claim not in supported]
    output = {
        "claims": _CLAIMS.dump_python(supported, mode="json"),
        "unsupported": _CLAIMS.dump_python(missing, mode="json"),
    }
    return Done(output)


def _stands_there(work: Work, claim: Claim) -> bool:
    """Whether the quote of a claim is in the chunk that it names, letters and digits only."""
    if not claim.quote.chunk:
        return False
    try:
        chunk = work.evidence.chunk(claim.quote.chunk)
    except NotFound:
        return False
    letters = _letters(claim.quote.text)
    return bool(letters) and letters in _letters(chunk)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _is_on_topic(claim: Claim, topics: Sequence[str]) -> bool:
    text = f"{claim.subject} {claim.attribute} {claim.value_text}".lower()
    return not topics or any(topic.lower() in text for topic in topics)


def _measurement(work: Work, claim: Claim) -> Measurement | None:
    if claim.limit is None:
        return None
    context = " ".join([claim.quote.text, claim.quote.title, *claim.conditions])
    found = [a for a in work.units.amounts(claim.limit.text) if a.dimension == claim.limit.dimension]
    if not found:
        return None
    source = Source(quote=claim.quote)
    return Measurement(claim.subject, claim.attribute, found[0], context, source, claim.quote.title)
