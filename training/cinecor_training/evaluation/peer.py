"""The peer that installs with pip: `myopari`'s U-Net-like network for ACDC, run by its own package's code.

Nothing of the peer is part of this project: its wheel is unpacked where the comparison runs, and its own
pre-processing, network and clean-up are called as its window calls them. Its window itself needs napari and is not
loaded.
"""

import contextlib
import hashlib
import importlib.util
import sys
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.extras import missing_extra
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.message import Message
from cinecor.study.cine_stack import CineStack

PEER_NOTE = (
    "The peer's package says that its network was made for ACDC, not on which of ACDC's patients it was trained. The "
    "validation patients belong to ACDC's published training part, so it may have seen them in training: its figures "
    "on them may be better than on new patients. Cinecor's model was not trained on them."
)
_PACKAGE = "myopari"
_MODEL = f"{_PACKAGE}/Resources/tiramisu_acdc_fp32.onnx"
_PROCESSORS = f"{_PACKAGE}/processors/__init__.py"


@dataclass(frozen=True, slots=True, eq=False)
class PeerSegmenter:
    """A `Segmenter`: the peer on the CPU, one phase as one volume, as its window hands it over."""

    identity: ModelIdentity
    _module: Any

    def __call__(self, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        """Return the peer's labels at `phases`; the others stay background. Its label map is ACDC's, as ours."""
        labels = np.zeros(stack.pixels.shape, dtype=np.uint8)
        for phase in phases:
            volume = stack.pixels[:, phase].transpose(2, 1, 0)  # x, y, z: what its window makes of a NIfTI layer
            labels[:, phase] = np.asarray(self._module.segment(volume)).transpose(2, 1, 0)
        return labels


def open_peer(wheel: Path, *, folder: Path) -> PeerSegmenter:
    """Unpack `wheel` (`pip download --no-deps myopari==0.1.6`) into `folder` and load its network.

    Raises `InputError` when the wheel is not the peer's or what it needs (scikit-image) is not installed.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        content = (folder / _MODEL).read_bytes()
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(
            Message(
                "peer_no_wheel",
                "{wheel} is no wheel of {package}; get it with pip download --no-deps.",
                wheel=wheel,
                package=_PACKAGE,
            )
        ) from error
    processors = _load(folder / _PROCESSORS)
    module = processors.SEG_module()
    module.edge_device = processors.EdgeDevice.RASBERRY_PI.value  # its name for the CPU
    version = wheel.name.split("-")[1] if "-" in wheel.name else "unknown"
    identity = ModelIdentity(f"{_PACKAGE} {Path(_MODEL).name}", version, hashlib.sha256(content).hexdigest(), "fp32")
    return PeerSegmenter(identity, module)


def _load(path: Path) -> ModuleType:
    """Import its `processors` package alone: the package around it imports napari and Qt."""
    name = f"{_PACKAGE}_processors"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    if spec is None or spec.loader is None:
        raise InputError(Message("peer_not_importable", "{path} cannot be imported.", path=path))
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    try:
        with contextlib.redirect_stdout(sys.stderr):  # it prints ONNX Runtime's providers
            spec.loader.exec_module(loaded)
    except ImportError as error:
        raise missing_extra(error) or InputError(
            Message("peer_part_missing", "The peer needs {package}, which is absent.", package=error.name)
        ) from error
    return loaded
