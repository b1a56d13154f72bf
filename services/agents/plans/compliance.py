"""The plan compliance-report: is a design as the documents in force demand?

The order is fixed: ask the tools, read the claims, go through the requirements, write, ask for the follow-up task.
README has the table of who decides what.
"""

from collections.abc import Mapping, Sequence

from services.agents.domain import matching
from services.agents.domain.evidence import Claim
from services.agents.domain.runs import Report
from services.agents.domain.verdicts import Finding, Verdict, judge
from services.agents.plans import questions, sections
from services.agents.plans.gathering import Gathered, entries, gather
from services.agents.plans.reading import look_up
from services.agents.plans.work import Answered, Called, Work
from services.agents.plans.writing import Page

# Sentences that the model is asked to write; each costs a completion.
MAX_STATEMENTS = 4
MAX_NOTES = 4000
STATEMENT_TOKENS = 64


class ComplianceReport:
    def __init__(self, work: Work) -> None:
        self._work = work
        inputs = work.inputs
        self._page = Page(f"Compliance report: {inputs.design}, {inputs.project}")
        self._reads = self._written = 0

    def run(self) -> Report:
        """Does the plan. Raises Waiting while the follow-up task waits for a person."""
        found = gather(self._work)
        sections.context(self._page, found, self._work)
        findings = self._assess(found)
        sections.left_out(self._page, found)
        due = [finding for finding in findings if finding.verdict is not Verdict.MET]
        if due and self._work.inputs.tasks_project:
            self._follow_up(found, due)
        return self._page.render()

    def draft(self) -> Report:
        """The report as far as it goes."""
        return self._page.render()

    def _assess(self, found: Gathered) -> list[Finding]:
        self._page.section("Requirements")
        return [self._finding(n, requirement, found) for n, requirement in enumerate(found.requirements, start=1)]

    def _finding(self, number: int, requirement: Claim, found: Gathered) -> Finding:
        """One requirement: what the model knows of it, what the evidence says, and the verdict."""
        key = f"requirement/{number}"
        answer, agrees = self._ask(key, requirement)
        finding = self._judge(requirement, found)
        if _is_without_measurement(finding) and self._reads < self._work.inputs.max_reads:
            self._reads += 1
            finding = self._judge_read(key, finding)
        self._work.check(f"{key}/verdict", "Compare measured with required", finding.verdict.value, finding.reason)
        repeats = found.repeats.get(requirement.name, [])
        sections.finding(self._page, number, finding, repeats, answer if agrees else None)
        if not agrees:
            sections.disagreement(self._page, requirement, answer)
        if finding.measurements and finding.verdict is not Verdict.OPEN and self._written < MAX_STATEMENTS:
            self._written += 1
            self._write(key, finding)
        return finding

    def _ask(self, key: str, requirement: Claim) -> tuple[Answered, bool]:
        """The model's answer on the value required, and whether it is the document's."""
        question = questions.fact_question(requirement)
        answer = self._work.ask(f"{key}/ask", f"Ask for {requirement.attribute}", question)
        agrees = questions.agrees(requirement, answer.text, self._work.units)
        title = "Compare the answer with the document"
        self._work.check(f"{key}/agrees", title, agrees, answer.text, answer.completion)
        return answer, agrees

    def _judge(self, requirement: Claim, found: Gathered) -> Finding:
        design = self._work.inputs.design
        fitting = [m for m in found.measurements if matching.measures(requirement, m, design)]
        items = [item for item in found.items if matching.names_value(requirement, item, design)]
        return judge(requirement, fitting, items)

    def _judge_read(self, key: str, finding: Finding) -> Finding:
        measurement = look_up(self._work, key, finding.requirement)
        return judge(finding.requirement, [measurement], []) if measurement else finding

    def _write(self, key: str, finding: Finding) -> None:
        """One sentence by the model. It stays out unless it says nothing but the finding."""
        request = questions.statement_request(finding)
        written = self._work.ask(f"{key}/write", "Write a sentence on the finding", request, STATEMENT_TOKENS)
        is_supported = questions.is_supported(finding, written.text, self._work.units)
        self._work.check(
            f"{key}/supported", "Check the sentence against the finding", is_supported, written.text, written.completion
        )
        sections.statement(self._page, finding, written, is_supported)

    def _follow_up(self, found: Gathered, due: Sequence[Finding]) -> None:
        """A task for what is open or not met. It is made once, and only if a person agrees."""
        self._page.section("Follow-up")
        values = self._task(found, due)
        asked = self._work.propose_write("follow-up/ask", "create_task", values, "Ask for a follow-up task")
        if asked.failure:
            self._page.leave_out("a follow-up task was asked for", asked.failure.reason)
            return
        at = len(self._page.lines)
        sections.follow_up_waits(self._page, asked)
        self._work.await_decision(asked.tool_call)
        del self._page.lines[at:]
        made = self._work.execute_write(
            "follow-up/execute", "create_task", values, asked.tool_call, "Make the follow-up task"
        )
        sections.follow_up(self._page, made)

    def _task(self, found: Gathered, due: Sequence[Finding]) -> Mapping[str, str]:
        inputs = self._work.inputs
        values = {
            "project": inputs.tasks_project,
            "name": f"Close {len(due)} points of the compliance report on {inputs.design}, {inputs.project}",
            "notes": _notes(due),
        }
        people = _assignees(found.tasks)
        if people:
            values |= self._work.choose("follow-up", "create_task", {"assignee": people}).values
        return values


def _is_without_measurement(finding: Finding) -> bool:
    return finding.requirement.limit is not None and not finding.measurements


def _notes(due: Sequence[Finding]) -> str:
    """What is due, in the harness's words: passages of documents stay in the report."""
    lines = [
        f"{f.verdict}: {f.requirement.attribute}, {f.requirement.subject}, required {f.requirement.value} ({f.reason})"
        for f in due
    ]
    return "\n".join(lines)[:MAX_NOTES]


def _assignees(tasks: Called | None) -> list[str]:
    """Who has tasks in the project, in the order of the list."""
    rows = [row.get("assignee") for row in entries(tasks.result)] if tasks else []
    names = [person.get("gid") or person.get("name") for person in rows if isinstance(person, Mapping)]
    return list(dict.fromkeys(str(name) for name in names if name))
