"""Rules of the export: the package computes what the checkpoint computes, says what it is, and passed its gates."""

import shutil
from pathlib import Path
from typing import NoReturn

import numpy as np
import onnx
import pytest
import torch

from cinecor.inference.package.graph_file import graph_file
from cinecor.inference.package.model_package import ModelPackage, read_package
from cinecor_export.calibration import CALIBRATION_SLICES
from cinecor_export.cli import main
from cinecor_export.export import Request
from cinecor_export.graph_session import open_graph
from cinecor_export.trunk import trunk_nodes
from cinecor_export.variants import PackageEvaluation
from cinecor_training.loop import load_network

PRECISIONS = ("fp32", "int8", "fp16")
FLOAT, HALF = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16


@pytest.fixture(scope="module")
def package(exported: Path) -> ModelPackage:
    return read_package(exported)


def graph(package: ModelPackage, precision: str) -> onnx.ModelProto:
    return onnx.load_from_string(package.graph(precision))


def random_input() -> dict[str, np.ndarray]:
    """Frames, and ways from 64 network pixels to a grid, partly beyond the window."""
    random = np.random.default_rng(8)
    to_rows, to_columns = (
        (random.dirichlet(np.ones(64), size) * random.uniform(0, 1, (size, 1))).astype(np.float32) for size in (41, 52)
    )
    frames = random.normal(100, 40, (37, 3, 64, 64)).astype(np.float32)
    return {"frames": frames, "to_rows": to_rows, "to_columns": to_columns}


def test_that_the_package_is_the_only_file_written(exported: Path) -> None:
    assert list(exported.parent.iterdir()) == [exported]


def test_that_every_precision_carries_the_contract_and_its_parent(package: ModelPackage) -> None:
    parent = package.manifest.parts["fp32.onnx"].sha256
    for precision in PRECISIONS:
        contract = package.checked(precision).contract
        assert contract.input.size_px == 64
        assert contract.training.licence == "CC0-1.0"
        assert contract.training.data == "discs and rings"
        assert contract.training.patients == 3
        assert contract.training.figures["dice_lv"] > 0.9
        assert contract.fp32_parent_sha256 == (None if precision == "fp32" else parent)


def test_that_the_fp32_graph_computes_what_the_checkpoint_computes(package: ModelPackage, run_folder: Path) -> None:
    network, _ = load_network(run_folder)
    inputs = random_input()
    with torch.no_grad():
        probabilities = network(torch.from_numpy(inputs["frames"])).softmax(dim=1).numpy()[:, 1:]
    structures = inputs["to_rows"] @ probabilities @ inputs["to_columns"].T
    expected = np.concatenate((1 - structures.sum(axis=1, keepdims=True), structures), axis=1)
    found = open_graph(package.graph("fp32")).outline(
        inputs["frames"], to_rows=inputs["to_rows"], to_columns=inputs["to_columns"]
    )
    assert (found.labels == expected.argmax(axis=1)).mean() > 0.9999
    np.testing.assert_allclose(found.confidence / 255, expected.max(axis=1), atol=0.51 / 255)


def test_that_batches_of_any_size_give_the_same_labels(package: ModelPackage) -> None:
    session, inputs = open_graph(package.graph("fp32")), random_input()
    frames = inputs.pop("frames")
    whole = session.outline(frames, **inputs)
    for part in (slice(0, 1), slice(10, 37)):
        found = session.outline(frames[part], **inputs)
        assert np.abs(found.confidence.astype(int) - whole.confidence[part]).max() <= 1
        assert (found.labels == whole.labels[part]).mean() > 0.999


def test_that_only_the_trunk_is_quantized(package: ModelPackage) -> None:
    before, after = graph(package, "fp32").graph, graph(package, "int8").graph
    made = {name: node for node in after.node for name in node.output}
    convolutions = [node for node in after.node if node.op_type == "Conv"]
    types = {entry.name: entry.data_type for entry in after.initializer}
    assert len(convolutions) == sum(node.op_type == "Conv" for node in before.node)
    for node in convolutions[:-1]:
        assert made[node.input[0]].op_type == "DequantizeLinear"
        weight = made[node.input[1]]
        assert types[weight.input[0]] == onnx.TensorProto.INT8
        activation = made[node.input[0]]
        assert types[activation.input[2]] == onnx.TensorProto.UINT8
    scales = {entry.name: entry.dims for entry in after.initializer}
    weight = made[convolutions[1].input[1]]
    assert list(scales[weight.input[1]]) == [16], "one scale for each output channel"
    assert types[convolutions[-1].input[1]] == FLOAT, "the logits stay float"


def test_that_the_weights_keep_to_seven_bits(package: ModelPackage) -> None:
    weights = [
        onnx.numpy_helper.to_array(entry)
        for entry in graph(package, "int8").graph.initializer
        if entry.data_type == onnx.TensorProto.INT8
    ]
    assert 60 < max(np.abs(values.astype(int)).max() for values in weights) <= 64
    assert not graph_file(package.graph("int8"), name="int8").may_saturate


