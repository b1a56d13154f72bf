"""Ed25519 (RFC 8032) signatures of participants."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Ed25519Verifier:
    def verifies(self, public_key: str, statement: bytes, signature: str) -> bool:
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
            key.verify(base64.b64decode(signature, validate=True), statement)
        except (InvalidSignature, ValueError, binascii.Error):
            return False
        return True
