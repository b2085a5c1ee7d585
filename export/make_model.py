"""The road to the bundled model: unpack, train each recipe, average, evaluate, export. Resumes where it was stopped.

usage: python export/make_model.py --data FOLDER --runs FOLDER [--recipes FOLDER] [--out MODEL.cinecor | --trial STEPS]

`--data` is a folder with ACDC's training part under `acdc/training` and the other data sets that the recipes name under
their kinds' names (`kaggle`, …), or one with an `unpack.py` that makes it. The recipes (`training/recipes/*.json`) are
trained in the order of their names, each in a run folder of its own name; one may name an earlier one as its "start",
and as its "data" further sources, whose folders are filled in here. One with an "average" is no run but the mean of
the earlier ones it names. Those that start where the last one starts are averaged.

`--trial` goes the same way with so few steps a run, to see within an hour that the chain holds. Everything lies in the
folder `trial` of the runs; the network, which is good for nothing, is judged and handed to the export's gates, which
may refuse it.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cinecor import console
from cinecor.failure import DONE
from cinecor.inference.package.manifest import CARD
from cinecor.inference.package.model_package import read_package

with console.extras_needed("make_model"):
    from cinecor_export.card import failures_name
    from cinecor_export.cli import export as export_command
    from cinecor_export.cli import main as export_onnx
    from cinecor_export.public_data import licences, origins
    from cinecor_export.refusal import ExportRefused
    from cinecor_training.cli import main as train
    from cinecor_training.evaluate_cli import main as evaluate
    from cinecor_training.evaluation.report_folder import FAILURES_NAME
    from cinecor_training.run_folder import RunFolder
    from cinecor_training.soup import average_runs

_PLACES = {"acdc": Path("acdc", "training")}  # of a kind below --data; the others lie under their own names
_VERSION = "3"  # the bundled one is 2: what the chain leads to is another network
_HERE = Path(__file__).parents[1]
_BUNDLED = _HERE / "resources" / "cinecor_resources" / "models" / "cinecor-sax.cinecor"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training run of the chain."""

    name: str
    settings: dict[str, object]
    until: int | None = None  # the step at which the run is stopped, if before its schedule's end

    @property
    def average(self) -> tuple[str, ...]:
        """The earlier recipes whose mean it is, in place of a training of its own; a name twice counts twice."""
        named = self.settings.get("average")
        return tuple(named) if isinstance(named, list) else ()

    @property
    def start(self) -> object:
        """Where its weights begin: a recipe's name, a path, or nothing."""
        return self.settings.get("start")

    @property
    def sources(self) -> tuple[dict[str, object], ...]:
        """The sources it learns from, without their folders; ACDC where it names none, nothing for an average."""
        if self.average:
            return ()
        named = self.settings.get("data")
        return tuple(named) if isinstance(named, list) else ({"kind": "acdc"},)

    def shortened(self, steps: int) -> "Recipe":
        """Return the recipe of a trial: as many steps at most, half of them where it is stopped early."""
        if self.average:
            return self
        fewer = {name: min(steps, int(str(self.settings.get(name, steps)))) for name in ("steps", "warmup_steps")}
        until = None if self.until is None else max(1, steps // 2)
        return Recipe(self.name, {**self.settings, **fewer, "evaluate_every": fewer["steps"]}, until)

    def resolved(self, runs: Path, earlier: Sequence[str], *, data: Path) -> dict[str, object]:
        """Return its settings with an earlier recipe's run folder in place of its name, and the sources' folders."""
        own: dict[str, object] = {
            "data": [{**source, "folder": str(place(data, str(source["kind"])))} for source in self.sources]
        }
        if self.start in earlier:
            own["start"] = str(runs / str(self.start))
        return {**self.settings, **own}


def read_recipes(folder: Path) -> tuple[Recipe, ...]:
    """Read the recipes in `folder`, in the order of their names; without any, the defaults are the only one."""
    found = []
    for path in sorted(folder.glob("*.json")):
        settings = json.loads(path.read_text("utf-8"))
        found.append(Recipe(path.stem, settings, settings.pop("until", None)))
    return tuple(found) or (Recipe("model", {}),)


def averaged(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Return the names of the recipes whose runs make the model: those that start where the last one starts."""
    last = recipes[-1]
    return tuple(recipe.name for recipe in recipes if last.start is not None and recipe.start == last.start) or (
        last.name,
    )


def place(data: Path, kind: str) -> Path:
    """Return where a kind of data lies below `data`."""
    return data / _PLACES.get(kind, Path(kind))


def kinds(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Return the kinds of data that the recipes learn from, each once, in their order."""
    return tuple(dict.fromkeys(str(source["kind"]) for recipe in recipes for source in recipe.sources))


def train_recipes(recipes: Sequence[Recipe], *, data: Path, runs: Path, store: Path) -> int:
    """Train what is not trained yet, from frames that are kept in `store`; gives the first exit code that is not 0."""
    for number, recipe in enumerate(recipes):
        run = RunFolder(runs / recipe.name)
        if run.weights.is_file():
            continue
        runs.mkdir(parents=True, exist_ok=True)
        if recipe.average:
            average_runs([runs / name for name in recipe.average], run.path)
            continue
        config = runs / f"{recipe.name}.json"
        settings = recipe.resolved(runs, [earlier.name for earlier in recipes[:number]], data=data)
        config.write_text(json.dumps(settings, indent=1) + "\n", "utf-8")
        arguments = ["--out", str(run.path), "--config", str(config)]
        stop = [] if recipe.until is None else ["--until", str(recipe.until)]
        code = train([*arguments, "--store", str(store), *stop])
        if code:
            return code
    return 0


def _unpacked(data: Path, runs: Path, needed: Sequence[str]) -> Path:
    """Return the folder that holds the studies as their providers publish them; unpack them if needed."""

    def complete(folder: Path) -> bool:
        return all(place(folder, kind).is_dir() for kind in needed)

    if complete(data):
        return data
    unpacked = runs / "data"
    if not complete(unpacked):
        subprocess.run([sys.executable, data / "unpack.py", unpacked], check=True)
    return unpacked


def _studies(data: Path) -> list[str]:
    """Return options for the studies of other scanners, where they lie beside ACDC."""
    folders = {"--sunnybrook": data / "sunnybrook", "--siemens": data / "siemens"}
    return [part for option, folder in folders.items() if folder.is_dir() for part in (option, str(folder))]


def _tried(exporting: list[str]) -> int:
    """Export the network of a trial, worse than the one in use as it is; the gates' refusal is an end, too."""
    try:
        export_command([*exporting, "--allow-worse"])
    except ExportRefused as refused:
        sys.stdout.write(f"{refused}\n")
    sys.stdout.write("The trial went through the whole chain; its network is good for nothing.\n")
    return DONE


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--recipes", type=Path, default=_HERE / "training" / "recipes")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--out", type=Path, default=_BUNDLED)
    where.add_argument("--trial", type=int, metavar="STEPS", help="so few steps a run, into the runs' folder “trial”")
    options = parser.parse_args()
    if options.trial is not None and options.trial < 1:
        parser.error("--trial: a run has at least one step")
    recipes = read_recipes(options.recipes)
    used = kinds(recipes)
    data = _unpacked(options.data, options.runs, used)
    runs, out, name = options.runs, options.out, "cinecor-sax"
    if options.trial is not None:
        recipes = tuple(recipe.shortened(options.trial) for recipe in recipes)
        runs = options.runs / "trial"
        out, name = runs / "trial.cinecor", "trial"
    code = train_recipes(recipes, data=data, runs=runs, store=options.runs / "store")
    if code:
        return code
    names = averaged(recipes)
    model = runs / (names[0] if len(names) == 1 else "average")
    if not RunFolder(model).weights.is_file():
        average_runs([runs / name for name in names], model)
    shown = ["--data", f"acdc={place(data, 'acdc')}", *_studies(data)]
    also = [part for kind in used if kind != "acdc" for part in ("--also", f"{kind}={place(data, kind)}")]
    terms = ["--id", name, "--model-version", _VERSION, "--trained-on", origins(used), "--licence", licences(used)]
    code = evaluate(["--model", str(model), "--out", str(model / "evaluation"), *shown, *also])
    if code:
        return code
    exporting = [str(model), "--out", str(out), *shown, *terms]
    if options.trial is not None:
        return _tried(exporting)
    code = export_onnx(exporting)
    if code:
        return code
    card = out.with_suffix(".md")
    package = read_package(out)
    card.write_bytes(package.part(CARD))
    shutil.copyfile(model / "evaluation" / FAILURES_NAME, card.with_name(failures_name(package.manifest.id)))
    sys.stdout.write(f"{card}\n")
    return DONE


if __name__ == "__main__":
    sys.exit(console.run(_run, program="make_model"))
