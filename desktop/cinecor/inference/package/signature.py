"""Who vouches for a model package: Ed25519 signatures, and whom this workstation trusts."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor.errors import ModelRefused, UsageError, system_reason
from cinecor.message import Message

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_HEX_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose models a workstation takes."""

    keys: frozenset[str] = frozenset()  # public keys, 64 hexadecimal digits each
    required: bool = False  # whether a model must be signed with one of them


def key_of(private_key: "Ed25519PrivateKey") -> str:
    """Return the public key (hexadecimal) that belongs to a private one."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(message: bytes, private_key: "Ed25519PrivateKey") -> str:
    """Return the signature (hexadecimal) of a message."""
    return private_key.sign(message).hex()


def is_signed(message: bytes, *, signature: str, key: str) -> bool:
    """Return whether the owner of `key` signed this message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def require_trust(trust: Trust, *, signed_by: str | None, name: str) -> None:
    """Raise `ModelRefused` for a model that lacks the signature this workstation demands."""
    if not trust.required:
        return
    if signed_by is None:
        raise ModelRefused(
            Message(
                "model_not_signed",
                "{name} is not signed, and this workstation takes signed models only; "
                "export it with --sign or ask your administrator.",
                name=name,
            )
        )
    if signed_by not in trust.keys:
        raise ModelRefused(
            Message(
                "signer_not_trusted",
                "{name} is signed with a key that this workstation does not trust ({key}…); if you know whose "
                "it is, run “cinecor model trust KEY”.",
                name=name,
                key=signed_by[:16],
            )
        )


def read_private_key(path: Path) -> "Ed25519PrivateKey":
    """Read a private key (PEM, as by `openssl genpkey -algorithm ed25519`).

    Raises `UsageError` when the file holds none or is locked with a password.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    wish = Message("make_key", "make one with “openssl genpkey -algorithm ed25519 -out KEY.pem”")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise UsageError(
            Message(
                "key_unreadable",
                "The key {path} cannot be read ({reason}); {wish}.",
                path=path,
                reason=system_reason(error),
                wish=wish,
            )
        ) from error
    except (ValueError, TypeError) as error:
        raise UsageError(
            Message("no_private_key", "{path} holds no private key without a password; {wish}.", path=path, wish=wish)
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(
            Message("other_key", "{path} holds a key of another kind than Ed25519; {wish}.", path=path, wish=wish)
        )
    return key


def read_public_key(text_or_path: str) -> str:
    """Return a public key (hexadecimal) from 64 hexadecimal digits, or from a file that holds them or a PEM.

    Raises `UsageError` when there is none.
    """
    if not text_or_path.strip():
        raise UsageError(
            Message(
                "public_key_empty", "The public key is missing: KEY is empty; give 64 hexadecimal digits or a PEM file."
            )
        )
    if _HEX_KEY.fullmatch(text_or_path.strip().lower()):
        return text_or_path.strip().lower()
    try:
        content = Path(text_or_path).read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(
            Message(
                "no_key_or_file",
                "{name} is no public key and no readable file; give 64 hexadecimal digits or a PEM file.",
                name=text_or_path,
            )
        ) from error
    if _HEX_KEY.fullmatch(content.decode("ascii", "replace").strip().lower()):
        return content.decode("ascii").strip().lower()
    return _from_pem(content, name=text_or_path)


def _from_pem(content: bytes, *, name: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise UsageError(
            Message(
                "no_public_key",
                "{name} holds no public key; make it with “openssl pkey -in KEY.pem -pubout -out PUBLIC.pem”.",
                name=name,
            )
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(
            Message(
                "other_public_key",
                "{name} holds a key of another kind than Ed25519; models are signed with Ed25519.",
                name=name,
            )
        )
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
