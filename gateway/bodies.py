"""Request bodies: read within a size and a time, as JSON, as a form with a file, or as the file itself."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from gateway.errors import BodyMalformed, BodyTimeout, BodyTooLarge, ClientGone, MediaTypeUnsupported, TooBusy
from gateway.transcoding.request import Query, parse_json

JSON, FORM = "application/json", "multipart/form-data"
# Above this size, parsing would keep other requests waiting, so it goes to a thread.
LARGE_BYTES = 256 * 1024
T = TypeVar("T")


@dataclass(frozen=True)
class Upload:
    """A file with what was said of it."""

    content: bytes
    filename: str
    fields: Query


class Bodies:
    """Reads bodies. `max_uploads` calls that carry a file may be in flight at once, since each is held in memory."""

    def __init__(self, max_bytes: int, max_upload_bytes: int, max_uploads: int, seconds: float) -> None:
        self.max_bytes, self.max_upload_bytes, self._seconds = max_bytes, max_upload_bytes, seconds
        self._uploads, self._max_uploads = 0, max_uploads

    @asynccontextmanager
    async def upload_slot(self, wanted: bool) -> AsyncIterator[None]:
        """Counts a call that carries a file while it lasts. Raises TooBusy."""
        if wanted and self._uploads >= self._max_uploads:
            raise TooBusy("too many uploads are in flight; try again in a second")
        self._uploads += wanted
        try:
            yield
        finally:
            self._uploads -= wanted

    async def raw(self, request: Request, limit: int) -> bytes:
        """Raises BodyTooLarge, BodyTimeout or MediaTypeUnsupported."""
        if request.headers.get("content-encoding", "identity") != "identity":
            raise MediaTypeUnsupported("send the body without Content-Encoding")
        return await self._timely(_limited(request, limit).body())

    async def json(self, request: Request, limit: int) -> Any | None:
        """The JSON value of the body, or None where there is no body. Raises JsonInvalid and what `raw` raises."""
        body = await self.raw(request, limit)
        if not body:
            return None
        if (kind := media_type(request)) not in ("", JSON):
            raise MediaTypeUnsupported(f"send {JSON}, not {kind}")
        return await asyncio.to_thread(parse_json, body) if len(body) > LARGE_BYTES else parse_json(body)

    async def upload(self, request: Request) -> Upload:
        """A form with one file in it, or a body that is the file. Raises BodyMalformed and what `raw` raises."""
        if media_type(request) == FORM:
            return await self._timely(self._form(request))
        return Upload(await self.raw(request, self.max_upload_bytes), "", request.query_params.multi_items())

    async def _form(self, request: Request) -> Upload:
        async with _limited(request, self.max_upload_bytes).form() as form:
            files = [value for value in form.values() if isinstance(value, UploadFile)]
            if len(files) != 1:
                raise BodyMalformed(f"the form must hold one file, not {len(files)}")
            fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
            content = await files[0].read()
            return Upload(content, files[0].filename or "", [*request.query_params.multi_items(), *fields])

    async def _timely(self, reading: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await reading
        except TimeoutError as error:
            raise BodyTimeout(f"the body did not arrive within {self._seconds:g} s") from error


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _limited(request: Request, limit: int) -> Request:
    """The request with a body of at most `limit` bytes, also where it does not say its length."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(f"the body may have at most {limit} bytes", limit=str(limit))
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BodyTooLarge(f"the body may have at most {limit} bytes", limit=str(limit))
        return message

    return Request(request.scope, receive)


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Does the work unless the client goes away before it is done: then cancels it and raises ClientGone.

    The request's body must have been read.
    """
    task, gone = asyncio.create_task(work), asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGone
        return task.result()
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
