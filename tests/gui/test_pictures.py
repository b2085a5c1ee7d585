"""The pictures in docs/images are those of the code as it is now."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from .snapshot import differing

ROOT = Path(__file__).parents[2]
AGAIN = ("overview", "matrix", "key-sheet", "settings")  # one of the whole window, and what changes most often
_MOST = 0.002  # of the area: rasterisers differ at the rims of letters and lines


@pytest.fixture(scope="module")
def screenshots() -> ModuleType:
    """docs/make_screenshots.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("make_screenshots", ROOT / "docs" / "make_screenshots.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_that_committed_pictures_are_those_of_the_code(
    qapp: QApplication, screenshots: ModuleType, tmp_path: Path
) -> None:
    screenshots.draw_guide(qapp, screenshots.phantom_study(tmp_path), tmp_path, names=AGAIN)
    for name in AGAIN:
        now, kept = (
            np.asarray(Image.open(folder / f"desktop-{name}.png").convert("RGB"))
            for folder in (tmp_path, ROOT / "docs" / "images")
        )
        share, _ = differing(now, kept)
        assert share < _MOST, f"docs/images/desktop-{name}.png is out of date in {share:.1%}; run `make screenshots`"


def test_that_the_guides_tables_are_those_of_the_code(screenshots: ModuleType, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    again = tmp_path / "guide.md"
    again.write_text(guide, encoding="utf-8")
    screenshots.write_tables(again)
    assert again.read_text(encoding="utf-8") == guide, "run `make screenshots`"


def test_that_every_picture_of_the_desktop_is_shown_in_a_page() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"images/(desktop-[\w-]+\.png)", page.read_text("utf-8"))}
    there = {path.name for path in (ROOT / "docs" / "images").glob("desktop-*.png")}
    assert shown == there
