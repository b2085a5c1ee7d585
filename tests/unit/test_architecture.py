"""The picture of the packages is drawn from the imports as they are, and the text names every package."""

import importlib.util
from pathlib import Path
from types import ModuleType

import grimp

DOCS = Path(__file__).parents[2] / "docs"


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_that_the_picture_of_the_packages_is_up_to_date() -> None:
    script = _script("make_architecture")
    kept = script.PICTURE.read_text(encoding="utf-8")
    assert script.picture() == kept, "run `make architecture` and look at docs/images/architecture.svg"
    assert all(f">{name}<" in kept for name in ("study", "inference", "measure", "review", "report", "ui", "cli"))


def test_that_no_modules_import_one_another_in_a_circle() -> None:
    script = _script("structure")
    graph = grimp.build_graph(*script.ROOTS)
    assert script.circle(graph) == ()
    graph.add_import(importer="cinecor.message", imported="cinecor.errors")
    assert set(script.circle(graph)) == {"cinecor.message", "cinecor.errors"}


def test_that_every_small_module_with_one_user_is_explained_and_nothing_else_is() -> None:
    script = _script("structure")
    lines = script.lines_of_modules()
    small = script.small_with_one_user(grimp.build_graph(*script.ROOTS), lines)
    assert small.keys() == script.EXPLAINED.keys()
    assert all(lines[module] < script.SMALL_LINES for module in small)
    graph = grimp.ImportGraph()
    graph.add_import(importer="its_user", imported="small")
    graph.add_import(importer="its_user", imported="large")
    assert script.small_with_one_user(graph, {"small": 24, "large": 25}) == {"small": "its_user"}
