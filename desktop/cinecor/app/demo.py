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

    @property
    def known(self) -> Message:
        """What its volumes really are, and how far off the model's may be."""
        truth = self.truth
        return Message(
            "demo_known",
            "Known by construction: LV EDV {lv_edv:.0f} mL, ESV {lv_esv:.0f} mL, EF {lv_ef:.1f} %, mass {mass:.0f} g; "
            "RV EDV {rv_edv:.0f} mL, ESV {rv_esv:.0f} mL, EF {rv_ef:.1f} %. The model has learnt from people and never "
            "saw this phantom: differences of a few percent are usual in volumes; it draws the wall too thin, which "
            "takes about 15 percent from the mass, and no mark tells that.",
            lv_edv=truth.lv_edv_ml,
            lv_esv=truth.lv_esv_ml,
            lv_ef=truth.lv_ef_percent,
            mass=truth.lv_mass_g,
            rv_edv=truth.rv_edv_ml,
            rv_esv=truth.rv_esv_ml,
            rv_ef=truth.rv_ef_percent,
        )

    def __str__(self) -> str:
        """Return what a terminal tells of it."""
        return f"Synthetic study: {self.folder}\n  {self.known}"


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
