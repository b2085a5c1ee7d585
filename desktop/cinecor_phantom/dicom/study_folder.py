"""A phantom written as a folder of DICOM files."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cinecor.errors import OutputError, UsageError, system_reason
from cinecor.message import Message
from cinecor_phantom.dicom.companion import companions
from cinecor_phantom.dicom.encoding import require_encoder
from cinecor_phantom.dicom.enhanced import enhanced_files
from cinecor_phantom.dicom.file import write_file
from cinecor_phantom.dicom.ge import ge_files
from cinecor_phantom.dicom.identity import Identity
from cinecor_phantom.dicom.philips import philips_files
from cinecor_phantom.dicom.planned import PlannedFile
from cinecor_phantom.dicom.siemens import siemens_files
from cinecor_phantom.dicom.transfer_syntax import TRANSFER_SYNTAXES
from cinecor_phantom.dicom.view import View, short_axis
from cinecor_phantom.phantom import Phantom

_STYLES: dict[str, Callable[[Phantom, list[View], Identity], Iterator[PlannedFile]]] = {
    "siemens": siemens_files,
    "ge": ge_files,
    "philips": philips_files,
    "enhanced": enhanced_files,
}
STYLES = tuple(_STYLES)


def write_dicom(
    phantom: Phantom,
    folder: Path,
    *,
    style: str = "siemens",
    transfer_syntax: str = "explicit",
    distractors: bool = False,
) -> list[Path]:
    """Write a phantom into `folder`, which must not hold anything yet, and return the files in acquisition order.

    With `distractors` two long-axis cines and a localiser lie beside the short-axis stack. The folder appears whole or
    not at all. Raises `UsageError` for an unknown style or transfer syntax, for one whose encoder is not installed and
    for a folder that is in use; `OutputError` when it cannot be written.
    """
    refuse_unwritable(folder, style=style, transfer_syntax=transfer_syntax)
    identity = Identity.of(phantom, style=style)
    syntax = TRANSFER_SYNTAXES[transfer_syntax]
    views = [short_axis(phantom), *(companions(phantom) if distractors else [])]
    written: list[Path] = []
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            study, scratch = workplace / "study", workplace / "scratch"
            scratch.mkdir()
            for planned in _STYLES[style](phantom, views, identity):
                path = study / planned.path
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, planned, syntax, scratch=scratch)
                written.append(folder / planned.path)
            study.replace(folder)  # onto an empty folder is allowed
        finally:
            shutil.rmtree(workplace, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            Message(
                "phantom_folder_not_written",
                "The phantom cannot be written to {folder} ({reason}); free space or choose another folder.",
                folder=folder,
                reason=system_reason(error),
            )
        ) from error
    return written


def refuse_unwritable(folder: Path, *, style: str, transfer_syntax: str) -> None:
    """Raise `UsageError` for what `write_dicom` would refuse, before any work is done."""
    if style not in _STYLES:
        raise UsageError(
            Message(
                "phantom_style_unknown",
                "Phantom style “{style}” is unknown; choose one of {styles}.",
                style=style,
                styles=", ".join(STYLES),
            )
        )
    if transfer_syntax not in TRANSFER_SYNTAXES:
        names = ", ".join(TRANSFER_SYNTAXES)
        raise UsageError(
            Message(
                "transfer_syntax_unknown",
                "Transfer syntax “{transfer_syntax}” is unknown; choose one of {names}.",
                transfer_syntax=transfer_syntax,
                names=names,
            )
        )
    require_encoder(TRANSFER_SYNTAXES[transfer_syntax])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            Message(
                "phantom_folder_in_use",
                "{folder} is in use already; name a new or empty folder for the phantom.",
                folder=folder,
            )
        )
