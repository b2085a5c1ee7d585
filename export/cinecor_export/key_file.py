"""The key that signs models: made once at a site, kept where models are trained."""

import os
from pathlib import Path

from cinecor.errors import OutputError, UsageError, system_reason
from cinecor.inference.package.signature import key_of
from cinecor.message import Message


def make_key(path: Path) -> str:
    """Write a new Ed25519 private key (PEM, readable by its owner only) and give the public key (hexadecimal).

    Raises `UsageError` when the file is there already: a lost key cannot be had again.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(
            Message(
                "key_file_exists",
                "{path} exists already; name another file, for a key that is lost cannot be made again.",
                path=path,
            )
        ) from None
    except OSError as error:
        raise OutputError(
            Message(
                "key_not_written",
                "The key cannot be written to {path} ({reason}); choose another place.",
                path=path,
                reason=system_reason(error),
            )
        ) from error
    return key_of(key)
