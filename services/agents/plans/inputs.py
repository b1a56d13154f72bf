"""The inputs of the plan compliance-report."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.agents.errors import InputInvalid, InputMissing, InputUnknown
from services.agents.plans.functions import FUNCTIONS, ROLES

OPERATION = "operation."
KNOWN = frozenset(
    {"design", "project", "tasks_project", "facility", "materials_filter", "topics", "max_requirements", "max_reads"}
)


@dataclass(frozen=True)
class Inputs:
    design: str
    """The design that the report is about, as documents name it."""
    project: str
    """The project or site, as documents name it."""
    tasks_project: str = ""
    """Id of the project in the task tool; without it no task is listed or made."""
    facility: str = ""
    """Facility names at the regulator, separated by `;`; empty means the project's name."""
    materials_filter: str = ""
    """Filters of the materials database, separated by `;`; without one the database is not asked."""
    topics: tuple[str, ...] = ()
    """Only requirements with one of these words in subject or property; empty means all."""
    max_requirements: int = 40
    """More requirements than this are listed as not assessed."""
    max_reads: int = 4
    """How many documents are searched and read for requirements without a measurement."""
    operations: Mapping[str, str] = field(default_factory=dict)
    """Operation ids that stand in for the plan's own, by role."""

    def operation(self, role: str) -> str:
        return self.operations.get(role, FUNCTIONS[role].operation)

    @property
    def facilities(self) -> tuple[str, ...]:
        return _listed(self.facility) or (self.project,)

    @property
    def filters(self) -> tuple[str, ...]:
        return _listed(self.materials_filter)


def read(given: Mapping[str, str]) -> Inputs:
    """Raises InputUnknown, InputMissing or InputInvalid, naming the input."""
    for name in given:
        if name not in KNOWN and name.removeprefix(OPERATION) not in ROLES:
            raise InputUnknown(f"the plan has no input {name!r}", input=name)
    for name in ("design", "project"):
        if not given.get(name, "").strip():
            raise InputMissing(f"the plan needs the input {name}", input=name)
    return Inputs(
        design=given["design"].strip(),
        project=given["project"].strip(),
        tasks_project=given.get("tasks_project", "").strip(),
        facility=given.get("facility", ""),
        materials_filter=given.get("materials_filter", ""),
        topics=_listed(given.get("topics", "")),
        max_requirements=_number(given, "max_requirements", 40),
        max_reads=_number(given, "max_reads", 4),
        operations={n.removeprefix(OPERATION): v for n, v in given.items() if n.startswith(OPERATION)},
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, "").strip()
    if text and (not text.isdigit() or int(text) > 500):
        raise InputInvalid(f"{name} must be a number from 0 to 500", input=name)
    return int(text) if text else default
