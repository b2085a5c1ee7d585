"""Whether a package's graphs run here and see hearts, before it takes another model's place.

A graph is a program that somebody sent. It is run in a process of its own, with a limit of time and memory, so that an
endless loop or a tensor of gigabytes costs no more than a refusal.
"""

import multiprocessing
from multiprocessing.connection import Connection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import ModelRefused
from cinecor.inference.device.onnx_runtime import CPU, OnnxRuntime
from cinecor.inference.device.probe import probe
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.manifest import Precision
from cinecor.inference.package.model_package import ModelPackage, part_name
from cinecor.message import Message

LIMIT_S: Final = 10.0
"""How long the probe's frames may take; the bundled model takes a tenth of a second."""

LIMIT_BYTES: Final = 1_500_000_000
_START_S: Final = 60.0  # of a process on a busy machine
_LEAST_SHARE: Final = 0.002  # of the probe's picture that each structure takes up; true ones take 0.02 and more
_LEAST_IN_WALL: Final = 0.5  # of the left cavity's rim that is myocardium; of the right one's it is a third


def require_runnable(package: ModelPackage, *, limit_s: float = LIMIT_S) -> None:
    """Run every variant meant for the CPU on the probe's frames, in a process of its own.

    Raises `ModelRefused` when one fails, does not end, takes too much memory, or outlines no heart.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(package, theirs), name="cinecor-proof", daemon=True)
    process.start()
    theirs.close()  # so that the pipe ends when the process does
    try:
        if not ours.poll(_START_S) or ours.recv() is not None:
            raise _endless(package, _START_S)
        if not ours.poll(limit_s):
            raise _endless(package, limit_s)
        refusal = ours.recv()
    except (EOFError, ConnectionResetError):
        refusal = Message(
            "graph_ends_process",
            "{name}: running it took too much memory, or broke the program; export the model again.",
            name=package.name,
        )
    finally:
        process.kill()
        process.join()
        ours.close()
    if refusal is not None:
        raise ModelRefused(refusal)


def _endless(package: ModelPackage, limit_s: float) -> ModelRefused:
    return ModelRefused(
        Message(
            "graph_endless",
            "{name}: running it on six small frames had not ended after {limit_s:.0f} s; export the model again.",
            name=package.name,
            limit_s=limit_s,
        )
    )


def _serve(package: ModelPackage, told: Connection) -> None:
    """Prove a package; tells when it begins, and in the end what is wrong with it or None."""
    _limit_memory()
    told.send(None)
    try:
        for precision in package.manifest.precisions:
            if precision != "fp16":  # for CUDA only; there it is tried before it is chosen
                _prove(package, precision)
    except ModelRefused as error:
        told.send(error.message)
    else:
        told.send(None)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit alone
        return
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_BYTES, LIMIT_BYTES))


def _prove(package: ModelPackage, precision: Precision) -> None:
    graph = package.checked(precision)
    name = part_name(package.name, precision)
    try:
        runner = OnnxRuntime().start(graph.content, provider=CPU, contract=graph.contract.input, name=name)
        frames = probe(graph.contract.input)
        outlined = runner.run(frames.frames, to_rows=frames.to_rows, to_columns=frames.to_columns)
    except ModelRefused:
        raise
    except Exception as error:
        raise ModelRefused(
            Message(
                "graph_fails",
                "{name}: its {precision} graph fails when it runs; export the model again.",
                name=package.name,
                precision=precision,
            )
        ) from error
    require_hearts(outlined, name=name)


def require_hearts(outlined: FrameLabels, *, name: Message | str) -> None:
    """Raise `ModelRefused` for outlines of the probe's frames that are none of a heart.

    Each structure has to be there, and the left cavity, not the right, in a ring of myocardium: weights that are not
    numbers or zero show nothing, and exchanged labels a ring around the wrong cavity.
    """
    least = _LEAST_SHARE * outlined.labels.size
    if any(np.count_nonzero(outlined.labels == label) < least for label in (Label.RV, Label.MYO, Label.LV)):
        raise ModelRefused(
            Message("graph_sees_no_heart", "{name}: it outlines no heart on a test image; export it again.", name=name)
        )
    left, right = (_share_in_wall(outlined.labels, label) for label in (Label.LV, Label.RV))
    if left < max(_LEAST_IN_WALL, right):
        raise ModelRefused(
            Message(
                "graph_exchanges_labels",
                "{name}: what it calls the left ventricle has no wall around it on a test image, so its labels are "
                "exchanged; export it again.",
                name=name,
            )
        )


def _share_in_wall(labels: NDArray[np.uint8], label: Label) -> float:
    """Return how much of the rim of a structure is myocardium."""
    inside = labels == label
    rim = np.zeros_like(inside)
    for axis in (1, 2):
        for step in (1, -1):
            rim |= np.roll(inside, step, axis=axis)
    rim &= ~inside
    return int(np.count_nonzero(rim & (labels == Label.MYO))) / max(int(np.count_nonzero(rim)), 1)
