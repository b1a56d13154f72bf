"""The model server over HTTP/1.1 with connections kept alive; answers are passed on as they come."""

from collections.abc import AsyncIterator, Mapping

import httpx

from gateway.errors import RuntimeTimeout, RuntimeUnavailable
from gateway.ports import Reply

CONNECT_SECONDS = 5.0
HEALTH_SECONDS = 2.0
# Below the five seconds after which uvicorn, under the model server, closes a quiet connection: else one may be reused
# in the moment of its closing, and the request is lost.
KEEPALIVE_SECONDS = 3.0


class HttpRuntime:
    """`url` is the server's root and `prefix` where its OpenAI routes are."""

    def __init__(self, url: str, prefix: str, silence_seconds: float, connections: int) -> None:
        self._prefix = prefix.rstrip("/")
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(silence_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(
                max_connections=connections, max_keepalive_connections=64, keepalive_expiry=KEEPALIVE_SECONDS
            ),
            # A proxy of the environment is for the way out, not for a server in the cluster.
            trust_env=False,
        )

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        request = self._client.build_request(
            method, f"{self._prefix}/{path}", headers=dict(headers), content=body or None
        )
        try:
            response = await self._client.send(request, stream=True)
        except httpx.ConnectTimeout as error:
            raise RuntimeUnavailable("the model server does not answer") from error
        except httpx.TimeoutException as error:
            raise RuntimeTimeout("the model server took too long") from error
        except httpx.TransportError as error:
            raise RuntimeUnavailable("the model server does not answer") from error
        return Reply(response.status_code, dict(response.headers), _frames(response))

    async def health(self) -> str:
        try:
            response = await self._client.get("/v2/health/ready", timeout=HEALTH_SECONDS)
        except httpx.TransportError as error:
            return type(error).__name__
        return "SERVING" if response.is_success else f"HTTP_{response.status_code}"

    async def close(self) -> None:
        await self._client.aclose()


async def _frames(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for frame in response.aiter_raw():
            yield frame
    except httpx.TransportError as error:
        raise RuntimeUnavailable("the model server broke off its answer") from error
    finally:
        await response.aclose()


class NoRuntime:
    """Stands where no model server is set up."""

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        raise RuntimeUnavailable("no model server is set up here")

    async def health(self) -> str:
        return "NOT_SET_UP"

    async def close(self) -> None:
        return None
