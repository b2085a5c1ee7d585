"""Rules of the model card, as it lies in the package."""

import re
from pathlib import Path

import pytest

from cinecor.inference.package.model_package import read_package

SECTIONS = (
    "Intended use",
    "Training data",
    "How it was measured",
    "3D Dice",
    "Clinical numbers",
    "Surface distances, mm",
    "Dice by slice level",
    "Dice by group",
    "Variants",
    "Gates",
    "Known failures",
    "What it was not tried on",
)


@pytest.fixture(scope="module")
def card(exported: Path) -> str:
    return read_package(exported).part("card.md").decode()


@pytest.mark.parametrize("section", SECTIONS)
def test_that_the_card_has_every_section(card: str, section: str) -> None:
    assert f"\n## {section}\n" in card


def test_that_the_card_shows_no_picture_but_the_outlines_beside_it(card: str) -> None:
    assert re.findall(r"!\[[^]]*\]\(([^)]*)\)", card) == ["cinecor-sax-failures.png"]
    assert "data:image" not in card


def test_that_the_card_names_data_licence_and_who_the_patients_are(card: str) -> None:
    assert "discs and rings; 3 patients. Licence: CC0-1.0." in card
    assert "| judged | NOR | 3 | 170 (170 to 170) | 70 (70 to 70) |" in card


def test_that_the_card_names_the_graph_that_was_measured(card: str, exported: Path) -> None:
    sha256 = read_package(exported).manifest.parts["fp32.onnx"].sha256
    assert f"| SHA-256 of the fp32 graph | `{sha256}` |" in card


def test_that_the_card_puts_the_variants_side_by_side(card: str) -> None:
    table = card.partition("\n## Variants\n")[2].partition("\n## ")[0]
    assert [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")][2:] == [
        "fp32",
        "int8",
        "int8, saturating",
        "fp16",
    ]


def test_that_the_card_says_when_there_was_no_model_to_compare_with(card: str) -> None:
    assert "It was not compared with a model in use: " in card


def test_that_failures_are_listed(card: str) -> None:
    assert "- Below a Dice of 0.80: 0 of 18 structures." in card
    assert "### Hardest cases" in card
