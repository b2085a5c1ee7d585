"""Inputs that once went wrong, made by scripts kept elsewhere, given to the program as it is now; as a table.

usage: python tests/benchmarks/import_cases.py CASES_FOLDER [--acdc FRAME.nii.gz] [NAME …]

Each script of the folder writes an input from the program's own phantom (`python NAME.py OUT [options]`). It is read,
and outlined with the active model unless it is refused. Returns 1 when an ejection fraction is none of those that the
case may have, or when what must be told or refused is not.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.app.session import open_session
from cinecor.errors import CinecorError
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.measure.measurements import measure
from cinecor.study import open_input

_WITHIN: Final = 5.0  # percentage points of ejection fraction, between the model’s outlines and the truth


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a script, and what may come of its input."""

    script: str
    arguments: tuple[str, ...] = ("{out}",)
    ef: tuple[float, ...] = (58.0,)  # those that are right; none: it must be refused
    says: str = ""  # the code that a message, or the refusal, must have
    inputs: tuple[str, ...] = ("",)  # below what was written


CASES: Final = (
    *(Case("import/two_stacks_interleaved", ("{out}", f"{mm}"), (61.0, 58.0, 30.0), "other_stack") for mm in (2, 4, 7)),
    *(Case("import/reangled_slices", ("{out}", f"{degrees}"), says="slices_tilted") for degrees in (3, 6, 9)),
    Case("import/reangled_slices", ("{out}", "15"), (58.0, 64.0), "goes_on_at_an_angle"),
    Case("import/stress_replaces_rest", says="other_stack"),
    Case("import/two_filters_interleaved", says="slices_in_two_image_types"),
    Case("import/two_patients_one_study_uid", ef=(58.0, 32.0), says="two_patients_in_study"),
    Case("import/each_image_own_series_philips"),
    Case("import/enhanced_one_frame_per_file"),
    Case("import/enhanced_one_frame_per_file", ("{out}", "only_instance")),
    Case("import/enhanced_one_frame_per_file", ("{out}", "frame_times")),
    Case("import/realtime_no_ecg", ef=(), says="real_time_cine"),
    Case("import/nifti_canonical", inputs=("as_converted.nii.gz", "canonical.nii.gz")),
    Case("reliability/name_collision_partial", ("{study}", "{out}", "{out}.zip", "3", "5"), inputs=("", ".zip")),
    Case("reliability/two_patients", ("{study}", "{other}", "{out}", "4", "7"), (), "two_patients_in_stack"),
    Case("reliability/gzip_crc", ("{nifti}", "{out}.nii.gz"), (), "nifti_damaged", (".nii.gz",)),
    Case("reliability/deflate_bomb", ("{out}", "1024"), (), "lone_file_no_image"),
    Case("reliability/long_element", ("{out}", "1500"), (), "lone_file_no_image"),
)


def outcome(path: Path, model: FrameModel, case: Case) -> tuple[str, bool]:
    """Return what comes of an input, in a line, and whether it is as it must be."""
    try:
        stack, audit = open_input(path)
    except CinecorError as error:
        said = f"refused ({error.message.code})"
        return said, not case.ef and error.message.code == case.says
    found = measure(
        segment(stack, model).labels, geometry=stack.geometry, heart_rate_bpm=stack.heart_rate_bpm
    ).lv.ef_percent
    codes = {message.code for message in (*audit.warnings, *audit.cautions, *audit.doubts)}
    seen = sorted({message.code for message in (*audit.cautions, *audit.doubts)})
    right = found is not None and any(abs(found - ef) <= _WITHIN for ef in case.ef)
    line = f"{stack.slices} x {stack.phases}, EF {found if found is None else round(found, 1)}; seen: {seen}"
    return line, right and (not case.says or case.says in codes)


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


def _materials(folder: Path) -> dict[str, str]:
    """Write two plain studies, and the first as NIfTI, for the scripts that change what they are given."""
    cinecor = str(Path(sys.executable).with_name("cinecor"))
    for name, heart in {"study": [], "other": ["--edv", "220", "--esv", "150", "--seed", "5"]}.items():
        arguments = [cinecor, "phantom", "--out", str(folder / name), "--style", "siemens", *heart]
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    import nibabel
    import numpy as np

    stack, _ = open_input(folder / "study" / "study")
    nibabel.save(
        nibabel.Nifti1Image(stack.pixels.transpose(3, 2, 0, 1).astype(np.int16), np.eye(4)), folder / "plain.nii.gz"
    )
    return {
        "study": str(folder / "study" / "study"),
        "other": str(folder / "other" / "study"),
        "nifti": str(folder / "plain.nii.gz"),
    }


def main() -> int:
    """Try every case and print the table."""
    parser = argparse.ArgumentParser(description="Inputs that once went wrong, given to the program as it is now.")
    parser.add_argument("cases", type=Path, help="the folder of the scripts")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a script's name; default: all")
    parser.add_argument("--acdc", type=Path, metavar="FRAME", help="a NIfTI frame whose axes are true")
    options = parser.parse_args()
    model = open_session(device="cpu")
    with tempfile.TemporaryDirectory(prefix="cinecor-cases-") as place:
        materials = _materials(Path(place))
        rows: list[tuple[str, str, bool]] = []
        for number, case in enumerate(CASES):
            if options.names and not any(name in case.script for name in options.names):
                continue
            out = Path(place) / f"out{number}"
            arguments = [argument.format(out=out, **materials) for argument in case.arguments]
            _run((options.cases / case.script).with_suffix(".py"), arguments)
            for below in case.inputs:
                path = out / below if below and not below.startswith(".") else Path(f"{out}{below}")
                name = f"{case.script} {' '.join(case.arguments[1:])} {below}".strip()
                rows.append((name, *outcome(path, model, case)))
                _print(rows[-1])
        if options.acdc is not None and (not options.names or "nifti_made_up_axes" in options.names):
            for row in made_up_axes(options.cases, options.acdc, model, Path(place) / "axes"):
                rows.append(row)
                _print(row)
    return 0 if all(right for _, _, right in rows) else 1


def _print(row: tuple[str, str, bool]) -> None:
    name, line, right = row
    sys.stdout.write(f"| {name} | {line} | {'as it must be' if right else 'WRONG'} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
