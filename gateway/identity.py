"""Who is calling: the bearer token of a request, asked of each authenticator in turn."""

from collections.abc import Sequence

from starlette.requests import Request

from gateway.errors import TokenMissing
from gateway.ports import Authenticator
from services.chassis.auth import Caller, TokenInvalid


class Identity:
    def __init__(self, authenticators: Sequence[Authenticator]) -> None:
        self._authenticators = tuple(authenticators)

    async def caller(self, request: Request) -> Caller:
        """Raises TokenMissing, TokenInvalid and what an authenticator raises."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenMissing("send a token in the header `Authorization: Bearer …`")
        for authenticator in self._authenticators:
            if (found := await authenticator.authenticate(token.strip())) is not None:
                return found
        raise TokenInvalid("the token is not known here")
