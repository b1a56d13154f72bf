"""The embedded mode's one token, which `whet dev` prints."""

import hmac

from services.chassis.auth import Caller


class DevToken:
    """Knows one token and stands for one caller."""

    def __init__(self, token: str, caller: Caller) -> None:
        self._token, self._caller = token.encode(), caller

    async def authenticate(self, token: str) -> Caller | None:
        # In constant time: the time to compare must not tell how much of a guess was right.
        return self._caller if hmac.compare_digest(token.encode(), self._token) else None
