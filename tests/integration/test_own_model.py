"""The tutorial docs/own-model.md, command by command, with fewer studies and steps."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("CINECOR_TUTORIAL" not in os.environ, reason="trains and exports for minutes: `make tutorial`"),
]
_STUDIES = 10


def _commands() -> list[str]:
    text = (ROOT / "docs" / "own-model.md").read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)


def _shorter(command: str) -> str:
    return command.replace("--studies 50", f"--studies {_STUDIES}")


def _write_recipe(place: Path, name: str, **changes: object) -> None:
    """Write the tutorial's recipe with fewer steps and phantoms."""
    recipe = json.loads((ROOT / "docs" / "own-model.json").read_text(encoding="utf-8"))
    recipe |= {"steps": 150, "warmup_steps": 5, "average_decay": 0.95, "evaluate_every": 150, **changes}
    recipe["data"][1]["count"], recipe["data"][2]["count"] = 4, 2
    (place / "docs" / name).write_text(json.dumps(recipe))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that looks like a checkout, with a recipe of a few minutes."""
    place = tmp_path_factory.mktemp("own-model")
    (place / "resources").symlink_to(ROOT / "resources")
    (place / "docs").mkdir()
    for name in ("make_site.py", "own-model.md"):
        (place / "docs" / name).symlink_to(ROOT / "docs" / name)
    _write_recipe(place, "own-model.json")
    return place


def _run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "CINECOR_HOME": str(place / "site"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.run(
        ["bash", "-e", "-c", command], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def told(place: Path) -> list[str]:
    """Run every command of the tutorial and return what each printed."""
    said = []
    for command in map(_shorter, _commands()):
        run = _run(command, place)
        assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"
        said.append(run.stdout + run.stderr)
    return said


def test_that_the_way_leads_from_signed_studies_to_a_model_in_use_and_back(told: list[str], place: Path) -> None:
    made, _, exported, installed, back, drift = told
    assert made.count("signed") == _STUDIES
    assert "heart-centre 2026.12" in exported
    assert re.search(r"\* [0-9a-f]{12} .*signed with a trusted key", installed)
    assert re.search(r"\* bundled", back)
    assert re.search(rf"20\d\d-\d\d +{_STUDIES} ", drift)
    assert "Not yet" in drift
    assert (place / "mine.cinecor").is_file()


def test_that_the_new_model_is_better_on_the_new_scanner_and_no_worse_elsewhere(told: list[str]) -> None:
    drops = dict(re.findall(r"not worse than .* on (own|other) patients: drop of mean Dice: (\S+) Dice", told[2]))
    assert float(drops["own"]) < -0.02  # of the patients who never trained
    assert float(drops["other"]) <= 0.002


def test_that_a_worse_model_is_refused_with_the_figures(told: list[str], place: Path) -> None:
    _write_recipe(place, "worse.json", steps=4, warmup_steps=1, learning_rate=0.05)
    trained = _run("cinecor-train --config docs/worse.json --store runs/mine/store --out runs/worse", place)
    assert trained.returncode == 0, trained.stderr
    run = _run("export-onnx runs/worse --out worse.cinecor --id heart-centre --model-version 2027.1", place)
    assert run.returncode == 1
    assert re.search(r"Refused, nothing was written: not worse than .*drop of mean Dice [0-9.]+ Dice", run.stderr)
    assert not (place / "worse.cinecor").exists()


def test_that_every_signed_reading_is_accounted_for_without_a_name(told: list[str], place: Path) -> None:
    with (place / "runs" / "mine" / "provenance.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * _STUDIES  # ED and ES
    assert len({row["patient"] for row in rows}) == _STUDIES
    assert all(len(row["signature"]) == 64 and row["consent"] and row["licence"] == "CC0-1.0" for row in rows)
    text = (place / "runs" / "mine" / "provenance.csv").read_text()
    assert "patient1000" not in text
    split = json.loads((place / "runs" / "mine" / "split.json").read_text())
    own = {row["patient"] for row in rows}
    sides = [{name.partition("/")[2] for name in split[side]} & own for side in ("training", "validation")]
    assert sides[0].isdisjoint(sides[1])
    assert sides[0] | sides[1] == own
    assert sides[1]
