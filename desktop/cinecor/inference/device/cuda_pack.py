"""The CUDA pack: ONNX Runtime's CUDA build with NVIDIA's libraries, as a folder that the installed program finds.

The program itself holds the CPU build, a tenth of the size. Built by installer/cuda_pack.py; who puts the pack's folder
`cuda` beside the program, or names it in `CINECOR_CUDA_PACK`, gets CUDA without installing anything anew.
"""

import contextlib
import functools
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cinecor.extras import missing_extra
from cinecor.failure import first_line
from cinecor.file_format import this_version
from cinecor.message import Message

CUDA: Final = "CUDAExecutionProvider"

VARIABLE: Final = "CINECOR_CUDA_PACK"
"""Environment variable that names the folder of a pack."""

_FOLDER: Final = "cuda"
_FORMAT: Final = 2


@dataclass(frozen=True, slots=True)
class CudaPack:
    """A pack that was found; with `obstacle`, why it cannot be used, in half a sentence."""

    folder: Path
    obstacle: Message | None = None


def find_cuda_pack() -> CudaPack | None:
    """Return the pack named in the environment, else the one beside the installed program; None when there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        return _looked_at(Path(named))
    if not getattr(sys, "frozen", False):
        return None
    beside = Path(sys.executable).resolve().parent / _FOLDER
    return _looked_at(beside) if beside.is_dir() else None


@functools.cache
def cuda_pack_in_use() -> CudaPack | None:
    """Make the pack's ONNX Runtime the one that is imported; give the pack, with the obstacle when it does not load.

    Once in a process: what is imported stays.
    """
    pack = find_cuda_pack()
    if pack is None or pack.obstacle is not None:
        return pack
    if "onnxruntime" in sys.modules:
        return CudaPack(pack.folder, Message("pack_too_late", "another ONNX Runtime was loaded before the CUDA pack"))
    # Absolute: imported a second time by a worker, in another working folder, it must be the same one.
    place = str(pack.folder.resolve())
    sys.path.insert(0, place)
    try:
        ready_onnx_runtime()
    except Exception as error:  # noqa: BLE001  whatever is in it must not stop the program
        sys.path.remove(place)
        for name in [name for name in sys.modules if name.partition(".")[0] == "onnxruntime"]:
            del sys.modules[name]
        return CudaPack(
            pack.folder,
            Message(
                "pack_not_loaded",
                "the CUDA pack in {folder} cannot be loaded ({reason})",
                folder=pack.folder,
                reason=first_line(error),
            ),
        )
    return pack


def ready_onnx_runtime() -> Any:
    """Import the ONNX Runtime that comes first, and make it silent and ready for CUDA where it has that."""
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise missing_extra(error) or error from error

    onnxruntime.set_default_logger_severity(4)
    if CUDA in onnxruntime.get_available_providers():
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it misses
            onnxruntime.preload_dlls()
    return onnxruntime


def _looked_at(folder: Path) -> CudaPack:
    try:
        said: Any = json.loads((folder / "pack.json").read_bytes())
        wanted = (said["format"], said["python"], said.get("cinecor"))  # before format 2 it did not say for which
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return CudaPack(
            folder,
            Message(
                "no_pack",
                "{folder} holds no CUDA pack; unpack it again, so that {file} is there",
                folder=folder,
                file=folder / "pack.json",
            ),
        )
    have = (_FORMAT, sys.implementation.cache_tag, this_version())
    if wanted != have:
        return CudaPack(
            folder,
            Message(
                "pack_of_other_version",
                "the CUDA pack in {folder} is of another version; get the one of this version",
                folder=folder,
            ),
        )
    return CudaPack(folder)
