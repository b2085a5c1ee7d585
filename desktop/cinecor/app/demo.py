"""The demonstration study: a synthetic heart whose volumes are known."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor.study import open_input
from cinecor_phantom import Truth, make_phantom, write_dicom


@dataclass(frozen=True, slots=True)
class DemoStudy:
    """Where the demonstration study lies, and what it really measures."""

    folder: Path
    truth: Truth

    def __str__(self) -> str:
        truth = self.truth
        return (
            f"Synthetic study: {self.folder}\n"
            f"  Known by construction: LV EDV {truth.lv_edv_ml:.1f} mL, ESV {truth.lv_esv_ml:.1f} mL, "
            f"EF {truth.lv_ef_percent:.1f} %, mass {truth.lv_mass_g:.1f} g; "
            f"RV EDV {truth.rv_edv_ml:.1f} mL, ESV {truth.rv_esv_ml:.1f} mL, EF {truth.rv_ef_percent:.1f} %\n"
            "  The model has learnt from people and never saw this phantom: differences of a few per cent are usual, "
            "more in mass"
        )


def demo_study(folder: Path) -> DemoStudy:
    """Return the demonstration study below `folder`, written as a Siemens scanner would; made once, then reused.

    Raises `UsageError` when another study lies there: its volumes are not those that would be told.
    """
    phantom = make_phantom()
    study = folder / "study"
    if not study.is_dir():
        write_dicom(phantom, study, style="siemens")
    elif not np.array_equal(open_input(study)[0].pixels, phantom.pixels):
        raise UsageError(
            Message(
                "other_study_there",
                "{folder} holds another study than the demonstration's; choose another --out.",
                folder=study,
            )
        )
    return DemoStudy(study, phantom.truth)
