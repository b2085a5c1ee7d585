"""Rules of what is refused: a broken quantization, a worse model; and of what a signature says."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnxruntime import quantization
from safetensors.torch import load_file, save_file

from cinecor.errors import ModelRefused
from cinecor.inference.device.model_session import open_model
from cinecor.inference.package.model_package import read_package
from cinecor.inference.package.signature import Trust
from cinecor_export.cli import main
from cinecor_export.export import Request, export_package
from cinecor_export.int8_graph import int8_graph
from cinecor_export.refusal import ExportRefused
from cinecor_training.run_folder import RunFolder


def miscalibrated(fp32: onnx.ModelProto, frames: NDArray[np.float32]) -> onnx.ModelProto:
    """Quantize with the ranges that empty images reach: every activation beyond them is cut off."""
    return int8_graph(fp32, np.zeros_like(frames))


@pytest.fixture(scope="module")
def spoilt_run(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run with weights that some noise has made worse."""
    good, bad = RunFolder(run_folder), RunFolder(tmp_path_factory.mktemp("spoilt"))
    for name in ("config", "split"):
        getattr(bad, name).write_bytes(getattr(good, name).read_bytes())
    torch.manual_seed(1)
    weights = load_file(good.weights)
    head = weights["head.weight"]
    weights["head.weight"] = head + head.std() * torch.randn_like(head)
    save_file(weights, bad.weights)
    return bad.path


def test_that_a_broken_quantization_is_refused_with_its_figures(run_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.cinecor"
    with pytest.raises(ExportRefused, match=r"int8 against fp32: Dice drop, LV cavity .* \(limit 0\.0010\)") as caught:
        export_package(Request(run=run_folder, out=out), listener=lambda _: None, quantizer=miscalibrated)
    assert "fp16" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_that_a_network_goes_out_without_the_int8_graph_that_is_refused(
    run_folder: Path, exported: Path, tmp_path: Path
) -> None:
    request = Request(run=run_folder, out=tmp_path / "m.cinecor", predecessor=exported, without_int8=True)
    export_package(request, listener=lambda _: None, quantizer=miscalibrated)
    package = read_package(request.out)
    assert package.manifest.precisions == ("fp32", "fp16")
    assert any("fp16 against fp32" in gate.name for gate in package.manifest.gates)
    assert any("not worse than cinecor-sax 1" in gate.name for gate in package.manifest.gates)
    assert not any("int8" in gate.name for gate in package.manifest.gates)
    assert "The int8 graph was left out" in package.part("card.md").decode()
    assert open_model(request.out, device="cpu").identity.precision == "fp32"


def test_that_eight_bit_weights_are_judged_as_they_saturate_elsewhere(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = quantization.quantize_static
    monkeypatch.setattr(quantization, "quantize_static", lambda *a, **k: whole(*a, **{**k, "reduce_range": False}))
    with pytest.raises(ExportRefused, match="int8, saturating, against fp32") as caught:
        export_package(Request(run=run_folder, out=tmp_path / "m.cinecor"), listener=lambda _: None)
    assert "int8 against fp32" not in str(caught.value)


def test_that_a_model_worse_than_the_one_in_use_is_refused_unless_allowed(
    spoilt_run: Path, exported: Path, tmp_path: Path
) -> None:
    request = Request(run=spoilt_run, out=tmp_path / "m.cinecor", predecessor=exported)
    with pytest.raises(ExportRefused, match=r"not worse than cinecor-sax 1: drop of mean Dice .*--allow-worse"):
        export_package(request, listener=lambda _: None)
    assert list(tmp_path.iterdir()) == []

    export_package(replace(request, allow_worse=True), listener=lambda _: None)
    manifest = read_package(request.out).manifest
    assert manifest.allow_worse
    assert manifest.compared_with is not None
    assert manifest.compared_with.allowed_worse
    old, new = manifest.compared_with.worse["dice_mean"]
    assert new < old - manifest.compared_with.margin
    card = read_package(request.out).part("card.md").decode()
    assert "It is worse than cinecor-sax 1, and was exported even so." in card


def test_that_a_signed_package_names_the_key_that_was_made(
    run_folder: Path, exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "clé.pem", tmp_path / "m.cinecor"
    assert main(["--make-key", str(key)]) == 0
    public = capsys.readouterr().out.split()[-1]
    assert main([str(run_folder), "--out", str(out), "--sign", str(key), "--compare-with", str(exported)]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n{title}" in printed.replace(" ", "") for title in ("precision", "fp32", "int8", "fp16"))
    assert "not worse than cinecor-sax 1: drop of mean Dice: 0 Dice, limit 0.002" in printed
    assert read_package(out, trust=Trust(frozenset({public}), required=True)).signed_by == public


def test_that_a_key_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "key.pem"
    assert main(["--make-key", str(key)]) == 0
    content = key.read_bytes()
    assert main(["--make-key", str(key)]) == 2
    assert key.read_bytes() == content
    assert "exists already" in capsys.readouterr().err


def test_that_an_unsigned_package_has_no_signer(exported: Path) -> None:
    assert read_package(exported).signed_by is None


def test_that_a_damaged_model_in_use_ends_the_export(run_folder: Path, exported: Path, tmp_path: Path) -> None:
    content = bytearray(exported.read_bytes())
    with zipfile.ZipFile(exported) as package:
        graph = next(one for one in package.infolist() if "fp32" in one.filename)
    content[graph.header_offset + graph.compress_size // 2] ^= 0xFF
    damaged = tmp_path / "in-use.cinecor"
    damaged.write_bytes(content)
    request = Request(run=run_folder, out=tmp_path / "m.cinecor", predecessor=damaged)
    with pytest.raises(ModelRefused):
        export_package(request, listener=lambda _: None)
    assert not request.out.exists()


def test_that_a_named_model_that_cannot_be_compared_with_is_told(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.cinecor"
    other.write_bytes(b"no model")
    assert main([str(run_folder), "--out", str(tmp_path / "m.cinecor"), "--compare-with", str(other)]) == 4
    assert "other.cinecor is damaged" in capsys.readouterr().err
