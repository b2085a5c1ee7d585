"""Rules of the model card."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from cinecor_export.card import model_card
from cinecor_export.cli import main as export_onnx
from cinecor_training.config import TrainingConfig
from cinecor_training.evaluate_cli import main as evaluate
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.network import UNet

SECTIONS = (
    "Intended use",
    "Training data",
    "How it was measured",
    "3D Dice",
    "Clinical numbers",
    "Surface distances, mm",
    "Dice by slice level",
    "Dice by group",
    "Known failures",
    "What it was not tried on",
)


@pytest.fixture(scope="module")
def card(small_acdc: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    run = tmp_path_factory.mktemp("run")
    config = TrainingConfig(channels=(8, 8), size_px=64)
    torch.manual_seed(3)
    save_file(UNet(config.channels, inputs=2 * config.neighbours + 1).state_dict(), run / "model.safetensors")
    run.joinpath("config.json").write_text(config.model_dump_json())
    draft, final, report = run / "draft.onnx", run / "final.onnx", run / "evaluation"
    terms = ["--data", "discs and rings", "--licence", "CC0-1.0", "--patients", "2"]
    assert export_onnx([str(run), "--out", str(draft), *terms]) == 0
    assert evaluate(["--model", str(draft), "--data", str(small_acdc), "--out", str(report), "--device", "cpu"]) == 0
    figures = ["--figures", str(report / "evaluation.json")]
    assert export_onnx([str(run), "--out", str(final), *terms, *figures]) == 0
    return model_card(final, EvaluationRecord.from_file(report / "evaluation.json"))


@pytest.mark.parametrize("section", SECTIONS)
def test_that_the_card_has_every_section(card: str, section: str) -> None:
    assert f"\n## {section}\n" in card


def test_that_the_card_shows_no_picture(card: str) -> None:
    assert "![" not in card
    assert "data:image" not in card


def test_that_the_card_names_data_licence_and_who_the_patients_are(card: str) -> None:
    assert "discs and rings; 2 patients. Licence: CC0-1.0." in card
    assert "| judged | NOR | 1 | 170 (170 to 170) | 70 (70 to 70) |" in card


def test_that_the_card_says_that_the_file_is_not_the_one_that_was_measured(card: str) -> None:
    assert "the same weights before these figures were written into the file's contract" in card


def test_that_failures_are_named_patient_by_patient(card: str) -> None:
    assert "LV cavity of patient005 at ED" in card
