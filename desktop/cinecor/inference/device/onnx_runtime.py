"""ONNX Runtime as it is installed here: which providers may run, and a graph started on one of them."""

import functools
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import ModelRefused
from cinecor.failure import first_line
from cinecor.inference.device import cuda_pack
from cinecor.inference.device.cuda_pack import cuda_pack_in_use, ready_onnx_runtime
from cinecor.inference.device.hardware import Hardware, cuda_card_count, this_hardware, usable_cores
from cinecor.inference.device.integer_sums import sums_saturate
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.package.contract import InputContract
from cinecor.inference.package.graph_file import graph_file, no_graph
from cinecor.message import Message

CPU: Final = "CPUExecutionProvider"
CUDA: Final = cuda_pack.CUDA
INPUT_NAMES: Final = ("frames", "to_rows", "to_columns")
OUTPUT_NAMES: Final = ("labels", "confidence")
_CUDA_BATCH = 16  # larger batches cost memory and gain nothing
# On the CPU several small batches run side by side, one thread each: threads that share one batch wait for each other
# at every layer, and what a small batch computes stays in the cache (and in a third of the memory).
_CPU_BATCH = 4
_MOST_CALLS = 4  # each holds its own intermediate results; more cores than that help with all of them
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC"}  # trying every algorithm would take seconds at each start


class DeviceUnavailable(Exception):
    """A device does not run a graph, or stopped running it; `reason` says why in half a sentence."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


class GraphRunner(Protocol):
    """A graph that runs on one provider."""

    @property
    def provider(self) -> str:
        """What really runs it."""

    def run(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label frames (see `FrameModel.outline`). Raises `DeviceUnavailable` when the device fails."""


class Engine(Protocol):
    """What runs graphs: `OnnxRuntime`."""

    @property
    def version(self) -> str:
        """Its version."""

    @property
    def hardware(self) -> Hardware:
        """The machine it runs on."""

    def obstacle(self, provider: str) -> Message | None:
        """Return why a provider cannot run here at all; None when it may."""

    def start(self, content: bytes, *, provider: str, contract: InputContract, name: str | Message) -> GraphRunner:
        """Start a graph. Raises `DeviceUnavailable` when the provider does not run it, `ModelRefused` when none can."""


