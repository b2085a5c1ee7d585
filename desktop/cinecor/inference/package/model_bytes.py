"""The bytes of a model file, as far as it is one: nobody has to send gigabytes for a model."""

from pathlib import Path
from typing import Final

from cinecor.errors import ModelRefused, system_reason
from cinecor.message import Message

MAX_MODEL_BYTES: Final = 512 * 1024**2
"""Many times the largest model known here; what is larger would only fill the memory."""

MAX_UNPACKED_RATIO: Final = 20  # of a packed part: weights hardly shrink
FREE_BYTES: Final = 32 * 1024**2  # below this a high ratio does no harm


def model_bytes(path: Path) -> bytes:
    """Return all bytes of a model file. Raises `ModelRefused` when it cannot be read or is too large to be one."""
    try:
        if path.stat().st_size <= MAX_MODEL_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    raise ModelRefused(
        Message(
            "model_too_large",
            "{name} is larger than any model ({limit_mb} MB at most); get it again.",
            name=path.name,
            limit_mb=MAX_MODEL_BYTES // 1024**2,
        )
    )


def unreadable(path: Path, error: OSError) -> ModelRefused:
    """Return the refusal of a model file that the system does not give."""
    return ModelRefused(
        Message(
            "model_file_unreadable",
            "The model file {path} cannot be read ({reason}); check the path.",
            path=path,
            reason=system_reason(error),
        )
    )
