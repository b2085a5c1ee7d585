"""`Kind`: something that Cinecor reads, its mutants, and what came of reading one."""

import io
import json
import random
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from cinecor.app.settings import FORMAT, SETTINGS, Settings
from cinecor.inference.package.model_package import read_package
from cinecor.measure.conventions import NOTICE
from cinecor.report.names import input_id, may_be_replaced
from cinecor.study import open_input
from cinecor_phantom.phantom import Phantom
from cinecor_phantom.shape import HeartShape
from cinecor_resources import bundled_model
from fuzz.clean_study import CleanStudy, clean_study, read_clean, small_phantom
from fuzz.compositions import composition
from fuzz.dicom_mutants import dicom_mutant
from fuzz.mutant import Mutant, damaged
from fuzz.nifti_mutants import PACKED, PLAIN, nifti_bytes_of, nifti_mutant

_SETTINGS = json.dumps(
    {"format": FORMAT, "settings": {setting.name: setting.default for setting in SETTINGS}, "state": {}}
).encode()
_RESULTS = json.dumps(
    {
        "schema_version": 1,
        "notice": str(NOTICE),
        "input": "study",
        "input_id": input_id(Path("/one/study")),
        "stack": {"series_uids": ["1.2.3"]},
    }
).encode()


class Class(Enum):
    """What came of an input; the last ones are faults of the program."""

    SAME = "read as it was"
    TOLD = "read otherwise, and told"
    REFUSED = "refused with a sentence"
    INVISIBLE = "read otherwise, and no reader could know"
    SILENT = "read otherwise without a word"
    NO_SENTENCE = "refused without a whole sentence"
    EXCEPTION = "an exception that is none of the program's own"
    HANG = "no end"
    MEMORY = "more memory than any such input may take"

    @property
    def fault(self) -> bool:
        """Whether the program is at fault."""
        return self in (Class.SILENT, Class.NO_SENTENCE, Class.EXCEPTION, Class.HANG, Class.MEMORY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one input, and a line about it."""

    cls: Class
    detail: str = ""


class Kind(ABC):
    """One kind of input; made once, it gives a mutant for every seed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    @abstractmethod
    def clean(self) -> Mapping[str, bytes]:
        """The files of the input as nothing has happened to them."""

    @abstractmethod
    def mutant(self, seed: int) -> Mutant:
        """Return the mutant of a seed."""

    @abstractmethod
    def read(self, folder: Path) -> Outcome:
        """Read the input that lies in a folder. Raises whatever reading raises."""


class StudyKind(Kind):
    """A study, read by the program's own door and held against the clean one."""

    rows_tell = True  # whether a row of the audit is word enough of a difference

    @cached_property
    def phantom(self) -> Phantom:
        return small_phantom()

    @cached_property
    def study(self) -> CleanStudy:
        return clean_study(self.phantom, self._folder / "clean", style="siemens")

    @property
    def clean(self) -> Mapping[str, bytes]:
        return self.study.files

    def mutant(self, seed: int) -> Mutant:
        return dicom_mutant(self.study, seed)

    def read(self, folder: Path) -> Outcome:
        stack, audit = open_input(self._input(folder))
        different = self.study.differences(stack)
        if not different:
            return Outcome(Class.SAME)
        told = {str(message) for message in (*audit.warnings, *audit.doubts, *audit.cautions)} - self.study.told
        if told or (audit.left_out and self.rows_tell):
            return Outcome(Class.TOLD, "; ".join(different))
        return Outcome(Class.SILENT, "; ".join(different))

    def _input(self, folder: Path) -> Path:
        return folder


class ComposedKind(StudyKind):
    """Two things that might be taken for one, or one for two: an image left out is not told by its row alone."""

    rows_tell = False

    @cached_property
    def phantom(self) -> Phantom:
        return small_phantom(phases=12)

    @cached_property
    def other(self) -> CleanStudy:
        phantom = small_phantom(HeartShape(lv_edv_ml=200, lv_esv_ml=140, rv_edv_ml=190, rv_esv_ml=130), phases=12)
        return clean_study(phantom, self._folder / "other", style="siemens")

    def mutant(self, seed: int) -> Mutant:
        return composition(self.study, self.other, seed)


class EnhancedKind(StudyKind):
    """The same in one enhanced multi-frame file."""

    @cached_property
    def study(self) -> CleanStudy:
        return clean_study(self.phantom, self._folder / "clean", style="enhanced")


class NiftiKind(StudyKind):
    """The same as one NIfTI file."""

    @cached_property
    def study(self) -> CleanStudy:
        dicom = clean_study(self.phantom, self._folder / "dicom", style="siemens")
        path = self._folder / PLAIN
        path.write_bytes(nifti_bytes_of(dicom.stack))
        return read_clean(self.phantom, path, files={PLAIN: path.read_bytes()})

    def mutant(self, seed: int) -> Mutant:
        return nifti_mutant(self.study, seed)

    def _input(self, folder: Path) -> Path:
        return folder / (PACKED if (folder / PACKED).exists() else PLAIN)


class ZipKind(StudyKind):
    """The same in a zip archive."""

    @cached_property
    def archive(self) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.study.files.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        return packed.getvalue()

    @property
    def clean(self) -> Mapping[str, bytes]:
        return {"study.zip": self.archive}

    def mutant(self, seed: int) -> Mutant:
        rng = random.Random(seed)
        directory = self.archive.find(b"PK\x01\x02")
        start = directory if rng.random() < 0.5 else 0
        how, changed = damaged(self.archive[start:], rng)
        return Mutant(f"bytes {how}", {"study.zip": self.archive[:start] + changed})

    def _input(self, folder: Path) -> Path:
        return folder / "study.zip"


class PackageKind(Kind):
    """A model package: what is read without running its graphs."""

    @cached_property
    def package(self) -> bytes:
        return bundled_model().read_bytes()

    @property
    def clean(self) -> Mapping[str, bytes]:
        return {"model.cinecor": self.package}

    def mutant(self, seed: int) -> Mutant:
        rng = random.Random(seed)
        start = rng.choice((0, self.package.find(b"PK\x01\x02"), self.package.find(b"manifest.json")))
        how, changed = damaged(self.package[start:], rng, until=rng.choice((None, 4000)))
        return Mutant(f"bytes {how}", {"model.cinecor": self.package[:start] + changed})

    def read(self, folder: Path) -> Outcome:
        known = read_package(self._original)
        package = read_package(folder / "model.cinecor")
        same = package.sha256 == known.sha256
        return Outcome(Class.SAME if same else Class.SILENT, "" if same else "another manifest")

    @cached_property
    def _original(self) -> Path:
        path = self._folder / "original.cinecor"
        path.write_bytes(self.package)
        return path


class SettingsKind(Kind):
    """The user's settings: whatever the file holds, the program starts, and each value is one that it may have."""

    @property
    def clean(self) -> Mapping[str, bytes]:
        return {"settings.json": _SETTINGS}

    def mutant(self, seed: int) -> Mutant:
        return _text_mutant("settings.json", _SETTINGS, seed)

    def read(self, folder: Path) -> Outcome:
        settings = Settings(folder / "settings.json")
        wrong = [setting.name for setting in SETTINGS if not setting.accepts(settings[setting.name])]
        return Outcome(Class.SILENT if wrong else Class.SAME, f"values that are none: {wrong}" if wrong else "")


class ResultsKind(Kind):
    """A folder with earlier results: only what is truly of the same input may be replaced."""

    @property
    def clean(self) -> Mapping[str, bytes]:
        return {"results.json": _RESULTS, "segmentation.nii.gz": b"labels", "volumes.csv": b"phase\n"}

    def mutant(self, seed: int) -> Mutant:
        return _text_mutant("results.json", _RESULTS, seed)

    def read(self, folder: Path) -> Outcome:
        if may_be_replaced(folder, input_path=Path("/another/study")):
            return Outcome(Class.SILENT, "results of another input would be replaced")
        return Outcome(Class.SAME)


def _text_mutant(name: str, content: bytes, seed: int) -> Mutant:
    rng = random.Random(seed)
    if rng.random() < 0.5:
        how, changed = damaged(content, rng)
        return Mutant(f"bytes {how}", {name: changed})
    document = json.loads(content)
    key = rng.choice(list(document))
    odd = rng.choice((None, True, -1, 1e308, "", "x" * 5000, [], {}, [[]] * 50, float("nan"), "\ud800", 2**70))
    return Mutant(f"value {key}", {name: json.dumps({**document, key: odd}).encode()})


KINDS: Mapping[str, type[Kind]] = {
    "dicom": StudyKind,
    "composed": ComposedKind,
    "enhanced": EnhancedKind,
    "nifti": NiftiKind,
    "zip": ZipKind,
    "package": PackageKind,
    "settings": SettingsKind,
    "results": ResultsKind,
}
