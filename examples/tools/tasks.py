"""Project tasks in Asana's shape."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.tools import web

BASE = "/api/1.0"
COMPACT = ("gid", "name", "resource_type", "resource_subtype")
WRITABLE = frozenset({"name", "notes", "projects", "assignee", "due_on", "completed", "workspace"})

Json = dict[str, Any]


def error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"errors": [{"message": message}]}, status)


class Tasks:
    def __init__(self) -> None:
        stored = web.data("tasks.json")
        self._projects = {project["gid"]: project for project in stored["projects"]}
        self._tasks = [_task(task, [self._projects[task["project"]]]) for task in stored["tasks"]]

    async def of_project(self, request: Request) -> Response:
        gid = request.path_params["project_gid"]
        if gid not in self._projects:
            return error(404, f"project: Unknown object: {gid}")
        found = [task for task in self._tasks if gid in {project["gid"] for project in task["projects"]}]
        if "completed_since" in request.query_params:
            found = [task for task in found if not task["completed"]]
        return _page(request, found)

    async def get(self, request: Request) -> Response:
        gid = request.path_params["task_gid"]
        task = next((task for task in self._tasks if task["gid"] == gid), None)
        return JSONResponse({"data": task}) if task else error(404, f"task: Unknown object: {gid}")

    async def create(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return error(400, "Could not parse request data, invalid JSON")
        unknown = sorted(body.keys() - WRITABLE)
        if unknown or not isinstance(body.get("name"), str):
            return error(400, f"Cannot write {', '.join(unknown)}" if unknown else "name: Missing input")
        projects = [self._projects.get(str(gid)) for gid in body.get("projects", [])]
        if not projects or None in projects:
            return error(400, "projects: Not a recognized ID")
        gid = str(1208000000001000 + len(self._tasks))
        task = _task(body | {"gid": gid}, [project for project in projects if project])
        self._tasks.append(task)
        return JSONResponse({"data": task}, 201)


async def _body(request: Request) -> Json | None:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        return None
    found = body.get("data") if isinstance(body, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else None


def _task(fields: Mapping[str, Any], projects: Sequence[Json]) -> Json:
    assignee = fields.get("assignee")
    return {
        "gid": fields["gid"],
        "name": fields["name"],
        "resource_type": "task",
        "resource_subtype": "default_task",
        "notes": fields.get("notes", ""),
        "completed": bool(fields.get("completed", False)),
        "due_on": fields.get("due_on"),
        "assignee": {"gid": assignee, "name": assignee, "resource_type": "user"} if assignee else None,
        "projects": [dict(project) for project in projects],
    }


def _page(request: Request, found: Sequence[Json]) -> Response:
    """Asana pages only where a limit is given."""
    limit = web.number(request, "limit", 0)
    if not limit:
        return JSONResponse({"data": [_fields(request, task) for task in found]})
    if limit > 100:
        return error(400, "limit: Must be between 1 and 100")
    start = web.number(request, "offset", 0)
    rest = start + limit
    uri = str(request.url.include_query_params(offset=rest))
    following = {"offset": str(rest), "path": uri.split(BASE, 1)[1], "uri": uri} if rest < len(found) else None
    return JSONResponse({"data": [_fields(request, task) for task in found[start:rest]], "next_page": following})


def _fields(request: Request, task: Json) -> Json:
    wanted = [name.split(".")[0] for name in request.query_params.get("opt_fields", "").split(",") if name]
    return {name: task[name] for name in dict.fromkeys([*(wanted or COMPACT), "gid"]) if name in task}


def app(token: str) -> Starlette:
    tasks = Tasks()
    routes = [
        Route(f"{BASE}/projects/{{project_gid}}/tasks", tasks.of_project),
        Route(f"{BASE}/tasks", tasks.create, methods=["POST"]),
        Route(f"{BASE}/tasks/{{task_gid}}", tasks.get),
    ]
    lock = web.bearer(token, lambda: error(401, "Not Authorized"))
    return web.app(routes, lock, lambda url: web.api_document("tasks.json") | {"servers": [{"url": url + BASE}]})