def test_that_the_trunk_leaves_out_normalisation_and_decision(package: ModelPackage) -> None:
    nodes = graph(package, "fp32").graph.node
    trunk = set(trunk_nodes(nodes))
    kinds = {node.op_type for node in nodes if node.name in trunk}
    assert kinds == {"Conv", "Relu", "MaxPool", "Resize", "Concat"}
    assert {node.op_type for node in nodes if node.name not in trunk} >= {"ReduceMean", "Conv", "Exp", "MatMul"}


def test_that_half_precision_stays_within_the_trunk(package: ModelPackage) -> None:
    before, after = graph(package, "fp32"), graph(package, "fp16")
    assert [entry.type.tensor_type.elem_type for entry in after.graph.input] == [FLOAT] * 3
    assert {entry.type.tensor_type.elem_type for entry in after.graph.output} == {onnx.TensorProto.UINT8}
    inferred = onnx.shape_inference.infer_shapes(after).graph
    half = {entry.name for entry in inferred.value_info if entry.type.tensor_type.elem_type == HALF}
    trunk = set(trunk_nodes(before.graph.node))
    makers = {node.name for node in after.graph.node if half & set(node.output) and node.op_type != "Cast"}
    assert makers == {node.name for node in before.graph.node if node.name in trunk and node.op_type != "Resize"}


def test_that_bright_images_do_not_overflow_half_precision(package: ModelPackage) -> None:
    inputs = random_input()
    frames = inputs.pop("frames") * 500  # to 120 000, as some scanners store them
    wanted, found = (open_graph(package.graph(precision)).outline(frames, **inputs) for precision in ("fp32", "fp16"))
    assert (wanted.labels == found.labels).mean() > 0.99


def test_that_no_file_names_a_folder_of_the_machine(package: ModelPackage, run_folder: Path) -> None:
    for precision in PRECISIONS:
        content = package.graph(precision)
        assert str(run_folder.parent).encode() not in content
        assert b"site-packages" not in content


def test_that_the_manifest_holds_every_gate_within_its_limit(package: ModelPackage) -> None:
    gates = {gate.name: gate for gate in package.manifest.gates}
    assert all(gate.value <= gate.limit for gate in gates.values())
    for precision in ("int8", "int8, saturating,", "fp16"):
        for structure in ("RV cavity", "Myocardium", "LV cavity"):
            assert gates[f"{precision} against fp32: Dice drop, {structure}"].limit == 0.001
        for ventricle in ("LV", "RV"):
            assert gates[f"{precision} against fp32: largest difference, {ventricle} EDV"].limit == 2.0
            assert gates[f"{precision} against fp32: largest difference, {ventricle} ESV"].limit == 2.0
            assert gates[f"{precision} against fp32: largest difference, {ventricle} EF"].limit == 1.0
    assert gates["int8: size"].limit == 3.0
    assert "fp32 against PyTorch: confidence" in gates


def test_that_the_evaluation_holds_each_variants_figures(package: ModelPackage) -> None:
    evaluation = PackageEvaluation.model_validate_json(package.part("evaluation.json"))
    assert [(one.precision, one.arithmetic) for one in evaluation.variants] == [
        ("fp32", "exact"),
        ("int8", "exact"),
        ("int8", "saturating"),
        ("fp16", "exact"),
    ]
    assert evaluation.model.sha256 == package.manifest.parts["fp32.onnx"].sha256
    assert [patient.patient for patient in evaluation.patients] == [f"patient{number:03d}" for number in (5, 10, 15)]
    for one in evaluation.variants:
        assert one.size_bytes == package.manifest.parts[f"{one.precision}.onnx"].size_bytes
        assert one.dice["lv"] > 0.9
        assert (one.ms_per_frame is None) == (one.arithmetic == "saturating")
    fp32, int8, saturating, fp16 = evaluation.variants
    assert int8.size_bytes < fp16.size_bytes < fp32.size_bytes
    assert int8.dice == saturating.dice, "weights of seven bits cannot saturate"


def test_that_an_unfinished_run_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "m.cinecor")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no finished training run" in error


def test_that_another_suffix_is_wrong_usage(
    run_folder: Path, patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "acdc"
    for name in ("patient001", "patient002"):
        shutil.copytree(patients / name, data / name)
    assert main([str(run_folder), "--out", str(tmp_path / "m.cinecor"), "--data", f"acdc={data}"]) == 2
    error = capsys.readouterr().err
    assert "None of the run's validation patients" in error
    assert not (tmp_path / "m.cinecor").exists()


@pytest.mark.parametrize("slices", ["0", "-3"])
def test_that_int8_is_not_calibrated_on_nothing(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], slices: str
) -> None:
    assert main([str(run_folder), "--out", str(tmp_path / "m.cinecor"), "--calibration-slices", slices]) == 2
    assert f"--calibration-slices {slices}" in capsys.readouterr().err


@pytest.mark.parametrize(("named", "slices"), [((), CALIBRATION_SLICES), (("--calibration-slices", "720"), 720)])
def test_that_as_many_slices_calibrate_as_were_named(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: tuple[str, ...], slices: int
) -> None:
    asked: list[Request] = []

    def export_package(request: Request, *, listener: object) -> NoReturn:
        asked.append(request)
        raise KeyboardInterrupt

    monkeypatch.setattr("cinecor_export.export.export_package", export_package)
    assert main([str(run_folder), "--out", str(tmp_path / "m.cinecor"), *named]) == 130
    assert [request.calibration_slices for request in asked] == [slices]
