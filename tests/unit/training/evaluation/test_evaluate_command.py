"""Rules of `cinecor-evaluate`: what it writes, and what it says when it cannot."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.study.cine_stack import CineStack
from cinecor_training.checkpoint import save_weights
from cinecor_training.config import TrainingConfig
from cinecor_training.conventions import Conventions
from cinecor_training.evaluate_cli import main
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.segmenter import PipelineSegmenter
from cinecor_training.network import UNet
from cinecor_training.run_folder import RunFolder


@pytest.fixture(scope="module")
def report(untrained_run: Path, small_acdc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an evaluation of an untrained run: nothing is right, and that must be told."""
    out = tmp_path_factory.mktemp("évaluation") / "report"
    patients = ["--patients", "patient001", "patient005"]
    assert main(["--model", str(untrained_run), "--data", str(small_acdc), "--out", str(out), *patients]) == 0
    return out


def test_that_the_folder_holds_page_record_markdown_and_failures(report: Path) -> None:
    assert {path.name for path in report.iterdir()} == {
        "report.html",
        "evaluation.json",
        "evaluation.md",
        "failures.png",
    }


def test_that_the_failures_show_outlines_and_no_image_of_a_patient(report: Path) -> None:
    """Of a frame, nothing is left but black, and two colours on it: grey pixels would be tissue."""
    picture = np.asarray(Image.open(report / "failures.png").convert("RGB")).astype(int)
    grey = np.ptp(picture, axis=2) < 10
    panels = picture[:, :, 0] < 5
    assert panels.mean() > 0.3
    inside = ndimage.binary_erosion(ndimage.binary_fill_holes(panels), iterations=3)
    assert (grey & inside & (picture[:, :, 0] > 60) & (picture[:, :, 0] < 200)).mean() < 1e-3


def test_that_the_page_needs_no_other_file_and_no_network(report: Path) -> None:
    page = report.joinpath("report.html").read_text(encoding="utf-8")
    addresses = re.findall(r"""(?:src|href)=["']([^"']*)""", page)
    assert addresses
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert not re.search(r"https?://|@import|url\(|<script", page)
    assert "The twelve worst slices" in page
    assert "Research use only" in page


def test_that_the_markdown_shows_no_picture(report: Path) -> None:
    text = report.joinpath("evaluation.md").read_text(encoding="utf-8")
    assert "![" not in text
    assert "data:image" not in text
    assert "## 3D Dice" in text


def test_that_the_record_reads_back_as_it_was_written(report: Path, tmp_path: Path) -> None:
    record = EvaluationRecord.from_file(report / "evaluation.json")
    assert [patient.patient for patient in record.patients] == ["patient001", "patient005"]
    record.write(tmp_path / "again.json")
    assert tmp_path.joinpath("again.json").read_bytes() == report.joinpath("evaluation.json").read_bytes()


