"""Which data a run uses, as a config file or the command line says it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cinecor.errors import UsageError
from cinecor.home import home
from cinecor.message import Message
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.case import Source
from cinecor_training.data.corrected_source import CorrectedSource
from cinecor_training.data.kaggle_source import KaggleSource
from cinecor_training.data.mnms2_source import Mnms2Source
from cinecor_training.data.mnms_source import MnmsSource
from cinecor_training.data.myops_source import MyopsSource
from cinecor_training.data.phantom_source import PhantomSource
from cinecor_training.data.provenance import Terms
from cinecor_training.data.spared_source import SparedSource
from cinecor_training.data.store_source import StoreSource
from cinecor_training.data.sunnybrook_frames_source import SunnybrookFramesSource
from cinecor_training.data.sunnybrook_source import SunnybrookSource
from cinecor_training.data.undisputed import UndisputedSource

Use = Literal["split", "training", "validation"]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", pattern=r"^[^/]*$", description="unique name; the kind when empty")
    use: Use = Field("split", description="deal the patients, or put all of them on one side")


class FolderSettings(_Settings):
    """A published data set in a folder."""

    kind: Literal["acdc", "mnms", "mnms2", "sunnybrook", "kaggle", "sunnybrook-frames", "myops"]
    folder: Path
    undisputed: bool = Field(False, description="leave slices unknown about which readers' conventions differ")


class _SiteSettings(_Settings):
    consent: str = Field("", description="on what ground patients' studies are learnt from")
    licence: str = Field("", description="terms that they put on the weights")
    spared: Path | None = Field(
        None, description="file of the patients or studies that are not to be taken, one a line"
    )

    @property
    def terms(self) -> Terms:
        """Return by what right they are learnt from."""
        return Terms(self.consent, self.licence)


class CorrectedSettings(_SiteSettings):
    """Studies that were corrected in the application, and saved as folders of results."""

    kind: Literal["corrected"]
    folder: Path
    images: Path | None = None
    all_phases: bool = False
    signed_only: bool = True


class StoreSettings(_SiteSettings):
    """The signed studies of a store: this user's own where no folder is named."""

    kind: Literal["store"]
    folder: Path | None = None


class PhantomSettings(_Settings):
    """Synthetic hearts, made on the spot."""

    kind: Literal["phantom"]
    # A good figure on phantoms says nothing about patients, so they train unless it is asked for.
    use: Use = "training"
    count: int = Field(ge=1)
    first_seed: int = Field(0, ge=0)


AnySettings = FolderSettings | CorrectedSettings | StoreSettings | PhantomSettings
SourceSettings = Annotated[AnySettings, Field(discriminator="kind")]


class SplitSettings(BaseModel):
    """How patients are dealt; sources with a rule of their own (ACDC) keep it unless folds are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fraction: float = Field(0.2, gt=0, lt=1)
    seed: int = Field(0, ge=0)
    folds: int | None = Field(None, ge=2)
    fold: int | None = Field(None, ge=0)
    file: Path | None = Field(None, description="an earlier split file; the patients it names keep their side")

    @model_validator(mode="after")
    def _fold_among_folds(self) -> "SplitSettings":
        if (self.folds is None) != (self.fold is None):
            raise ValueError("folds and fold belong together: folds 5 and fold 0 is the first of five")
        if self.folds is not None and self.fold is not None and self.fold >= self.folds:
            raise ValueError(f"fold counts from 0, so the last of {self.folds} folds is {self.folds - 1}")
        return self


_FOLDER_SOURCES: Final[Mapping[str, Callable[[Path, str], Source]]] = {
    "acdc": AcdcSource,
    "mnms": MnmsSource,
    "mnms2": Mnms2Source,
    "sunnybrook": SunnybrookSource,
    "kaggle": KaggleSource,
    "sunnybrook-frames": SunnybrookFramesSource,
    "myops": MyopsSource,
}


@dataclass(frozen=True, slots=True)
class UsedSource:
    """A source and what its patients are for."""

    source: Source
    use: Use


def open_sources(settings: Sequence[AnySettings]) -> tuple[UsedSource, ...]:
    """Return the sources, each with a name of its own."""
    opened = []
    for one, name in zip(settings, source_names(settings), strict=True):
        source = _open(one, name)
        if isinstance(one, FolderSettings) and one.undisputed:
            source = UndisputedSource(source)
        if is_own(one) and one.spared is not None:
            source = SparedSource(source, one.spared)
        opened.append(UsedSource(source, one.use))
    return tuple(opened)


def source_names(settings: Sequence[AnySettings]) -> tuple[str, ...]:
    """Return the name of each source, of its own: what stands before the slash of its patients in a split."""
    names: list[str] = []
    for one in settings:
        name, number = one.name or one.kind, 2
        while name in names:
            name, number = f"{one.name or one.kind}-{number}", number + 1
        names.append(name)
    return tuple(names)


def is_own(settings: AnySettings) -> TypeGuard[CorrectedSettings | StoreSettings]:
    """Return whether a source holds a site's own patients."""
    return isinstance(settings, CorrectedSettings | StoreSettings)


