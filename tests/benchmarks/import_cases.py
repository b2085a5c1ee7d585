"""Inputs that once went wrong, made by scripts kept elsewhere, given to the program as it is now; as a table.

usage: python tests/benchmarks/import_cases.py CASES_FOLDER [--acdc FRAME.nii.gz] [NAME …]

Each script of the folder writes an input from the program's own phantom (`python NAME.py OUT [options]`). It is read,
and outlined with the active model unless it is refused. Its ejection fraction is held against that of the plain stack
that it was made from, outlined alone: what the model makes of a phantom is no matter of the import. Returns 1 when it
is that of none of the stacks that the case may give, or when what must be told or refused is not.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from cinecor.app.session import open_session
from cinecor.errors import CinecorError
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.measure.measurements import measure
from cinecor.study import CineStack, open_input

_SAME: Final = 0.2  # percentage points of ejection fraction: the same pictures


@dataclass(frozen=True, slots=True)
class Plain:
    """A phantom's study as it is written: what the scripts begin with."""

    style: str = "siemens"
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return style and heart, for a row."""
        return " ".join((self.style, *self.options))


_GE: Final = Plain("ge")
_GE_WEAK: Final = Plain("ge", ("--edv", "150", "--esv", "105"))
_GE_LARGE: Final = Plain("ge", ("--edv", "220", "--esv", "150", "--seed", "5"))


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a script, and what may come of its input."""

    script: str
    arguments: tuple[str, ...] = ("{out}",)
    like: tuple[Plain, ...] = (Plain(),)  # the stacks that it may give; none: it must be refused
    says: str = ""  # the code that a message, or the refusal, must have
    inputs: tuple[str, ...] = ("",)  # below what was written
    within: float = _SAME  # of the ejection fraction


CASES: Final = (
    *(Case("import/two_stacks_interleaved", ("{out}", f"{mm}"), (_GE, _GE_WEAK), "other_stack") for mm in (2, 4, 7)),
    *(
        Case("import/reangled_slices", ("{out}", f"{degrees}"), says="slices_tilted", within=1.0)
        for degrees in (3, 6, 9)
    ),
    Case("import/reangled_slices", ("{out}", "15"), says="goes_on_at_an_angle", within=8.0),  # half of the heart
    Case("import/stress_replaces_rest", like=(_GE,), says="other_stack"),
    Case("import/two_filters_interleaved", like=(_GE,), says="slices_in_two_image_types"),
    Case("import/two_patients_one_study_uid", like=(_GE, _GE_LARGE), says="two_patients_in_study"),
    Case("import/each_image_own_series_philips", like=(Plain("philips"),)),
    *(
        Case("import/enhanced_one_frame_per_file", ("{out}", *how), (Plain("enhanced"),))
        for how in ((), ("only_instance",), ("frame_times",))
    ),
    Case("import/realtime_no_ecg", like=(), says="real_time_cine"),
    Case("import/nifti_canonical", like=(_GE,), inputs=("as_converted.nii.gz", "canonical.nii.gz"), within=1.0),
    Case("reliability/name_collision_partial", ("{study}", "{out}", "{out}.zip", "3", "5"), inputs=("", ".zip")),
    Case("reliability/two_patients", ("{study}", "{other}", "{out}", "4", "7"), (), "two_patients_in_stack"),
    Case("reliability/gzip_crc", ("{nifti}", "{out}.nii.gz"), (), "nifti_damaged", (".nii.gz",)),
    Case("reliability/deflate_bomb", ("{out}", "1024"), (), "lone_file_no_image"),
    Case("reliability/long_element", ("{out}", "1500"), (), "lone_file_no_image"),
)


