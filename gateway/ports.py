"""What the gateway needs of the outside."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from google.protobuf.message import Message

from gateway.transcoding.surface import Method
from services.chassis.auth import Caller


class Authenticator(Protocol):
    """One way to know a caller by a bearer token."""

    async def authenticate(self, token: str) -> Caller | None:
        """The caller, or None where the token is not of this authenticator's kind.

        Raises TokenInvalid, TenantMissing or IdentityProviderUnavailable.
        """
        ...


class Services(Protocol):
    """The services behind the gateway."""

    async def call(self, method: Method, request: Message, caller: Caller) -> Message:
        """Raises CallRefused."""
        ...

    async def stream(self, method: Method, request: Message, caller: Caller) -> AsyncIterator[Message]:
        """The answer once its first message is there; iterating raises CallRefused. Closing it cancels the call."""
        ...

    async def health(self) -> Mapping[str, str]:
        """State by service, SERVING where all is well."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Reply:
    """An HTTP answer whose body comes frame by frame. Closing the frames ends the request that they answer."""

    status: int
    headers: Mapping[str, str]
    frames: AsyncIterator[bytes]


class Runtime(Protocol):
    """The model server's OpenAI routes."""

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Asks `path`, such as `chat/completions`. Raises RuntimeUnavailable or RuntimeTimeout."""
        ...

    async def health(self) -> str:
        """SERVING, or what is the matter."""
        ...

    async def close(self) -> None: ...