def _open(settings: AnySettings, name: str) -> Source:
    match settings:
        case PhantomSettings():
            return PhantomSource(settings.count, settings.first_seed, name)
        case CorrectedSettings():
            settings.terms.require(settings.kind)
            return CorrectedSource(settings.folder, settings.images, settings.all_phases, name, settings.signed_only)
        case StoreSettings():
            settings.terms.require(settings.kind)
            return StoreSource(settings.folder or home() / "store", name)
        case FolderSettings():
            return _FOLDER_SOURCES[settings.kind](settings.folder, name)


def moved(settings: Sequence[AnySettings], texts: Sequence[str], *, consent: str = "") -> tuple[AnySettings, ...]:
    """Return the sources that `texts` name as `settings_from_argument` reads them, each as `settings` has its kind.

    So a run's data go by the names, and are taken by the right, under which it learnt from them, wherever they lie now.
    The first text of a kind stands for the first of it, and so on; one of a kind that is not there is as it is given,
    a site's own with `consent`.
    """
    left = list(settings)
    found: list[AnySettings] = []
    for text in texts:
        named = settings_from_argument(text, consent=consent)
        same = next((one for one in left if one.kind == named.kind), None)
        if same is None:
            found.append(named)
            continue
        left.remove(same)
        place = named.model_dump(include={"folder", "count"}, exclude_unset=True)
        found.append(same.model_copy(update=place | ({"consent": consent} if consent and is_own(same) else {})))
    return tuple(found)


def settings_from_argument(text: str, *, consent: str = "", licence: str = "") -> AnySettings:
    """Read `FOLDER` (ACDC), `KIND=FOLDER`, `store` or `phantom=COUNT`; raises `UsageError` for an unknown kind.

    `consent` and `licence` are those of the site's own studies.
    """
    kind, equals, value = text.partition("=")
    match kind if equals or text == "store" else "":
        case "":
            return FolderSettings(kind="acdc", folder=Path(text))
        case kind if kind in _FOLDER_SOURCES:
            return FolderSettings.model_validate({"kind": kind, "folder": value})
        case "corrected":
            return CorrectedSettings(kind="corrected", folder=Path(value), consent=consent, licence=licence)
        case "store":
            folder = Path(value) if value else None
            return StoreSettings(kind="store", folder=folder, consent=consent, licence=licence)
        case "phantom":
            if not value.isdigit() or int(value) < 1:
                raise UsageError(
                    Message(
                        "phantom_count_missing",
                        "--data {text}: phantom=COUNT needs a number of hearts, such as phantom=40.",
                        text=text,
                    )
                )
            return PhantomSettings(kind="phantom", count=int(value))
    if Path(text).exists():  # a folder with = in its name
        return FolderSettings(kind="acdc", folder=Path(text))
    kinds = ", ".join((*_FOLDER_SOURCES, "corrected", "store", "phantom"))
    raise UsageError(
        Message(
            "data_kind_unknown",
            "--data {text}: “{kind}” is no kind of data; choose one of {kinds}.",
            text=text,
            kind=kind,
            kinds=kinds,
        )
    )