class Trial:
    """Cases given to a model, beside the plain stacks that they were made from."""

    def __init__(self, cases: Path, folder: Path) -> None:
        self._cases, self._folder = cases, folder
        self._alone: dict[Plain, float] = {}

    @cached_property
    def model(self) -> FrameModel:
        """The active model, opened once."""
        return open_session(device="cpu")

    def written(self, plain: Plain) -> Path:
        """Return the folder of a plain study; written once."""
        out = self._folder / str(plain).replace(" ", "_")
        if not out.exists():
            _cinecor("phantom", "--out", str(out), "--style", plain.style, *plain.options)
        return out / "study"

    def ef_percent(self, stack: CineStack) -> float | None:
        """Return the LV's ejection fraction by the model's outlines."""
        labels = segment(stack, self.model).labels
        return measure(labels, geometry=stack.geometry, heart_rate_bpm=stack.heart_rate_bpm).lv.ef_percent

    def alone(self, plain: Plain) -> float:
        """Return the ejection fraction of a plain study by the same outlines."""
        if plain not in self._alone:
            found = self.ef_percent(open_input(self.written(plain))[0])
            assert found is not None
            self._alone[plain] = found
        return self._alone[plain]

    def rows(self, case: Case, out: Path) -> Iterator[tuple[str, str, bool]]:
        """Run a script, and yield for each of its inputs its name, what comes of it, and whether that is right."""
        materials = {
            "out": str(out),
            "study": str(self.written(Plain())),
            "other": str(self.written(Plain("siemens", ("--edv", "220", "--esv", "150", "--seed", "5")))),
            "nifti": str(self._nifti),
        }
        arguments = [argument.format(**materials) for argument in case.arguments]
        _run((self._cases / case.script).with_suffix(".py"), arguments)
        for below in case.inputs:
            path = out / below if below and not below.startswith(".") else Path(f"{out}{below}")
            yield (f"{case.script} {' '.join(case.arguments[1:])} {below}".strip(), *self.outcome(path, case))

    def outcome(self, path: Path, case: Case) -> tuple[str, bool]:
        """Return what comes of an input, in a line, and whether it is as it must be."""
        try:
            stack, audit = open_input(path)
        except CinecorError as error:
            return f"refused ({error.message.code})", not case.like and error.message.code == case.says
        found = self.ef_percent(stack)
        told = (*audit.cautions, *audit.doubts)
        near = [plain for plain in case.like if found is not None and abs(found - self.alone(plain)) <= case.within]
        alone = ", ".join(f"{plain} {self.alone(plain):.1f}" for plain in case.like)
        line = (
            f"{stack.slices} x {stack.phases}, EF {'-' if found is None else f'{found:.1f}'} (alone: {alone}); "
            f"seen: {sorted({message.code for message in told})}"
        )
        said = not case.says or case.says in {message.code for message in (*audit.warnings, *told)}
        return line, bool(near) and said

    @cached_property
    def _nifti(self) -> Path:
        """The plain study as a NIfTI file."""
        import nibabel
        import numpy as np

        path = self._folder / "plain.nii.gz"
        stack, _ = open_input(self.written(Plain()))
        nibabel.save(nibabel.Nifti1Image(stack.pixels.transpose(3, 2, 0, 1).astype(np.int16), np.eye(4)), path)
        return path


def made_up_axes(cases: Path, frame: Path, model: FrameModel, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield for each header form of one frame its volumes, and whether they are those of the frame as given."""
    _run(cases / "import" / "nifti_made_up_axes.py", [str(frame), str(folder)])
    given: dict[str, float] = {}
    for path in sorted(folder.iterdir()):  # "…_asgiven" comes first
        stack, audit = open_input(path)
        found = measure(segment(stack, model).labels, geometry=stack.geometry, heart_rate_bpm=None)
        curves = found.curves
        volumes = {"LV": float(curves.lv_slices_ml[:, 0].sum()), "RV": float(curves.rv_slices_ml[:, 0].sum())}
        given = given or volumes
        near = all(abs(volumes[name] - given[name]) <= 3.0 for name in volumes)
        told = any(caution.code == "unoriented" for caution in audit.cautions) != stack.geometry.oriented
        line = ", ".join(f"{name} {volume:.1f} mL" for name, volume in volumes.items())
        yield f"nifti_made_up_axes {path.name}", line, near and told


def _run(script: Path, arguments: Sequence[str]) -> None:
    """Run a script, which finds the program beside this Python."""
    environment = {**os.environ, "CINECOR": str(Path(sys.executable).with_name("cinecor"))}
    subprocess.run([sys.executable, str(script), *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)


def _cinecor(*arguments: str) -> None:
    command = str(Path(sys.executable).with_name("cinecor"))
    subprocess.run([command, *arguments], check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Try every case and print the table."""
    parser = argparse.ArgumentParser(description="Inputs that once went wrong, given to the program as it is now.")
    parser.add_argument("cases", type=Path, help="the folder of the scripts")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a script's name; default: all")
    parser.add_argument("--acdc", type=Path, metavar="FRAME", help="a NIfTI frame whose axes are true")
    options = parser.parse_args()
    right = True
    with tempfile.TemporaryDirectory(prefix="cinecor-cases-") as place:
        trial = Trial(options.cases, Path(place))
        for number, case in enumerate(CASES):
            if options.names and not any(name in case.script for name in options.names):
                continue
            for row in trial.rows(case, Path(place) / f"out{number}"):
                right &= _print(row)
        if options.acdc is not None and (not options.names or "nifti_made_up_axes" in options.names):
            for row in made_up_axes(options.cases, options.acdc, trial.model, Path(place) / "axes"):
                right &= _print(row)
    return 0 if right else 1


def _print(row: tuple[str, str, bool]) -> bool:
    name, line, right = row
    sys.stdout.write(f"| {name} | {line} | {'as it must be' if right else 'WRONG'} |\n")
    sys.stdout.flush()
    return right


if __name__ == "__main__":
    sys.exit(main())