def test_that_the_record_is_strict_json_with_plain_summary(report: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    raw = json.loads(report.joinpath("evaluation.json").read_text(), parse_constant=refuse)
    assert raw["summary"]["dice_mean"] >= 0
    assert all(isinstance(value, float | int) for value in raw["summary"].values())
    assert raw["demographics"]["judged"][0]["height_cm"]["mean"] == 170


def test_that_a_damaged_record_is_named_with_its_field(tmp_path: Path, report: Path) -> None:
    from cinecor.errors import InputError

    raw = json.loads(report.joinpath("evaluation.json").read_text())
    raw["model"]["precision"] = 7
    damaged = tmp_path / "damaged.json"
    damaged.write_text(json.dumps(raw))
    with pytest.raises(InputError, match=r"model\.precision"):
        EvaluationRecord.from_file(damaged)


def test_that_the_help_names_every_kind_of_model(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "model package (.cinecor), ONNX file or folder of a training run" in said


def test_that_wrong_data_are_told_in_one_line(
    untrained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", str(untrained_run), "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "No ACDC patients" in error
    assert not (tmp_path / "out").exists()


@pytest.fixture
def _discs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of what an untrained network draws, a cavity of 20 pixels in the middle of every frame."""

    def disc(_: PipelineSegmenter, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        y, x = np.ogrid[: stack.rows, : stack.columns]
        cavity = np.hypot(y - stack.rows / 2, x - stack.columns / 2) < 20
        return np.broadcast_to(3 * cavity.astype(np.uint8), stack.pixels.shape)

    monkeypatch.setattr(PipelineSegmenter, "__call__", disc)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.usefixtures("_discs")
def test_that_studies_of_other_scanners_join_the_report(
    untrained_run: Path, small_acdc: Path, sunnybrook: Path, siemens: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    studies = ["--sunnybrook", str(sunnybrook), "--siemens", str(siemens)]
    assert main(["--model", str(untrained_run), "--data", str(small_acdc), "--out", str(out), *studies]) == 0
    record = EvaluationRecord.from_file(out / "evaluation.json")
    assert record.contoured is not None
    assert len(record.contoured.frames) == 18
    assert record.summary["other_scanner_dice_lv"] == pytest.approx(record.contoured.lv_dice, abs=1e-4)
    assert record.unlabelled is not None
    assert (record.unlabelled.slices, record.unlabelled.phases) == (6, 25)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "every slice in every phase" in page
    assert "frames with an expert" in page


def test_that_a_further_data_set_is_judged_by_both_conventions_where_the_run_knows_its_own(
    small_acdc: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(channels=(8, 8), size_px=64, conventions=("myops",))
    RunFolder(tmp_path / "run").claim(config)
    network = Conventions(UNet(config.channels, inputs=3), 2)
    save_weights(network.network, RunFolder(tmp_path / "run").weights)
    save_weights(network.offsets, RunFolder(tmp_path / "run").offsets)
    crops = tmp_path / "crops" / "105"
    crops.mkdir(parents=True)
    labels = np.kron(np.array([[1, 2], [3, 0]]), np.ones((16, 16))).astype(np.uint8)
    for name, values in (("0", labels * 50), ("0_labels", labels)):
        Image.fromarray(values).save(crops / f"{name}.png")
    (crops / "info.json").write_text('{"slices": [0]}')
    out = tmp_path / "report"
    also = ["--also", f"myops={crops.parent}", "--patients", "patient005"]
    assert main(["--model", str(tmp_path / "run"), "--data", str(small_acdc), "--out", str(out), *also]) == 0
    record = EvaluationRecord.from_file(out / "evaluation.json")
    assert [(result.source, result.convention) for result in record.sources] == [
        ("myops", "the model's"),
        ("myops", "its own"),
    ]
    assert record.sources[0].figures == record.sources[1].figures  # its offsets are zero
    assert "## Other data sets" in (out / "evaluation.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class NothingDrawn:
    """A peer that outlines nothing."""

    identity: ModelIdentity = field(default_factory=lambda: ModelIdentity("nobody", "0.1", "0" * 64, "fp32"))

    def __call__(self, stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:  # noqa: ARG002
        return np.zeros(stack.pixels.shape, dtype=np.uint8)


def test_that_the_peer_stands_beside_the_model_in_the_same_report(
    untrained_run: Path, small_acdc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor_training.evaluation.report_folder.open_peer", lambda wheel, *, folder: NothingDrawn())  # noqa: ARG005
    out = tmp_path / "report"
    more = ["--also", f"acdc={small_acdc}", "--patients", "patient005", "--peer-wheel", "peer.whl"]
    assert main(["--model", str(untrained_run), "--data", str(small_acdc), "--out", str(out), *more]) == 0
    record = EvaluationRecord.from_file(out / "evaluation.json")
    assert record.beside is not None
    assert record.beside.model.id == "nobody"
    assert [patient.patient for patient in record.beside.patients] == ["patient005"]
    assert record.beside.figures["dice_lv"].value == 0
    assert [one.source for one in record.beside.sources] == ["acdc"]
    told = (out / "evaluation.md").read_text(encoding="utf-8")
    assert "## Side by side" in told
    assert "acdc, nobody 0.1" in told


def test_that_outlines_of_the_peer_are_made_once_and_then_tell_no_time(
    untrained_run: Path, small_acdc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor_training.evaluation.report_folder.open_peer", lambda wheel, *, folder: NothingDrawn())  # noqa: ARG005
    out, kept = tmp_path / "report", tmp_path / "outlines"
    more = ["--patients", "patient005", "--peer-wheel", "peer.whl", "--peer-outlines", str(kept)]
    command = ["--model", str(untrained_run), "--data", str(small_acdc), "--out", str(out), *more]
    assert main(command) == 0
    first = EvaluationRecord.from_file(out / "evaluation.json").beside
    monkeypatch.delattr(NothingDrawn, "__call__")  # nobody is asked again
    assert main(command) == 0
    assert EvaluationRecord.from_file(out / "evaluation.json").beside == first
    assert first is not None
    assert [patient.seconds for patient in first.patients] == [0.0]
    seconds = next(line for line in (out / "evaluation.md").read_text("utf-8").splitlines() if "seconds a" in line)
    assert seconds.split("|")[-3].strip() == "–"


def test_that_a_wrong_wheel_is_told_before_anything_is_judged(
    untrained_run: Path, small_acdc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "peer.whl").write_bytes(b"no archive")
    arguments = ["--model", str(untrained_run), "--data", str(small_acdc), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--peer-wheel", str(tmp_path / "peer.whl")]) == 1
    told = capsys.readouterr()
    assert "no wheel of myopari" in told.err
    assert not told.out
    assert not (tmp_path / "out").exists()


def test_that_a_sites_studies_are_judged_by_the_right_that_is_named(
    untrained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--model", str(untrained_run), "--data", f"corrected={tmp_path}", "--out", str(tmp_path / "out")]
    assert main(command) == 2
    assert "say by --consent" in capsys.readouterr().err
    assert main([*command, "--consent", "ethics vote 1/26"]) == 1
    assert "No corrected studies" in capsys.readouterr().err
