"""A regulator's facility search in the shape of EPA's ECHO."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.tools import web

BASE = "/echo"
HEADER = "X-Api-Key"

Json = dict[str, Any]


def error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"Results": {"Error": {"ErrorMessage": message}}}, status)


class Regulator:
    """ECHO answers a search with a query id, and gives the facilities for that id."""

    def __init__(self) -> None:
        self._facilities: list[Json] = web.data("facilities.json")["facilities"]
        self._queries: dict[str, list[Json]] = {}

    async def facilities(self, request: Request) -> Response:
        found = self._search(request)
        query = str(len(self._queries) + 1)
        self._queries[query] = found
        return JSONResponse({"Results": self._summary(found) | {"QueryID": query}})

    async def facility_info(self, request: Request) -> Response:
        found = self._search(request)
        return JSONResponse({"Results": self._summary(found) | {"Facilities": found}})

    async def by_query(self, request: Request) -> Response:
        found = self._queries.get(request.query_params.get("qid", ""))
        if found is None:
            return error(400, "Query ID not found")
        return JSONResponse({"Results": self._summary(found) | {"Facilities": found, "PageNo": "1"}})

    def _search(self, request: Request) -> list[Json]:
        names = [n.strip().lower() for n in request.query_params.get("p_fn", "").split(",") if n.strip()]
        city = request.query_params.get("p_ct", "").strip().lower()
        registry = request.query_params.get("p_frs", "").strip()
        return [
            facility
            for facility in self._facilities
            if (not names or any(name in facility["FacName"].lower() for name in names))
            and (not city or facility["FacCity"].lower() == city)
            and (not registry or facility["RegistryID"] == registry)
        ]

    def _summary(self, found: list[Json]) -> Json:
        violating = [f for f in found if f["FacComplianceStatus"] == "Violation Identified"]
        return {"Message": "Success", "QueryRows": str(len(found)), "CVRows": str(len(violating))}


def _document(url: str) -> Json:
    document = web.api_document("regulator.json") | {"servers": [{"url": url + BASE}], "security": [{"key": []}]}
    scheme = {"type": "apiKey", "in": "header", "name": HEADER}
    return document | {"components": document["components"] | {"securitySchemes": {"key": scheme}}}


def app(key: str) -> Starlette:
    regulator = Regulator()
    routes = [
        Route(f"{BASE}/echo_rest_services.get_facilities", regulator.facilities, methods=["GET", "POST"]),
        Route(f"{BASE}/echo_rest_services.get_facility_info", regulator.facility_info, methods=["GET", "POST"]),
        Route(f"{BASE}/echo_rest_services.get_qid", regulator.by_query, methods=["GET", "POST"]),
    ]
    return web.app(routes, web.Lock(HEADER.lower(), key, lambda: error(401, "API_KEY_INVALID")), _document)
