"""The parts of a compliance report."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.agents.domain.evidence import Claim
from services.agents.domain.verdicts import Finding
from services.agents.plans.gathering import Gathered, entries
from services.agents.plans.work import Answered, Called, Work
from services.agents.plans.writing import Page, plain, quoted

MAX_LISTED = 20


def context(page: Page, found: Gathered, work: Work) -> None:
    """What the tools say of project, site and materials."""
    page.section("Project")
    if found.tasks is not None:
        _tasks(page, found.tasks)
    for facility in found.facilities:
        _facilities(page, facility)
    for materials in found.materials:
        _failed(page, "the materials database was asked", materials)
    for item in found.items[:MAX_LISTED]:
        page.state(f"On record: {quoted(item.label)}.", page.citations.source(item.source))


def _failed(page: Page, what: str, called: Called) -> bool:
    if called.failure is None:
        return False
    page.leave_out(what, f"{called.failure.reason}: {plain(called.failure.message)}")
    return True


def _tasks(page: Page, called: Called) -> None:
    if _failed(page, "the tasks of the project were listed", called):
        return
    rows = list(entries(called.result))
    due = [str(row.get("name")) for row in rows if row.get("completed") is False]
    listed = f": {', '.join(quoted(name) for name in due[:MAX_LISTED])}" if due else ""
    numbers = [page.citations.tool_call(called.tool_call)]
    page.state(f"The project has {len(rows)} tasks, {len(due)} of them open{listed}.", numbers)


def _facilities(page: Page, called: Called) -> None:
    if _failed(page, "the regulator was asked", called):
        return
    rows = [row for row in entries(called.result) if _named(row)]
    numbers = [page.citations.tool_call(called.tool_call)]
    for row in rows[:MAX_LISTED]:
        states = [f"{plain(key)} is {quoted(str(value))}" for key, value in row.items() if _is_status(key, value)]
        if states:
            page.state(f"The regulator records {quoted(_named(row))}: {', '.join(states)}.", numbers)
    if not rows:
        page.state("The regulator records no such facility.", numbers)


def _named(row: Mapping[str, Any]) -> str:
    return next((str(v) for k, v in row.items() if k.lower() in ("name", "facname", "facilityname", "title")), "")


def _is_status(key: str, value: Any) -> bool:
    return isinstance(value, str) and "status" in key.lower() and bool(value)


def finding(page: Page, number: int, found: Finding, repeats: Sequence[Claim], answer: Answered | None) -> None:
    """A requirement with its evidence and verdict. `answer` is the model's, where it says what the document says."""
    claim = found.requirement
    cite = page.citations
    page.note("")
    page.note(f"### {number}. {plain(claim.attribute)}, {plain(claim.subject)}: {found.verdict}")
    page.note("")
    required = [cite.quote(claim.quote)]
    page.state(f"Required: {quoted(claim.quote.text)}", required)
    for repeat in repeats:
        page.state(f"Stated again: {quoted(repeat.quote.text)}", [cite.quote(repeat.quote)])
    if answer is not None:
        numbers = [*required, cite.completion(answer.completion)]
        page.state(f"The model answers {quoted(answer.text)}, as the document does.", numbers)
    evidence: list[int] = []
    for measurement in found.measurements:
        numbers = cite.source(measurement.source)
        evidence += numbers
        page.state(f"Measured: {plain(measurement.amount.text)} ({plain(measurement.label)}).", numbers)
    for item in found.items:
        numbers = cite.source(item.source)
        evidence += numbers
        page.state(f"On record: {quoted(item.label)}.", numbers)
    page.state(f"Verdict: {found.verdict}; {found.reason}.", [*required, *evidence])


def disagreement(page: Page, claim: Claim, answer: Answered) -> None:
    """The model's answer stays out where it is not what the document states."""
    text = f"The model answers {quoted(answer.text)} on {plain(claim.attribute)}, {plain(claim.subject)}"
    page.leave_out(text, f"the document states {plain(claim.value)}")


def statement(page: Page, found: Finding, written: Answered, is_supported: bool) -> None:
    """A sentence of the model, where it was found to say nothing but the finding."""
    if not is_supported:
        page.leave_out(f"The model writes {quoted(written.text)}", "the finding does not support it")
        return
    cite = page.citations
    numbers = [cite.quote(found.requirement.quote), cite.completion(written.completion)]
    for measurement in found.measurements:
        numbers += cite.source(measurement.source)
    page.state(plain(written.text), numbers)


def left_out(page: Page, found: Gathered) -> None:
    for claim in found.unsupported:
        page.leave_out(plain(claim.quote.text), "the quote is not in the chunk that it names")
    for claim in found.too_many:
        page.leave_out(plain(claim.quote.text), "not assessed: more requirements than the run was given")
    for claim in found.valueless:
        page.leave_out(plain(claim.quote.text), "not assessed: it states no value to compare")


def follow_up_waits(page: Page, asked: Called) -> None:
    page.state("A follow-up task was asked for and waits for a person.", [page.citations.tool_call(asked.tool_call)])


def follow_up(page: Page, made: Called) -> None:
    """What became of the follow-up task."""
    numbers = [page.citations.tool_call(made.tool_call)]
    if made.failure is None:
        page.state("The follow-up task was made.", numbers)
    elif made.failure.reason in ("UNKNOWN", "OUTCOME_UNKNOWN", "TIMEOUT", "CONNECTION_BROKEN"):
        page.state("The follow-up task may have been made; look before making it again.", numbers)
    else:
        page.state(f"The follow-up task was not made: {plain(made.failure.reason)}.", numbers)
