"""Credentials by reference. The value leaves this module in a request only, and is cut out of what comes back."""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

import httpx

from services.tools.domain import ENV_REFERENCE, AuthKind, AuthScheme
from services.tools.errors import CredentialMissing, CredentialRefInvalid

REDACTED = "[redacted]"
# Shorter than this, a secret occurs in a text by chance.
MIN_REDACTED = 4


@dataclass(frozen=True)
class Credential:
    """`value` never appears in a representation."""

    scheme: AuthScheme
    value: str

    def __repr__(self) -> str:
        return f"Credential({self.scheme.kind})"

    def put_on(self, request: httpx.Request) -> None:
        match self.scheme.kind:
            case AuthKind.BEARER:
                request.headers["Authorization"] = f"Bearer {self.value}"
            case AuthKind.BASIC:
                request.headers["Authorization"] = f"Basic {self._basic()}"
            case AuthKind.HEADER:
                request.headers[self.scheme.name] = self.value
            case AuthKind.QUERY:
                request.url = request.url.copy_merge_params({self.scheme.name: self.value})

    def redact(self, text: str) -> str:
        """The text without the secret, in any of the forms in which a server may echo it."""
        secrets = {self.value, self._basic()}
        if self.scheme.kind is AuthKind.BASIC:
            secrets.add(self.value.partition(":")[2])
        forms = {form for s in secrets for form in (s, quote(s, safe=""), json.dumps(s)[1:-1])}
        for form in sorted(forms, key=len, reverse=True):
            if len(form) >= MIN_REDACTED:
                text = text.replace(form, REDACTED)
        return text

    def _basic(self) -> str:
        return base64.b64encode(self.value.encode()).decode()


class Credentials:
    """Credentials in environment variables, `env:NAME`, of one prefix."""

    def __init__(self, environ: Mapping[str, str], prefix: str) -> None:
        self._environ, self._prefix = environ, prefix

    @classmethod
    def of_process(cls, prefix: str) -> Self:
        """Those in this process's environment."""
        return cls(os.environ, prefix)

    def check(self, reference: str) -> None:
        """Raises CredentialRefInvalid where the reference is of no known form or names a variable of the platform."""
        self._variable(reference)

    def get(self, reference: str, scheme: AuthScheme) -> Credential | None:
        """None where the tool needs none. Raises CredentialMissing where the variable is not set."""
        if not reference:
            return None
        variable = self._variable(reference)
        value = self._environ.get(variable, "")
        if not value:
            raise CredentialMissing(f"{reference} is not set", credential_ref=reference)
        return Credential(scheme, value)

    def _variable(self, reference: str) -> str:
        match = ENV_REFERENCE.fullmatch(reference)
        if reference and (match is None or not match[1].startswith(self._prefix)):
            raise CredentialRefInvalid(f"credential_ref must be env:{self._prefix}…", credential_ref=reference)
        return match[1] if match else ""
