"""From a training checkpoint to an ONNX model that carries its own contract."""
