"""One shape for every refusal."""

import grpc
import pytest

from gateway import errors
from gateway.errors import TRANSPORT, Refusal, refusal_of
from services.chassis.errors import HTTP_STATUS, ServiceError, category

OWN = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
REFUSALS = [kind for kind in OWN if issubclass(kind, ServiceError)]


@pytest.mark.parametrize("status", list(grpc.StatusCode), ids=lambda s: s.name)
def test_every_grpc_status_has_an_http_status(status: grpc.StatusCode) -> None:
    refusal = Refusal(status, "m", "R")
    assert refusal.http == HTTP_STATUS[status]
    assert refusal.body()["error"]["status"] == status.name


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda k: k.__name__)
def test_the_gateways_own_errors_have_a_reason_of_their_own(kind: type[ServiceError]) -> None:
    refusal = refusal_of(kind("said", field="x"))
    assert refusal.reason == kind.reason
    assert [each.reason for each in REFUSALS].count(kind.reason) == 1
    assert kind.reason != category(kind("")).reason
    assert refusal.http == TRANSPORT.get(kind, HTTP_STATUS[refusal.status])
    assert 400 <= refusal.http < 600


def test_openais_shape_keeps_what_ours_says() -> None:
    body = refusal_of(errors.ModelUnknown("no model", model="m")).openai_body()["error"]
    assert (body["code"], body["type"], body["param"]) == ("MODEL_UNKNOWN", "invalid_request_error", None)
    assert body["details"][0]["metadata"] == {"model": "m"}
