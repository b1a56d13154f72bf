"""What the federation service needs of the outside."""

from typing import Protocol


class Verifier(Protocol):
    def verifies(self, public_key: str, statement: bytes, signature: str) -> bool:
        """Whether `signature` (base64) over `statement` was made by the holder of `public_key` (Ed25519, base64)."""
        ...
