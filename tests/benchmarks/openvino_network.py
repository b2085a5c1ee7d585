"""The same files in OpenVINO, used as well as we know how: its throughput mode, small batches side by side."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_BATCH = 4


def openvino(content: bytes, *, cores: int, float32: bool = False) -> Callable[..., NDArray[np.uint8]]:
    """Give a function that labels frames (n, channel, size, size).

    Left alone, OpenVINO computes a float32 file in bfloat16 where the processor can; `float32` forbids it.
    """
    import openvino as ov

    core = ov.Core()
    settings = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": cores}
    if float32:
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    compiled = core.compile_model(core.read_model(model=content), "CPU", settings)
    queue = ov.AsyncInferQueue(compiled)

    def label(
        frames: NDArray[np.float32], to_rows: NDArray[np.float32], to_columns: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        parts: dict[int, NDArray[np.uint8]] = {}

        def keep(request: object, start: int) -> None:
            parts[start] = request.get_output_tensor(0).data.copy()  # type: ignore[attr-defined]

        queue.set_callback(keep)
        for start in range(0, len(frames), _BATCH):
            batch = {"frames": frames[start : start + _BATCH], "to_rows": to_rows, "to_columns": to_columns}
            queue.start_async(batch, start)
        queue.wait_all()
        return np.concatenate([parts[start] for start in sorted(parts)])

    return label
