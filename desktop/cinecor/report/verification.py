"""`verify_results`: whether a folder of results is as it was written, and else what was changed, and where."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from cinecor.errors import InputError, UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import pixel_counts
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.measure.ventricular_function import ventricular_function
from cinecor.message import Message, Phases
from cinecor.report.bound_faults import bound_faults, file_missing, standing_faults, unsigned_fields
from cinecor.report.names import AI_MASKS, FILES, MASKS, RESULTS_JSON, SEGMENTS, VOLUMES
from cinecor.report.regional_facts import segments_csv
from cinecor.report.results import AiFacts, Results, Volumes
from cinecor.report.valve_facts import fractional_base_of
from cinecor.report.volumes import volumes_csv
from cinecor.study.cine_stack import pixel_volume_ml

_TOLERANCE: Final = 0.002  # of numbers that were rounded to three decimals after everything was computed
_WIDER_TOLERANCES: Final = {"ef_percent": 0.05, "mass_g": 2 * _TOLERANCE}
_STRUCTURES: Final = {
    "lv": (Label.LV, Ventricle.LV.message),
    "rv": (Label.RV, Ventricle.RV.message),
    "myo": (Label.MYO, Message("myocardium", "myocardium")),
}
_NOTHING: Final = Message("nothing", "nothing")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in a folder of results."""

    status: str  # what the results say of themselves; empty where they cannot be read
    faults: tuple[Message, ...]  # what was changed; none in a sound folder
    anew: tuple[str, ...] = ()  # fields of signed results that its signature does not hold, see `unsigned_fields`

    @property
    def sound(self) -> bool:
        """Whether everything is as it was written."""
        return not self.faults


def verify_results(folder: Path) -> Verification:
    """Return whether masks, results.json, tables and ledger of a result folder fit together and are what was bound.

    Numbers are counted again from the masks, so a folder from before results were bound can be verified too. Whoever
    changes masks, numbers and all digests together stays unnoticed unless the results are signed and the signature's
    hash was told elsewhere: nothing here is secret. Raises `UsageError` for a folder that holds no results.
    """
    path = folder / RESULTS_JSON
    if not path.is_file():
        raise no_results(folder)
    content = path.read_bytes()
    try:
        results = Results.model_validate_json(content)
    except ValidationError:
        return Verification("", (Message("results_page_unreadable", "results.json cannot be read: it was changed."),))
    faults = [file_missing(name) for name in FILES if not (folder / name).is_file()]
    if not faults:
        faults = [
            *_mask_faults(folder, results, json.loads(content)),
            *_number_faults(results),
            *_table_faults(folder, results),
        ]
    faults += standing_faults(folder, results)
    status = "" if results.status is None else results.status.text
    return Verification(status, tuple(faults), unsigned_fields(folder, results))


def no_results(folder: Path) -> UsageError:
    """Return the refusal of a folder without results."""
    return UsageError(Message("no_results", "{folder} holds no results.json; name a folder of results.", folder=folder))


def read_labels(path: Path, results: Results) -> NDArray[np.uint8]:
    """Return the labels (slice, phase, row, column) of a result folder's NIfTI file. Raises `InputError`."""
    stack = results.stack
    shape = (stack.columns, stack.rows, stack.slices)
    in_file = tuple(shape[stack.file_axes.index(axis)] for axis in range(3))
    size = stack.columns * stack.rows * stack.slices * stack.phases
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(Message("masks_unreadable", "{name} cannot be read.", name=path.name)) from error
    if len(content) < size:
        raise InputError(Message("masks_of_other_size", "{name} is of another size than the stack.", name=path.name))
    voxels = np.frombuffer(content[len(content) - size :], dtype=np.uint8).reshape((*in_file, stack.phases), order="F")
    return np.ascontiguousarray(voxels.transpose(*stack.file_axes, 3).transpose(2, 3, 1, 0))


def _mask_faults(folder: Path, results: Results, document: dict[str, Any]) -> Iterator[Message]:
    try:
        labels = read_labels(folder / MASKS, results)
    except InputError as error:
        yield error.message
        return
    yield from _counted_faults(labels, results.volumes_ml, results)
    yield from bound_faults(document, results, labels)
    if results.ai is not None and results.ai.frames_changed:
        yield from _ai_faults(folder, results, results.ai, labels)


