"""OpenID Connect tokens: JWTs signed by an issuer whose keys are published (RFC 7517, RFC 7519)."""

import asyncio
from dataclasses import dataclass
from typing import Any

import jwt

from gateway.errors import IdentityProviderUnavailable, TenantMissing
from services.chassis.auth import Caller, TokenInvalid

# Asymmetric only: with a shared secret, whoever can check a token could make one.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY_SECONDS = 30
# Stands for a service itself, so no identity provider may grant it.
RESERVED_ROLES = frozenset({"service"})


@dataclass(frozen=True)
class OidcRules:
    issuer: str
    audience: str
    tenant_claim: str
    roles_claim: str


class Oidc:
    """Accepts an issuer's tokens for an audience."""

    def __init__(self, rules: OidcRules, keys: jwt.PyJWKClient) -> None:
        self._rules, self._keys = rules, keys

    async def authenticate(self, token: str) -> Caller | None:
        if not self._is_ours(token):
            return None
        # PyJWKClient fetches with blocking calls.
        return _caller(await asyncio.to_thread(self._claims, token), self._rules)

    def _is_ours(self, token: str) -> bool:
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return False
        return bool(claims.get("iss") == self._rules.issuer)

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            return jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise IdentityProviderUnavailable("the identity provider's keys can't be read now") from error
        except (jwt.InvalidTokenError, jwt.PyJWKClientError) as error:
            raise TokenInvalid("the token is not valid") from error


def _caller(claims: dict[str, Any], rules: OidcRules) -> Caller:
    tenant, roles = claims.get(rules.tenant_claim), claims.get(rules.roles_claim, [])
    if not isinstance(tenant, str) or not tenant:
        raise TenantMissing(f"the token has no claim {rules.tenant_claim}", claim=rules.tenant_claim)
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise TokenInvalid(f"the token's claim {rules.roles_claim} is not a list of words")
    return Caller(tenant, f"user:{claims['sub']}", frozenset(roles) - RESERVED_ROLES)
