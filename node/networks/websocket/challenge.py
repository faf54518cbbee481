"""A challenge answered with an Ed25519 key that was made for one network alone: the service chooses what is signed."""

from __future__ import annotations

import base64
import binascii

from nacl.signing import SigningKey

from node.networks.websocket.frames import Frame, Garbage, text_of
from node.networks.websocket.link import Lost
from wallet.secret import Secret

SEED_BYTES = 32
SHORTEST_NONCE, LONGEST_NONCE = 16, 1024  # bytes


def checked_seed(identity: Secret) -> Secret:
    """
    Raises:
        ValueError: it is no Ed25519 seed; never says what it is.
    """
    if len(identity) != SEED_BYTES:
        raise ValueError(f"identity: expected the {SEED_BYTES} bytes of an Ed25519 seed, got {len(identity)}")
    return identity


def answered(challenge: Frame, identity: Secret) -> dict[str, str]:
    """``pubkey`` and ``signature`` over the challenge's decoded ``nonce`` and nothing else; all in padded base64.

    Raises:
        Lost: there is no nonce, or one of a size that nobody needs.
    """
    try:
        nonce = base64.b64decode(text_of(challenge, "nonce", 4 * LONGEST_NONCE), validate=True)
    except (Garbage, binascii.Error, ValueError):
        raise Lost("the service does not challenge as it should") from None
    if not SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE:
        raise Lost(f"the challenge has {len(nonce)} bytes; nothing of that size is signed")
    key = SigningKey(identity.reveal_bytes())
    return {"pubkey": _base64(bytes(key.verify_key)), "signature": _base64(key.sign(nonce).signature)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
