"""What a plan may do outside: its functions, as a model sees them, and the calls that they become.

A model is offered one function at a time, its arguments limited to values that the harness found. Its proposal is
checked against that schema; only then does it become a call of the operation behind the function.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.agents.ports import Json

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """`arguments` makes the operation's arguments of the function's."""

    role: str
    description: str
    parameters: Mapping[str, str]
    operation: str
    arguments: Callable[[Arguments], Json]

    def schema(self, choices: Mapping[str, Sequence[str]]) -> Json:
        """The OpenAI function, each parameter limited to its choices."""
        properties = {
            name: {"type": "string", "description": text} | ({"enum": list(choices[name])} if name in choices else {})
            for name, text in self.parameters.items()
        }
        parameters = {
            "type": "object",
            "properties": properties,
            "required": list(self.parameters),
            "additionalProperties": False,
        }
        return {"name": self.role, "description": self.description, "parameters": parameters}


def _new_task(given: Arguments) -> Json:
    data = {name: given[name] for name in ("name", "notes", "assignee") if given.get(name)}
    return {"body": {"data": data | {"projects": [given["project"]]}}}


# The operations are those of Asana, Alfresco, ECHO and OPTIMADE; an input `operation.<role>` names another one.
FUNCTIONS: Mapping[str, Function] = {
    function.role: function
    for function in (
        Function(
            "list_tasks",
            "List the tasks of a project.",
            {"project": "Id of the project."},
            "tasks.getTasksForProject",
            lambda given: {
                "project_gid": given["project"],
                "opt_fields": ["name", "completed", "due_on", "assignee.name"],
                "limit": 100,
            },
        ),
        Function(
            "find_documents",
            "Find documents that hold a term.",
            {"term": "Words to look for."},
            "documents.findNodes",
            lambda given: {"term": given["term"], "maxItems": 50},
        ),
        Function(
            "read_document",
            "Read the text of a document.",
            {"document": "Name of the document."},
            "documents.getNodeContent",
            lambda given: {"nodeId": given["document"]},
        ),
        Function(
            "find_facility",
            "Find a facility and its compliance status at the regulator.",
            {"facility": "Name of the facility."},
            "regulator.GET /echo_rest_services.get_facility_info",
            lambda given: {"p_fn": given["facility"], "output": "JSON"},
        ),
        Function(
            "find_materials",
            "Find materials and their measured properties.",
            {"filter": "Filter of the materials database."},
            "materials.get_structures_structures_get",
            lambda given: {"filter": given["filter"], "page_limit": 100},
        ),
        Function(
            "create_task",
            "Create a follow-up task.",
            {"assignee": "Who gets the task."},
            "tasks.createTask",
            _new_task,
        ),
    )
}
ROLES = tuple(FUNCTIONS)


def request_text(function: Function, choices: Mapping[str, Sequence[str]]) -> str:
    """What a model is asked when it is to choose: the function in words, and the values it may take."""
    verb = function.role.replace("_", " ")
    parts = [f"{name} is one of {', '.join(_quoted(v) for v in values)}" for name, values in choices.items()]
    return f"Please {verb}: {'; '.join(parts)}."


def pick_text(function: Function, name: str, options: Sequence[str]) -> str:
    """The same choice by numbers."""
    verb = function.role.replace("_", " ")
    listed = "\n".join(f"{n}. {_quoted(option)}" for n, option in enumerate(options, start=1))
    return f"Which {name} is best to {verb}?\n{listed}\nAnswer with the number only."


def _quoted(value: str) -> str:
    return '"' + value.replace('"', "'") + '"'
