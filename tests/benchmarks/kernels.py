"""Where the time of a graph goes, kernel by kernel: `make bench-kernels`.

ONNX Runtime profiles the graph as the application runs it (one thread a call, four frames a call). A convolution of the
int8 graph that does not run as QLinearConv is a float island; its inputs and outputs are turned over on the way.
usage: python tests/benchmarks/kernels.py [--package FILE] [--precision int8] [--runs N] [--out FILE]
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine
from table import Table

from cinecor.inference.package.model_package import open_package
from cinecor_resources import bundled_model

_FRAMES = 4  # a call, as `onnx_runtime` makes them
_BOX_PX = 160
_WARM_UP = 3


@dataclass(frozen=True, slots=True)
class Kernel:
    """One node of the graph as it ran."""

    name: str
    kind: str
    ms: float  # of the fastest run, for one frame: other work on the machine slows single kernels


def kernels(graph: bytes, *, size_px: int, channels: int, runs: int) -> list[Kernel]:
    """Return every kernel with its time, the slowest first."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as scratch:
        options.profile_file_prefix = str(Path(scratch) / "profile")
        session = ort.InferenceSession(graph, sess_options=options, providers=["CPUExecutionProvider"])
        rng = np.random.default_rng(0)
        frames = rng.uniform(0, 1000, (_FRAMES, channels, size_px, size_px)).astype(np.float32)
        readout = np.eye(_BOX_PX, size_px, dtype=np.float32)
        for _ in range(_WARM_UP + runs):
            session.run(None, {"frames": frames, "to_rows": readout, "to_columns": readout})
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    return sorted(_kernels(events), key=lambda kernel: -kernel.ms)


def _kernels(events: list[dict[str, Any]]) -> Iterator[Kernel]:
    taken: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    for event in events:
        name = event.get("name", "")
        if event.get("cat") == "Node" and name.endswith("_kernel_time"):
            taken.setdefault(name.removesuffix("_kernel_time"), []).append(event["dur"] / 1000 / _FRAMES)
            kinds[name.removesuffix("_kernel_time")] = event["args"]["op_name"]
    for name, times in taken.items():
        yield Kernel(name, kinds[name], min(times[_WARM_UP:]))


def table_of(found: list[Kernel], *, most: int) -> Table:
    """Return the kinds of kernels with their share of the time, then the slowest kernels."""
    table, total = Table(), sum(kernel.ms for kernel in found)
    by_kind: Counter[str] = Counter()
    for kernel in found:
        by_kind[kernel.kind] += kernel.ms
    table.add("all kernels, a frame", [total], "ms", f"{len(found)} of them", decimals=3)
    for kind, ms in by_kind.most_common():
        count = sum(kernel.kind == kind for kernel in found)
        table.add(f"{count} × {kind}", [ms], "ms", f"{100 * ms / total:.1f} %", decimals=3)
    for kernel in found[:most]:
        table.add(kernel.name, [kernel.ms], "ms", f"{kernel.kind}, {100 * kernel.ms / total:.1f} %", decimals=3)
    return table


def _run() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path)
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--most", type=int, default=12, help="how many kernels to name")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    package = open_package(options.package or bundled_model())
    contract = package.checked(options.precision).contract.input
    found = kernels(
        package.graph(options.precision), size_px=contract.size_px, channels=contract.channels, runs=options.runs
    )
    page = f"{machine()}\n\n{table_of(found, most=options.most).markdown()}"
    sys.stdout.write(page)
    if options.out:
        options.out.write_text(page, "utf-8")


if __name__ == "__main__":
    _run()
