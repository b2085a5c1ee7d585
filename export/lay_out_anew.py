"""Lay the int8 graph of a package out for fast kernels, as `export-onnx` does today; what it computes stays.

usage: python export/lay_out_anew.py MODEL.cinecor --out MODEL.cinecor [--sign KEY]

The new graph runs beside the old one on a phantom's frames and on noise: refused where a label or a confidence differs.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor import console
from cinecor.failure import DONE
from cinecor.inference.device.onnx_runtime import CPU, OnnxRuntime
from cinecor.inference.outline.crop import pooling
from cinecor.inference.package.contract import InputContract
from cinecor.inference.package.model_package import read_package
from cinecor.message import Message
from cinecor_phantom import make_phantom

with console.extras_needed("lay_out_anew"):
    import onnx

    from cinecor_export.integer_layout import laid_out
    from cinecor_export.refusal import ExportRefused
    from cinecor_export.repacking import repacked
    from cinecor_export.sealing import sealed


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sign", type=Path, metavar="KEY", help="sign with this private key (PEM, Ed25519)")
    options = parser.parse_args()
    package = read_package(options.model)
    contract = package.checked("int8").contract
    before = package.graph("int8")
    after = sealed(laid_out(onnx.load_from_string(before)), contract)
    _require_alike(before, after, contract.input)
    repacked(package, options.out, graphs={"int8": after}, key=options.sign)
    sys.stdout.write(f"{options.out}\n")
    return DONE


def _require_alike(before: bytes, after: bytes, contract: InputContract) -> None:
    runners = [
        OnnxRuntime().start(content, provider=CPU, contract=contract, name="the int8 graph")
        for content in (before, after)
    ]
    readout = pooling(contract.size_px, block_px=1)
    for frames in _frames(contract):
        one, other = (runner.run(frames, to_rows=readout, to_columns=readout) for runner in runners)
        if not (np.array_equal(one.labels, other.labels) and np.array_equal(one.confidence, other.confidence)):
            raise ExportRefused(
                Message("layout_differs", "The graph laid out anew computes something else; nothing was written.")
            )


def _frames(contract: InputContract) -> Iterator[NDArray[np.float32]]:
    """Yield batches (n, channel, size, size): a phantom's frames with themselves as neighbours, and noise."""
    size, channels = contract.size_px, contract.channels
    pixels = make_phantom().pixels.astype(np.float32)
    flat = pixels.reshape(-1, *pixels.shape[2:])
    cut = np.zeros((len(flat), size, size), np.float32)
    rows, columns = (min(size, length) for length in flat.shape[1:])
    cut[:, :rows, :columns] = flat[:, :rows, :columns]
    yield np.repeat(cut[:, np.newaxis], channels, axis=1)
    yield np.random.default_rng(0).normal(size=(8, channels, size, size)).astype(np.float32)


if __name__ == "__main__":
    sys.exit(console.run(_run, program="lay_out_anew"))
