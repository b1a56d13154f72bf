"""Who may call: the dev token, OpenID Connect tokens, and nobody else."""

import asyncio
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.adapters.dev_token import DevToken
from gateway.adapters.oidc import Oidc, OidcRules
from gateway.bootstrap import open_authenticators
from gateway.errors import IdentityProviderUnavailable, TenantMissing
from gateway.settings import GatewaySettings
from services.chassis.auth import Caller, TokenInvalid
from services.chassis.errors import ServiceError
from services.chassis.settings import SettingInvalid
from services.chassis.testing import settings

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
RULES = OidcRules("https://id.example", "whetstone", "tenant", "roles")
GOOD = {"iss": RULES.issuer, "aud": "whetstone", "sub": "erin", "tenant": "acme", "roles": ["expert", "service"]}


class Keys:
    """An issuer's published keys."""

    def get_signing_key_from_jwt(self, token: str) -> Any:
        return KEY.public_key()


class Nowhere:
    def get_signing_key_from_jwt(self, token: str) -> Any:
        raise jwt.PyJWKClientConnectionError("refused")


def ask(claims: dict[str, Any], key: Any = KEY, algorithm: str = "ES256", keys: Any = None) -> Caller | None:
    token = jwt.encode({"exp": time.time() + 60} | claims, key, algorithm)
    return asyncio.run(Oidc(RULES, keys or Keys()).authenticate(token))


def test_a_good_token_names_its_caller_and_never_a_service() -> None:
    assert ask(GOOD) == Caller("acme", "user:erin", frozenset({"expert"}))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"exp": 1}, TokenInvalid),
        ({"aud": "another"}, TokenInvalid),
        ({"tenant": ""}, TenantMissing),
        ({"tenant": ["acme"]}, TenantMissing),
        ({"roles": "admin"}, TokenInvalid),
        ({"nbf": 9e9}, TokenInvalid),
    ],
)
def test_a_token_that_is_wrong_is_refused(change: dict[str, Any], error: type[ServiceError]) -> None:
    with pytest.raises(error):
        ask(GOOD | change)


def test_another_key_or_a_shared_secret_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        ask(GOOD, OTHER)
    with pytest.raises(TokenInvalid):
        ask(GOOD, "a shared secret of thirty-two characters", "HS256")


def test_a_token_of_another_issuer_is_not_judged_here() -> None:
    assert ask(GOOD | {"iss": "https://elsewhere.example"}) is None
    assert asyncio.run(Oidc(RULES, Keys()).authenticate("no-jwt-at-all")) is None  # type: ignore[arg-type]


def test_an_issuer_that_does_not_answer_is_no_fault_of_the_caller() -> None:
    with pytest.raises(IdentityProviderUnavailable):
        ask(GOOD, keys=Nowhere())


def test_the_dev_token_is_known_and_nothing_like_it() -> None:
    caller = Caller("local", "user:dev@local", frozenset({"admin"}))
    known = DevToken("0123456789abcdef", caller)
    assert asyncio.run(known.authenticate("0123456789abcdef")) == caller
    for token in ("0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "", "é"):
        assert asyncio.run(known.authenticate(token)) is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"dev_token": "short"},
        {"dev_token": "long-enough-for-one", "mode": "production"},
        {"oidc_issuer": "https://id.example", "oidc_audience": "whetstone"},
    ],
)
def test_settings_that_let_nobody_or_anybody_in_are_refused(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(SettingInvalid):
        open_authenticators(settings(GatewaySettings, tmp_path, **values))
