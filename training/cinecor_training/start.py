"""Where a run starts when not from chance: the weights of an earlier run, or of a model file of the application.

A site that has few cases of its own starts from the bundled model. A network that sees neighbouring slices can start
from one that did not: it begins by ignoring them.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from cinecor.errors import InputError
from cinecor.extras import missing_extra
from cinecor.failure import first_line
from cinecor.inference.package.model_package import SUFFIX, read_package
from cinecor.message import Message
from cinecor_training.network import STEM, without_stem
from cinecor_training.run_folder import RunFolder

_STEM = "down.0.0.weight"  # the only layer whose shape depends on how many channels the network sees
_PREFIX = "network."  # of the graph that the exporter wraps around the network


def start_from(network: nn.Module, path: Path, *, sample: Tensor) -> None:
    """Fill `network` with the weights at `path`: a run folder, its safetensors file, a package, or an fp32 ONNX file.

    A graph holds each batch norm merged into its convolution; what the norm must undo is measured on `sample`
    (n, inputs, h, w), ordinary frames. Raises `InputError` when the file is missing or its layers have other sizes.
    """
    file = start_file(path)
    try:
        if file.suffix in (".onnx", SUFFIX):
            weights, biases = _merged_layers(file)
            _fill(network, weights, file)
            _undo_merge(network, biases, sample)
        else:
            _fill(network, load_file(file), file)
    except SafetensorError as error:
        raise InputError(
            Message(
                "start_damaged",
                "start: {file} is damaged or no safetensors file ({reason}).",
                file=file,
                reason=first_line(error),
            )
        ) from error


def start_file(path: Path) -> Path:
    """Return the file that holds the weights of `path`; raises `InputError` when there is none."""
    file = RunFolder(path).weights if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            Message(
                "start_missing",
                "start: {file} does not exist; name a finished run's folder or a model file.",
                file=file,
            )
        )
    return file


def _fill(network: nn.Module, weights: dict[str, Tensor], file: Path) -> None:
    """Load `weights`; layers that they do not name keep their values only if they are batch norms of an ONNX file."""
    own = network.state_dict()
    weights = dict(weights)
    if _STEM in weights and _STEM in own:
        weights[_STEM] = _widened(weights[_STEM], own[_STEM].shape[1])
    wrong = sorted(
        name for name, value in weights.items() if name not in own or own[name].shape != value.shape
    ) or sorted(name for name, value in own.items() if value.ndim == 4 and name not in weights)
    if wrong:
        raise InputError(
            Message(
                "start_of_other_network",
                "start: {file} is of another network ({wrong} does not fit); use the same channels, and at least as "
                "many neighbours.",
                file=file,
                wrong=wrong[0],
            )
        )
    network.load_state_dict(weights, strict=False)


def _widened(weight: Tensor, channels: int) -> Tensor:
    """Return the first layer's weights for more input channels, the old ones in the middle, zeros around them."""
    spare = channels - weight.shape[1]
    if spare <= 0 or spare % 2:
        return weight
    wide = weight.new_zeros(weight.shape[0], channels, *weight.shape[2:])
    wide[:, spare // 2 : spare // 2 + weight.shape[1]] = weight
    return wide


def _merged_layers(file: Path) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Read an ONNX file's convolutions: their weights by parameter name, and biases by convolution name.

    Raises `InputError` unless all of them are float32 and in the file, as in an fp32 graph of `export-onnx`.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise missing_extra(error) or error from error
    content = read_package(file).graph("fp32") if file.suffix == SUFFIX else file.read_bytes()
    try:
        graph: Any = onnx.load_from_string(content).graph
    except Exception as error:  # protobuf's own exceptions
        raise InputError(Message("start_no_onnx", "start: {file} is damaged or no ONNX model.", file=file)) from error
    entries = {
        entry.name: entry
        for entry in graph.initializer
        if entry.data_type == onnx.TensorProto.FLOAT and entry.data_location != onnx.TensorProto.EXTERNAL
    }
    weights, biases = {}, {}
    for node in graph.node:
        if node.op_type != "Conv":
            continue
        if len(node.input) != 3 or not {node.input[1], node.input[2]} <= entries.keys():
            raise InputError(
                Message(
                    "start_without_weights",
                    "start: {file} has convolutions without float32 weights and biases (an int8 or fp16 graph?); use "
                    "the fp32 graph of a model made by export-onnx.",
                    file=file,
                )
            )
        try:
            weight, bias = (torch.from_numpy(numpy_helper.to_array(entries[name]).copy()) for name in node.input[1:])
        except ValueError as error:
            raise InputError(
                Message("start_no_onnx", "start: {file} is damaged or no ONNX model.", file=file)
            ) from error
        name = node.input[1].removeprefix(_PREFIX)
        strided = any(entry.name == "strides" and entry.ints[0] == STEM for entry in node.attribute)
        if strided and weight.ndim == 4 and weight.shape[2] % STEM == weight.shape[3] % STEM == 0:
            name, weight = _STEM, without_stem(weight)  # the graph has the stem in its first convolution
        weights[name] = weight
        biases[name.removesuffix(".weight")] = bias
    return weights, biases


@torch.no_grad()
def _undo_merge(network: nn.Module, biases: dict[str, Tensor], sample: Tensor) -> None:
    """Set every batch norm so that it gives the merged layer's output for `sample`, whatever mode the network is in."""
    handles = []
    for name, module in network.named_modules():
        if not isinstance(module, nn.Conv2d):
            continue
        if module.bias is not None:
            module.bias.copy_(biases[name])
            continue
        parent, _, index = name.rpartition(".")
        norm = network.get_submodule(f"{parent}.{int(index) + 1}")
        handles.append(norm.register_forward_pre_hook(_matching(biases[name])))
    network.eval()
    network(sample)
    for handle in handles:
        handle.remove()


def _matching(bias: Tensor) -> Any:
    """Return a hook that makes a batch norm add `bias` and nothing else to what arrives at it."""

    def match(norm: nn.Module, arrived: tuple[Tensor]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean, variance = arrived[0].mean(dim=(0, 2, 3)), arrived[0].var(dim=(0, 2, 3), correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(bias.to(mean.device) + mean)

    return match
