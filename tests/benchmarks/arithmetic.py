"""What the network asks of a processor, and what the processor gives to a plain matrix product."""

import time
from typing import Any

import numpy as np

_SIDE = 1024


def multiplications(network: Any, frame: Any) -> int:
    """Count multiply-accumulate operations of all convolutions for one frame (PyTorch tensors)."""
    import torch

    total = 0

    def count(module: Any, _: Any, output: Any) -> None:
        nonlocal total
        total += output[0].numel() * module.weight[0].numel()

    handles = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    with torch.no_grad():
        network(frame)
    for handle in handles:
        handle.remove()
    return total


def matrix_product_gops(kind: str, *, cores: int, repeats: int = 40) -> float:
    """Give 10⁹ operations a second of ONNX Runtime's square matrix product: "int8" (MatMulInteger) or "fp32".

    The best of many, since what is asked is what the cores can do, not what other work leaves of them.
    """
    import onnxruntime as ort
    from onnx import TensorProto, helper

    float32 = kind == "fp32"
    types = (TensorProto.FLOAT,) * 3 if float32 else (TensorProto.UINT8, TensorProto.INT8, TensorProto.INT32)
    shape = [_SIDE, _SIDE]
    rng = np.random.default_rng(0)
    right = rng.integers(-127, 128, shape).astype(np.float32 if float32 else np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMul" if float32 else "MatMulInteger", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", types[0], shape)],
        [helper.make_tensor_value_info("c", types[2], shape)],
        [helper.make_tensor("b", types[1], shape, right.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = cores
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    left = rng.integers(0, 255, shape).astype(np.float32 if float32 else np.uint8)
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        session.run(None, {"a": left})
        taken.append(time.perf_counter() - start)
    return 2 * _SIDE**3 / min(taken) / 1e9
