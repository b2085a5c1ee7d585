"""The layer contracts hold, and each one is able to fail."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPONENTS = ("desktop", "training", "export", "resources")

BREACHES = [
    ("desktop/cinecor/study/cine_stack.py", "import cinecor.report.results", "layers depend one way"),
    ("desktop/cinecor/study/series/derived.py", "import cinecor.study.stack.repeated_slice", "wings of the study"),
    (
        "desktop/cinecor/inference/package/manifest.py",
        "import cinecor.inference.device.hardware",
        "wings of the inference",
    ),
    ("desktop/cinecor/measure/reference/table.py", "import cinecor.measure.reference.shipped", "Reference ranges go"),
    ("desktop/cinecor/inference/outline/crop.py", "import torch", "never imports torch"),
    ("desktop/cinecor/measure/curves.py", "import PySide6", "No Qt below"),
    ("desktop/cinecor/scene/cells.py", "import pyqtgraph", "No Qt below"),
    ("desktop/cinecor/app/recent.py", "import cinecor.scene.cells", "layers depend one way"),
    ("desktop/cinecor/scene/timeline.py", "import cinecor.ui.look.texts", "layers depend one way"),
    ("desktop/cinecor/ui/views/image_view.py", "import cinecor.ui.panels.toast", "wings of the desktop"),
    ("desktop/cinecor/ui/tools/scrub.py", "import cinecor.ui.views.frame_art", "wings of the desktop"),
    ("desktop/cinecor/ui/window/leaving.py", "import cinecor.ui.window.window", "window's parts"),
    ("desktop/cinecor/review/result.py", "import pyqtgraph", "No Qt below"),
    ("desktop/cinecor/measure/curves.py", "import cinecor.measure.findings.finding", "Findings are about measurements"),
    ("desktop/cinecor/measure/findings/coverage.py", "import cinecor.measure.findings.assess", "Findings go from one"),
    ("desktop/cinecor/measure/regional/wall.py", "import cinecor.measure.regional.function", "Regional function goes"),
    ("desktop/cinecor/report/incoming/cvi42.py", "import cinecor.report.dicom.source_study", "wings of the report"),
    ("desktop/cinecor/review/borders/__init__.py", "import cinecor.review.tools", "wings of the review"),
    ("desktop/cinecor/cohort/input_row.py", "import cinecor.cohort.manifest", "A cohort goes from"),
    ("desktop/cinecor/agreement/level.py", "import cinecor.agreement.figures", "Agreement goes from"),
    ("desktop/cinecor/app/report_study.py", "import cinecor.app.export_study", "What is taken along"),
    ("desktop/cinecor/cli/main.py", "import PySide6", "The command line reaches Qt"),
    ("training/cinecor_training/loss.py", "import cinecor_export.cli", "Training knows nothing"),
    ("training/cinecor_training/data/split.py", "import cinecor_training.doubt.page", "wings of the training"),
    ("resources/cinecor_resources/__init__.py", "import cinecor.errors", "Resources are files"),
]


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    code = (
        f"import sys; sys.path[:0] = {[str(root / part) for part in COMPONENTS]!r}; "
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip


def _copy(destination: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", destination)
    for part in COMPONENTS:
        shutil.copytree(ROOT / part, destination / part, ignore=shutil.ignore_patterns("__pycache__", "*.onnx"))
    return destination


def test_that_the_layer_contracts_hold(tmp_path: Path) -> None:
    result = _lint(_copy(tmp_path))
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each contract that does not hold where every breach is planted: its lines by its name."""
    root = _copy(tmp_path_factory.mktemp("breached"))
    for module, line, _ in BREACHES:
        with (root / module).open("a") as file:
            file.write(f"\n{line}\n")
    result = _lint(root)
    assert result.returncode != 0
    details = result.stdout.partition("Broken contracts\n")[2]
    headed = re.split(r"^(\S[^\n]*)\n-{5,}\n", details, flags=re.MULTILINE)
    return dict(zip(headed[1::2], headed[2::2], strict=True))


@pytest.mark.parametrize(("module", "line", "contract"), BREACHES, ids=[breach[0] for breach in BREACHES])
def test_that_a_breach_of_a_contract_is_found(breached: dict[str, str], module: str, line: str, contract: str) -> None:
    importer = ".".join(Path(module).with_suffix("").parts[1:]).removesuffix(".__init__")
    (said,) = (text for name, text in breached.items() if contract in name)
    assert f"{importer} -> {line.removeprefix('import ')} " in said


def test_that_every_part_of_the_application_has_its_layer() -> None:
    """A new file or wing takes its place before others import it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    whole = next(one for one in project["tool"]["importlinter"]["contracts"] if "application's layers" in one["name"])
    placed = {name for layer in whole["layers"] for name in layer.split(" | ")}
    parts = [path for path in (ROOT / "desktop" / "cinecor").iterdir() if path.suffix == ".py" or path.is_dir()]
    named = {f"cinecor.{path.stem}" for path in parts if path.stem not in ("__init__", "__pycache__")}
    assert named - placed == set()


def test_that_every_contract_has_its_breach() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [contract["name"] for contract in project["tool"]["importlinter"]["contracts"]]
    assert [name for name in names if not any(part in name for _, _, part in BREACHES)] == []
