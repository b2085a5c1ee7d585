"""Fit what a model's doubt is told by, and measure whether it finds what is wrong.

usage: python training/measure_doubt.py --model MODEL --acdc FOLDER --kaggle FOLDER --out FOLDER

The training patients of ACDC and of the competition give the constants of the frames; of the competition's, every third
number gives the scale of the EF interval (readers' EF of the same frames: where the model errs), the others its
quantiles (true EF of the whole cine: by how much); whom the data sets' rules hold out (numbers divisible by 5) are
reported on. OUT gets `reliability.json`, which `export-onnx --reliability` or `export/add_reliability.py` puts into a
package, and `doubt.md`. The outlines are kept in OUT and made once.

The competition's readers outlined the LV alone; ACDC's 20 held-out patients are too few for an interval of the RV. A
model that was trained on the competition's patients must not be calibrated by them: give `--model` a run without them.
"""

import argparse
import sys
from pathlib import Path

from cinecor import console
from cinecor.failure import DONE
from cinecor.inference.package.reliability import FEWEST_PATIENTS
from cinecor.measure.ventricle import Ventricle

with console.extras_needed("measure_doubt"):
    from cinecor_training.data.acdc_source import AcdcSource
    from cinecor_training.data.case import Source
    from cinecor_training.data.kaggle_source import KaggleSource
    from cinecor_training.doubt.figures import doubt_figures
    from cinecor_training.doubt.fit import fit_reliability, least_confidence
    from cinecor_training.doubt.frame_outcomes import frame_outcomes
    from cinecor_training.doubt.lv_interval import lv_interval
    from cinecor_training.doubt.outlined_patient import OutlinedPatient, outlined_patients
    from cinecor_training.doubt.page import doubt_page
    from cinecor_training.evaluation.trained_run import open_subject


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--acdc", type=Path, required=True)
    parser.add_argument("--kaggle", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = open_subject(options.model, device="cpu")

    def outlined(source: Source) -> list[OutlinedPatient]:
        found = []
        for one in outlined_patients(source, model, keep=options.out / source.name):
            if isinstance(one, OutlinedPatient):
                found.append(one)
            else:
                sys.stderr.write(f"measure_doubt: left out {source.name} {one}\n")
        return found

    acdc = outlined(AcdcSource(options.acdc))
    kaggle = outlined(KaggleSource(options.kaggle, volume_tolerance=None))
    fitting = [one for one in kaggle if not one.held_out]
    reported = [one for one in kaggle if one.held_out]
    acdc_fitting, acdc_reported = ([one for one in acdc if one.held_out is held_out] for held_out in (False, True))

    lv_frames = [frame_outcomes(one, Ventricle.LV) for one in (*fitting, *acdc_fitting)]
    if fitting:
        found = least_confidence(lv_frames[: len(fitting)])
        sys.stdout.write(f"least confidence of a model without constants: {found}\n\n")
    rv_frames = [frame_outcomes(one, Ventricle.RV) for one in acdc_fitting]
    behind = f"{len(fitting)} patients of the competition (LV), {len(acdc_fitting)} of ACDC"
    interval = lv_interval(fitting, reported, acdc_reported)
    if interval is None:
        sys.stderr.write(f"measure_doubt: fewer than {FEWEST_PATIENTS} patients: no EF interval\n")
    reliability = fit_reliability(
        (*lv_frames, *rv_frames), data=behind, ef={} if interval is None else {"lv": interval}
    )
    figures = [
        doubt_figures([frame_outcomes(one, ventricle) for one in patients], reliability, data=name)
        for name, patients, ventricle in (
            ("competition, held out", reported, Ventricle.LV),
            ("ACDC, held out", acdc_reported, Ventricle.LV),
            ("ACDC, held out", acdc_reported, Ventricle.RV),
            ("competition, fitted", fitting, Ventricle.LV),
            ("ACDC, fitted", acdc_fitting, Ventricle.LV),
            ("ACDC, fitted", acdc_fitting, Ventricle.RV),
        )
        if patients
    ]
    (options.out / "reliability.json").write_text(reliability.to_json(), "utf-8")
    page = doubt_page(figures, reliability, identity=model.identity)
    (options.out / "doubt.md").write_text(page, "utf-8")
    sys.stdout.write(page)
    return DONE


if __name__ == "__main__":
    sys.exit(console.run(_run, program="measure_doubt"))