def _ai_faults(folder: Path, results: Results, ai: AiFacts, labels: NDArray[np.uint8]) -> Iterator[Message]:
    if not (folder / AI_MASKS).is_file():
        yield file_missing(AI_MASKS)
        return
    try:
        of_model = read_labels(folder / AI_MASKS, results)
    except InputError as error:
        yield error.message
        return
    differ = [tuple(place) for place in np.argwhere((of_model != labels).any(axis=(2, 3))).tolist()]
    if differ != sorted(ai.frames_changed):
        yield Message(
            "ai_masks_changed", "{name} differs from the final masks in other frames than were noted.", name=AI_MASKS
        )
    yield from _counted_faults(of_model, ai.volumes_ml, results, of_model=True)


def _counted_faults(
    labels: NDArray[np.uint8], volumes: Volumes, results: Results, *, of_model: bool = False
) -> Iterator[Message]:
    """Compare volumes with those that the masks hold."""
    stack = results.stack
    pixel_ml = pixel_volume_ml(stack.pixel_spacing_mm, stack.slice_extent_mm)
    try:
        base = fractional_base_of(
            None if of_model else results.fractional_base, slices=stack.slices, phases=stack.phases
        )
    except ValueError:
        yield Message("base_of_other_size", "The fractional base in results.json is of another size than the stack.")
        return
    counts = pixel_counts(labels) if base is None else base.counts(labels)
    for name, (label, structure) in _STRUCTURES.items():
        counted = (counts[:, :, label] * pixel_ml[:, np.newaxis]).sum(axis=0)
        told = np.array(getattr(volumes, name))
        # Spacings are told to a millionth of a millimetre: that is less than a thousandth of a large volume.
        wrong = (
            np.flatnonzero(np.abs(counted - told) > _TOLERANCE + 1e-5 * counted)
            if told.shape == counted.shape
            else np.arange(stack.phases)
        )
        if wrong.size and of_model:
            yield Message(
                "ai_volumes_not_of_masks",
                "The model's {structure} volume in {phases} is not what its masks hold.",
                structure=structure,
                phases=Phases(tuple(wrong.tolist())),
            )
        elif wrong.size:
            yield Message(
                "volumes_not_of_masks",
                "The {structure} volume in {phases} is not what the masks hold.",
                structure=structure,
                phases=Phases(tuple(wrong.tolist())),
            )


def _number_faults(results: Results) -> Iterator[Message]:
    """Compare what follows from the volumes with the volumes."""
    curves, phases = results.volumes_ml, (results.ed_phase, results.es_phase)
    for ventricle, told, curve in ((Ventricle.LV, results.lv, curves.lv), (Ventricle.RV, results.rv, curves.rv)):
        function = ventricular_function(
            *(_at(curve, phase) for phase in phases),
            heart_rate_bpm=results.stack.heart_rate_bpm,
            wall_ml=_at(curves.myo, results.ed_phase),
        )
        for one in QUANTITIES:
            if ventricle not in one.codes:
                continue
            found, expected = one.of(told), one.of(function)
            tolerance = _WIDER_TOLERANCES.get(one.field, _TOLERANCE)
            if (found is None) != (expected is None) or (
                found is not None and expected is not None and abs(found - expected) > tolerance
            ):
                yield Message(
                    "number_not_of_volumes",
                    "{number} of {ventricle} is {told}, and the volumes give {counted}.",
                    number=one.field,
                    ventricle=ventricle.message,
                    told=_NOTHING if found is None else found,
                    counted=_NOTHING if expected is None else round(expected, 3),
                )


def _at(curve: list[float], phase: int | None) -> float | None:
    return curve[phase] if phase is not None and phase < len(curve) else None


def _table_faults(folder: Path, results: Results) -> Iterator[Message]:
    segments = results.regional is not None and bool(results.regional.segments)
    for name, table in ((VOLUMES, volumes_csv), (SEGMENTS, segments_csv)):
        path = folder / name
        if name == SEGMENTS and not segments and not path.exists():
            continue
        if not path.is_file():
            yield file_missing(name)
            continue
        try:
            same = path.read_text(encoding="utf-8") == table(results)
        except (UnicodeDecodeError, IndexError):
            same = False
        if not same:
            yield Message("table_changed", "{name} does not hold what results.json says.", name=name)