class OnnxRuntime:
    """ONNX Runtime as installed or as a CUDA pack brings it; it is imported when first needed."""

    @functools.cached_property
    def _library(self) -> Any:
        # Its own builds report usage over the network and write files into the home folder unless told not to before
        # the import. Nothing may leave this machine.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        cuda_pack_in_use()
        return ready_onnx_runtime()

    @property
    def version(self) -> str:
        """ONNX Runtime's version, and which pack it is from."""
        version = str(self._library.__version__)
        pack = cuda_pack_in_use()
        return version if pack is None or pack.obstacle else f"{version} of the CUDA pack in {pack.folder}"

    @functools.cached_property
    def hardware(self) -> Hardware:
        """What it runs on."""
        return this_hardware(with_graphics=self.obstacle(CUDA) is None)

    def obstacle(self, provider: str) -> Message | None:
        """Return why a provider cannot run here at all; None when it may."""
        if provider not in self._library.get_available_providers():
            if provider != CUDA:
                return Message("not_built_in", "it is not built in")
            pack = cuda_pack_in_use()
            return (pack and pack.obstacle) or Message(
                "no_cuda_build", "this installation holds no CUDA build of ONNX Runtime"
            )
        if provider == CUDA and self._cuda_cards == 0:  # known at once: no measurement is wanted that would find it out
            return Message("no_card", "NVIDIA's driver shows no card")
        return None

    @functools.cached_property
    def _cuda_cards(self) -> int:
        return cuda_card_count()

    def start(self, content: bytes, *, provider: str, contract: InputContract, name: str | Message) -> "OnnxRunner":
        """Start a graph on exactly this provider."""
        ort = self._library
        obstacle = self.obstacle(provider)
        if obstacle is not None:
            raise DeviceUnavailable(obstacle)
        options = ort.SessionOptions()
        options.log_severity_level = 4
        cores = usable_cores() or max(1, (os.cpu_count() or 2) // 2)  # unknown: two threads a core are usual
        calls = min(cores, _MOST_CALLS) if provider == CPU else 1
        # All calls of a session share its threads, and each brings its own: together as many as there are cores.
        options.intra_op_num_threads = cores - calls + 1
        # Threads that spin between frames win nothing on a quiet machine and lose much on a busy one.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if provider == CPU and graph_file(content, name=name).may_saturate and sums_saturate():
            # One arithmetic on every processor; where it is exact already the option costs two thirds of the speed.
            options.add_session_config_entry("session.x64quantprecision", "1")
        providers: list[Any] = [(CUDA, _CUDA_OPTIONS), CPU] if provider == CUDA else [CPU]
        try:
            session = ort.InferenceSession(content, sess_options=options, providers=providers)
        except Exception as error:
            if provider != CPU:
                raise DeviceUnavailable(_own_words(error)) from error
            raise ModelRefused(no_graph(name)) from error
        _check_interface(session, contract, name)
        used = str(session.get_providers()[0])
        if used != provider:  # ONNX Runtime itself only warns in its log, which nobody sees
            raise DeviceUnavailable(Message("no_usable_gpu", "no usable GPU, driver or CUDA library was found"))
        return OnnxRunner(session, used, device="cuda" if used == CUDA else None, calls=calls)


class OnnxRunner:
    """A session on one provider, `calls` batches at a time; with `device`, through buffers that stay on that device.

    May be used from several threads: together they keep no more than `calls` batches running.
    """

    def __init__(self, session: Any, provider: str, *, device: str | None, calls: int = 1) -> None:
        self._session = session
        self._provider = provider
        self._buffers = None if device is None else _DeviceBuffers(session, device)
        self.calls = calls
        self._free = threading.BoundedSemaphore(calls)

    @property
    def provider(self) -> str:
        """What really runs it."""
        return self._provider

    def run(
        self, frames: NDArray[np.float32], *, to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> FrameLabels:
        """Label frames, in batches."""
        call = self._plain if self._buffers is None else self._buffers.run
        size = _CPU_BATCH if self._buffers is None else _CUDA_BATCH

        def one(start: int) -> list[NDArray[np.uint8]]:
            with self._free:
                return call(frames[start : start + size], to_rows, to_columns)

        size = max(1, -(-len(frames) // max(1, -(-len(frames) // size))))  # as many batches, but equal ones
        starts = range(0, len(frames), size)
        try:
            if self.calls == 1 or len(starts) == 1:
                parts = [one(start) for start in starts]
            else:
                with ThreadPoolExecutor(min(self.calls, len(starts)), thread_name_prefix="cinecor-infer") as pool:
                    parts = list(pool.map(one, starts))
        except Exception as error:
            if self._provider == CPU:
                raise
            raise DeviceUnavailable(_own_words(error)) from error
        labels, confidence = (np.concatenate(output) for output in zip(*parts, strict=True))
        return FrameLabels(labels, confidence)

    def _plain(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.uint8]]:
        outputs: list[NDArray[np.uint8]] = self._session.run(
            list(OUTPUT_NAMES), dict(zip(INPUT_NAMES, inputs, strict=True))
        )
        return outputs


class _DeviceBuffers:
    """Inputs that stay on the device: one batch size for ever, and the two matrices as long as they are the same."""

    def __init__(self, session: Any, device: str) -> None:
        self._session = session
        self._device = device
        self._binding = session.io_binding()
        self._frames: Any = None
        self._matrices: dict[str, NDArray[np.float32]] = {}

    def run(
        self, frames: NDArray[np.float32], to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> list[NDArray[np.uint8]]:
        # A batch of another size would make cuDNN choose its algorithms anew: the last one is filled up.
        batch = np.zeros((_CUDA_BATCH, *frames.shape[1:]), dtype=np.float32)
        batch[: len(frames)] = frames
        if self._frames is None:
            self._frames = self._on_device(batch)
            self._binding.bind_ortvalue_input("frames", self._frames)
        else:
            self._frames.update_inplace(batch)
        for name, matrix in (("to_rows", to_rows), ("to_columns", to_columns)):
            if self._matrices.get(name) is not matrix:
                self._matrices[name] = matrix
                self._binding.bind_ortvalue_input(name, self._on_device(np.ascontiguousarray(matrix)))
        for name in OUTPUT_NAMES:
            self._binding.bind_output(name, self._device)
        self._session.run_with_iobinding(self._binding)
        return [output[: len(frames)] for output in self._binding.copy_outputs_to_cpu()]

    def _on_device(self, array: NDArray[np.float32]) -> Any:
        import onnxruntime as ort

        return ort.OrtValue.ortvalue_from_numpy(array, self._device, 0)


def _check_interface(session: Any, contract: InputContract, name: str | Message) -> None:
    """Compare the graph's inputs and outputs with what the contract promises."""
    size = contract.size_px
    promised = {"frames": [contract.channels, size, size], "to_rows": [size], "to_columns": [size]}
    inputs = {entry.name: entry.shape[1:] for entry in session.get_inputs()}
    outputs = {entry.name: entry.type for entry in session.get_outputs()}
    if inputs != promised or outputs != dict.fromkeys(OUTPUT_NAMES, "tensor(uint8)"):
        raise ModelRefused(
            Message(
                "other_interface",
                "{name}: its graph does not match its contract ({inputs} → {outputs}); export it again.",
                name=name,
                inputs=str(inputs),
                outputs=str(outputs),
            )
        )


def _own_words(error: Exception) -> Message:
    return Message("runtime_said", "{text}", text=first_line(error))
