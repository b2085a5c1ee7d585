"""`keep_mapping`: the way back from pseudonyms, in a file for the user alone."""

import json
from pathlib import Path

from cinecor.durable_file import replace_file
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.report.anonymous.pseudonym import Pseudonym


def keep_mapping(path: Path, pseudonym: Pseudonym, *, patient_id: str, patient_name: str, results: Path) -> None:
    """Add whom a pseudonym stands for, and every UID, to a file; what it holds already stays.

    Raises `InputError` for a file that is no mapping, `OutputError` when it cannot be written.
    """
    known = _read_mapping(path)
    known.append(
        {
            "pseudonym": pseudonym.name,
            "patient_id": patient_id,
            "patient_name": patient_name,
            "results": str(results.resolve()),
            "uids": dict(pseudonym.replaced),
        }
    )
    replace_file(path, json.dumps(known, indent=2).encode(), private=True)


def _read_mapping(path: Path) -> list[object]:
    if not path.exists():
        return []
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            Message("mapping_unreadable", "{path} is no mapping that can be added to.", path=path)
        ) from error
    if not isinstance(known, list):
        raise InputError(Message("mapping_unreadable", "{path} is no mapping that can be added to.", path=path))
    return known
