"""Draw the phantom's files in resources/cinecor_resources/phantom again: `make phantom-files`. None is of a patient."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from pydicom import dcmread

from cinecor_phantom import TRANSFER_SYNTAXES, Acquisition, Phantom, make_phantom, write_dicom
from cinecor_resources import encoded_frames, probe_frames, saturating_sum

PROBE = Acquisition(phases=3, rows=144, columns=160)  # the second of three phases is about end-systole
TINY = Acquisition(phases=1, rows=48, columns=48, pixel_spacing_mm=4.0)
_MIDDLE = slice(4, 7)
_SLICE = 5


def main() -> None:
    """Write the frames that devices are tried on, and one image in each transfer syntax."""
    probe_frames().parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(probe_frames(), pixels=probe_pixels(), pixel_spacing_mm=PROBE.pixel_spacing_mm)
    encoded_frames().mkdir(exist_ok=True)
    write_encoded(make_phantom(acquisition=TINY), encoded_frames())
    saturating_sum().write_bytes(saturating_sum_graph().SerializeToString())


def probe_pixels() -> np.ndarray:
    """Pixels (slice, phase, row, column) of three neighbouring slices at end-diastole and end-systole, in 8 bits."""
    phantom = make_phantom(acquisition=PROBE)
    pixels = phantom.pixels[_MIDDLE, :2].astype(np.float64)
    return np.asarray(np.clip(pixels * (255 / np.percentile(pixels, 99.9)), 0, 255).round(), dtype=np.uint8)


def saturating_sum_graph() -> onnx.ModelProto:
    """A convolution of eight channels whose sums of 255 · 127 give 200; cut off at 16 bits, each pair gives 101."""
    channels = 8
    constants = {
        "one": np.float32(1.0),
        "zero": np.uint8(0),
        "signed_zero": np.int8(0),
        "step": np.float32(channels * 255 * 127 / 200),
        "weights": np.full((channels, channels, 1, 1), 127, np.int8),
    }
    inputs = ["x", "one", "zero", "weights", "one", "signed_zero", "step", "zero"]
    shape = [1, channels, 8, 8]
    graph = helper.make_graph(
        [helper.make_node("QLinearConv", inputs, ["y"])],
        "saturating_sum",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def write_encoded(phantom: Phantom, folder: Path) -> None:
    """Write one of the phantom's images in each transfer syntax, and what it shows."""
    np.save(folder / "frame.npy", phantom.pixels[_SLICE, 0])
    with tempfile.TemporaryDirectory() as scratch:
        for name in TRANSFER_SYNTAXES:
            paths = write_dicom(phantom, Path(scratch) / name, style="siemens", transfer_syntax=name)
            path = next(path for path in paths if _shows(path, phantom))
            (folder / f"{name}.dcm").write_bytes(path.read_bytes())


def _shows(path: Path, phantom: Phantom) -> bool:
    position = np.array(dcmread(path, stop_before_pixels=True).ImagePositionPatient, dtype=float)
    return bool(np.abs(position - phantom.geometry.positions_mm[_SLICE]).max() < 0.01)


if __name__ == "__main__":
    main()
