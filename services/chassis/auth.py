"""Who is calling. The gateway finds out; between services a short-lived signed token carries it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import jwt

from services.chassis.errors import Denied, Unauthenticated

METADATA_KEY = "whetstone-caller"
LIFETIME_SECONDS = 300
_ALGORITHM = "HS256"


class CallerUnknown(Unauthenticated):
    reason = "CALLER_UNKNOWN"


class TokenInvalid(Unauthenticated):
    reason = "TOKEN_INVALID"


class RoleMissing(Denied):
    reason = "ROLE_MISSING"


@dataclass(frozen=True)
class Caller:
    """A person or a service, always within one tenant."""

    tenant: str
    subject: str
    roles: frozenset[str] = frozenset()


_current: ContextVar[Caller | None] = ContextVar("caller", default=None)


def caller() -> Caller:
    """The caller of the work in hand. Raises CallerUnknown outside a call."""
    found = _current.get()
    if found is None:
        raise CallerUnknown("no caller is known here")
    return found


def known_caller() -> Caller | None:
    return _current.get()


@contextmanager
def acting_as(who: Caller) -> Iterator[None]:
    """Does the work inside on behalf of `who`; calls to other services carry it on."""
    token = _current.set(who)
    try:
        yield
    finally:
        _current.reset(token)


def require_role(role: str) -> Caller:
    """Returns the caller, or raises RoleMissing."""
    who = caller()
    if role not in who.roles:
        raise RoleMissing(f"{who.subject} lacks the role {role}", role=role)
    return who


def sign(who: Caller, key: str) -> str:
    """A JWT (RFC 7519) that names the caller, valid for LIFETIME_SECONDS."""
    claims = {
        "tenant": who.tenant,
        "sub": who.subject,
        "roles": sorted(who.roles),
        "exp": int(time.time()) + LIFETIME_SECONDS,
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def verify(token: str, key: str) -> Caller:
    """Reads a token made by `sign`. Raises TokenInvalid where it is forged, expired or malformed."""
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], options={"require": ["exp", "sub"]})
        return Caller(claims["tenant"], claims["sub"], frozenset(claims["roles"]))
    except (jwt.InvalidTokenError, KeyError) as error:
        raise TokenInvalid("the caller's token is not valid") from error
