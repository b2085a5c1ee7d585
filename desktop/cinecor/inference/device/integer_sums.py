"""`sums_saturate`: whether this processor cuts int8 sums off at 16 bits: it is given one that is too large."""

from functools import cache

import numpy as np

from cinecor_resources import saturating_sum


@cache
def sums_saturate() -> bool:
    """Return whether ONNX Runtime's kernel for uint8 × int8 saturates here, as those without VNNI do.

    The graph (docs/make_phantom_files.py) adds products at their extremes: its steps are such that the exact sums are
    200, those cut off at 32 767 about 101.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        saturating_sum().read_bytes(), sess_options=options, providers=["CPUExecutionProvider"]
    )
    activations = np.full((1, 8, 8, 8), 255, np.uint8)
    return bool((session.run(None, {"x": activations})[0] != 200).any())
