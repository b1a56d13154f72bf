"""Document management in the shape of Alfresco's core API. The documents are the sources of the example corpus."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.tools import web

BASE = "/alfresco/api/-default-/public/alfresco/versions/1"
SOURCES = Path(__file__).parents[1] / "quantumforge" / "sources"
MIN_TERM = 3

Json = dict[str, Any]


@dataclass(frozen=True)
class Node:
    id: str
    name: str
    title: str
    text: str
    modified: str

    def entry(self) -> Json:
        content = {
            "mimeType": "text/plain",
            "mimeTypeName": "Plain Text",
            "sizeInBytes": len(self.text.encode()),
            "encoding": "UTF-8",
        }
        return {
            "id": self.id,
            "name": self.name,
            "nodeType": "cm:content",
            "isFile": True,
            "isFolder": False,
            "modifiedAt": f"{self.modified}T08:00:00.000+0000",
            "createdAt": f"{self.modified}T08:00:00.000+0000",
            "content": content,
            "properties": {"cm:title": self.title},
        }


def read_nodes(folder: Path) -> list[Node]:
    """The Markdown sources of a folder; a front matter gives title and date."""
    return [_node(path) for path in sorted(folder.glob("*.md"))]


def _node(path: Path) -> Node:
    text = path.read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2) if text.startswith("---\n") else ("", "", text)
    matter = yaml.safe_load(front) or {}
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, path.name))
    title = str(matter.get("title", path.stem))
    return Node(identity, path.stem, title, body.strip(), str(matter.get("date", "2024-01-01")))


def error(status: int, brief: str) -> JSONResponse:
    body = {"errorKey": brief, "statusCode": status, "briefSummary": brief, "stackTrace": "", "descriptionURL": ""}
    return JSONResponse({"error": body}, status)


class Documents:
    def __init__(self, folder: Path) -> None:
        self._nodes = {node.id: node for node in read_nodes(folder)}

    async def find(self, request: Request) -> Response:
        term = request.query_params.get("term", "")
        if sum(letter.isalnum() for letter in term) < MIN_TERM:
            return error(400, "term must have a minimum of 3 alphanumeric characters")
        words = [word for word in term.lower().replace('"', " ").replace("*", " ").split() if word]
        found = [node for node in self._nodes.values() if all(w in _haystack(node) for w in words)]
        return _page(request, found)

    async def children(self, request: Request) -> Response:
        if request.path_params["nodeId"] != "-root-":
            return error(404, "nodeId does not exist")
        return _page(request, list(self._nodes.values()))

    async def get(self, request: Request) -> Response:
        node = self._nodes.get(request.path_params["nodeId"])
        return JSONResponse({"entry": node.entry()}) if node else error(404, "nodeId does not exist")

    async def content(self, request: Request) -> Response:
        node = self._nodes.get(request.path_params["nodeId"])
        return Response(node.text, media_type="text/plain") if node else error(404, "nodeId does not exist")


def _haystack(node: Node) -> str:
    return f"{node.name} {node.title} {node.text}".lower()


def _page(request: Request, found: list[Node]) -> Response:
    skip, size = web.number(request, "skipCount", 0), web.number(request, "maxItems", 100)
    shown = found[skip : skip + size]
    pagination = {
        "count": len(shown),
        "hasMoreItems": skip + size < len(found),
        "totalItems": len(found),
        "skipCount": skip,
        "maxItems": size,
    }
    return JSONResponse({"list": {"pagination": pagination, "entries": [{"entry": n.entry()} for n in shown]}})


def _document(url: str) -> Json:
    address = urlsplit(url)
    return web.api_document("documents.yaml") | {"host": address.netloc, "schemes": [address.scheme]}


def app(login: str, folder: Path = SOURCES) -> Starlette:
    documents = Documents(folder)
    routes = [
        Route(f"{BASE}/queries/nodes", documents.find),
        Route(f"{BASE}/nodes/{{nodeId}}", documents.get),
        Route(f"{BASE}/nodes/{{nodeId}}/children", documents.children),
        Route(f"{BASE}/nodes/{{nodeId}}/content", documents.content),
    ]
    return web.app(routes, web.basic(login, lambda: error(401, "Authentication failed")), _document)
