"""The picture of the packages is drawn from the imports as they are, and the text names every package."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_that_the_picture_of_the_packages_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_architecture", DOCS / "make_architecture.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    kept = script.PICTURE.read_text(encoding="utf-8")
    assert script.picture() == kept, "run `make architecture` and look at docs/images/architecture.svg"
    assert all(f">{name}<" in kept for name in ("study", "inference", "measure", "review", "report", "ui", "cli"))
