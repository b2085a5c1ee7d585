"""Weights go on under the terms of all they came from: a site's own studies, and the model it started from."""

from pathlib import Path

from small_models import write_small_package

from cinecor_export.licence import NOT_STATED, licence_of
from cinecor_export.public_data import licences
from cinecor_training.config import TrainingConfig
from cinecor_training.data.settings import CorrectedSettings, FolderSettings
from cinecor_training.run_folder import RunFolder


def started(start: Path | None, licence: str = "") -> TrainingConfig:
    """A recipe that starts there and learns from a site's own studies under these terms."""
    own = CorrectedSettings(kind="corrected", folder=Path("site"), licence=licence)
    return TrainingConfig(start=start, data=(own,))


def _model(folder: Path) -> Path:
    return write_small_package(folder / "small.cinecor")  # its contract says CC0-1.0


def test_that_what_starts_from_chance_has_the_terms_it_learnt_under() -> None:
    assert licence_of("hospital use only", started(None)) == "hospital use only"
    assert licence_of("", started(None)) == NOT_STATED


def test_that_the_terms_of_the_model_it_started_from_hold_on(tmp_path: Path) -> None:
    told = licence_of("hospital use only", started(_model(tmp_path)))
    assert told == "hospital use only; of the weights it started from (small 1): CC0-1.0"
    assert licence_of("", started(_model(tmp_path))).startswith(NOT_STATED)


def test_that_they_hold_on_over_several_runs(tmp_path: Path) -> None:
    first = RunFolder(tmp_path / "first")
    first.claim(started(_model(tmp_path), licence="consortium only"))
    told = licence_of("hospital use only", started(first.path))
    assert told == "hospital use only; consortium only; of the weights it started from (small 1): CC0-1.0"
    assert licence_of("hospital use only", started(first.weights)) == told


def test_that_a_start_that_is_gone_leaves_its_terms_unsaid_and_not_away(tmp_path: Path) -> None:
    for name in ("gone.cinecor", "gone"):
        told = licence_of("hospital use only", started(tmp_path / name))
        assert told == f"hospital use only; of the weights it started from ({name}): {NOT_STATED}"


def test_that_an_exporters_terms_never_stand_for_those_of_the_sites_own_studies() -> None:
    assert licence_of("for research", started(None, licence="hospital use only")) == "for research; hospital use only"


def test_that_public_data_put_the_terms_of_their_kind_on_the_weights_unless_others_are_named() -> None:
    own = CorrectedSettings(kind="corrected", folder=Path("site"), licence="hospital use only")
    acdc, judges = (FolderSettings(kind=kind, folder=Path(kind)) for kind in ("acdc", "mnms"))
    config = TrainingConfig(data=(acdc, judges.model_copy(update={"use": "validation"}), own))
    assert licence_of(None, config) == f"{licences(['acdc'])}; hospital use only"
    assert licence_of("as agreed", config) == "as agreed; hospital use only"


def test_that_what_the_site_does_not_say_is_not_stated() -> None:
    own = CorrectedSettings(kind="corrected", folder=Path("site"))
    config = TrainingConfig(data=(FolderSettings(kind="acdc", folder=Path("acdc")), own))
    assert licence_of(None, config) == f"{licences(['acdc'])}; {NOT_STATED}"


def test_that_terms_of_public_data_hold_on_in_a_run_that_starts_from_them(tmp_path: Path) -> None:
    first = RunFolder(tmp_path / "first")
    first.claim(TrainingConfig(data=(FolderSettings(kind="acdc", folder=Path("acdc")),)))
    assert licence_of(None, started(first.path, licence="hospital use only")) == (
        f"hospital use only; {licences(['acdc'])}"
    )
