"""Milliseconds a frame: ours, the same network elsewhere, and the peer; paired, on one phase of one study."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from arithmetic import matrix_product_gops, multiplications
from eager_network import eager, network_of
from numpy.typing import NDArray
from openvino_network import openvino
from table import Table
from timing import middle, paired, ratio

from cinecor.inference.device.hardware import usable_cores
from cinecor.inference.device.model_session import open_model
from cinecor.inference.device.onnx_runtime import CPU, OnnxRuntime
from cinecor.inference.outline.context import phase_input
from cinecor.inference.outline.crop import readout
from cinecor.inference.outline.heart import find_heart
from cinecor.inference.package.model_file import open_model_file
from cinecor.study import CineStack

_PEER_SLICES = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Input:
    """One phase as every contender gets it."""

    frames: NDArray[np.float32]
    to_rows: NDArray[np.float32]
    to_columns: NDArray[np.float32]


def compare(stack: CineStack, title: str, *, model: Path, peer_wheel: Path | None, rounds: int, table: Table) -> None:
    """Add the rows of one study to the table."""
    file = open_model_file(model)
    cores = usable_cores() or 2
    graphs = {precision: file.checked(precision) for precision in file.precisions if precision != "fp16"}
    contract = graphs["fp32"].contract.input
    session = open_model(model, device="cpu")
    window, _ = find_heart(stack, session)
    back = readout(window, rows=stack.rows, columns=stack.columns)
    given = _Input(phase_input(stack, 0, window=window, contract=contract), back.to_rows, back.to_columns)

    calls: dict[str, Callable[[], object]] = {}
    labels: dict[str, NDArray[np.uint8]] = {}

    def enter(name: str, label: Callable[..., NDArray[np.uint8]]) -> None:
        calls[name] = lambda: label(given.frames, given.to_rows, given.to_columns)
        labels[name] = label(given.frames, given.to_rows, given.to_columns)

    for precision, graph in graphs.items():
        runner = OnnxRuntime().start(graph.content, provider=CPU, contract=contract, name=model.name)
        enter(
            f"Cinecor {precision}",
            lambda frames, rows, columns, runner=runner: runner.run(frames, to_rows=rows, to_columns=columns).labels,
        )
    network = network_of(graphs["fp32"].content, contract, given.frames)
    enter("PyTorch eager, channels last", eager(network, cores=cores))
    enter("OpenVINO, fp32 file, float32", openvino(graphs["fp32"].content, cores=cores, float32=True))
    enter("OpenVINO, fp32 file, as it comes", openvino(graphs["fp32"].content, cores=cores))
    if "int8" in graphs:
        enter("OpenVINO, int8 file, as it comes", openvino(graphs["int8"].content, cores=cores))
    taken = paired(calls, rounds=rounds)
    frames = len(given.frames)
    for name, values in taken.items():
        agreement = np.mean(labels[name] == labels["Cinecor fp32"])
        note = f"{agreement:.3%} of the labels are those of Cinecor fp32"
        table.add(f"{title}: {name}, a frame", [value * 1000 / frames for value in values], "ms", note)
    _ratios(taken, title, table)
    best = "Cinecor int8" if "int8" in graphs else "Cinecor fp32"
    if peer_wheel is not None:
        _peer(stack, title, peer_wheel, calls[best], frames=frames, best=best, table=table)
    _arithmetic(network, given, taken[best], title, best=best, cores=cores, table=table)


def _ratios(taken: dict[str, list[float]], title: str, table: Table) -> None:
    if "Cinecor int8" not in taken:
        table.say(f"{title}: ratios of int8", "the model has no int8 graph")
        return
    for name, target in (
        ("Cinecor fp32", "≥ 2.0"),
        ("PyTorch eager, channels last", "≥ 4"),
        ("OpenVINO, int8 file, as it comes", "≥ 1"),
    ):
        factor = ratio(taken[name], taken["Cinecor int8"])
        table.add(f"{title}: Cinecor int8 faster than {name}", factor, "×", f"wanted: {target}")


def _peer(
    stack: CineStack,
    title: str,
    wheel: Path,
    ours: Callable[[], object],
    *,
    frames: int,
    best: str,
    table: Table,
) -> None:
    from cinecor_training.evaluation.peer import open_peer

    middle_slice = stack.slices // 2
    volume = stack.pixels[middle_slice - 1 : middle_slice - 1 + _PEER_SLICES, 0].transpose(2, 1, 0)
    with tempfile.TemporaryDirectory() as folder:
        peer = open_peer(wheel, folder=Path(folder))
        taken = paired({"peer": lambda: peer._module.segment(volume), "ours": ours}, rounds=3)
    per_slice = [value / _PEER_SLICES for value in taken["peer"]]
    table.add(f"{title}: myopari 0.1.6, its own graph and code, a slice", [1000 * s for s in per_slice], "ms")
    factor = ratio(per_slice, [value / frames for value in taken["ours"]])
    table.add(f"{title}: {best} faster than myopari a slice", factor, "×", "wanted: ≥ 80", decimals=0)


def _arithmetic(
    network: object, given: _Input, taken: list[float], title: str, *, best: str, cores: int, table: Table
) -> None:
    import torch

    macs = multiplications(network, torch.from_numpy(given.frames[:1]))
    table.add(f"{title}: multiplications of the network, a frame", [macs / 1e9], "GMAC", "convolutions")
    reached = 2 * macs * len(given.frames) / middle(taken) / 1e9
    table.add(f"{title}: operations a second reached by {best}", [reached], "10⁹/s", decimals=0)
    for kind, name in (("int8", "MatMulInteger"), ("fp32", "MatMul")):
        product = matrix_product_gops(kind, cores=cores)
        share = f"{best} reaches {reached / product:.0%} of it"
        note = f"ONNX Runtime {name}, 1024 × 1024 × 1024, {cores} threads, best of 40; {share}"
        table.add(f"{title}: plain {kind} matrix product on the same cores", [product], "10⁹/s", note, decimals=0)
    sys.stderr.write(f"{title}: networks done\n")
