"""Compositions: inputs in which two things might be taken for one, or one for two, drawn by a seed.

A second acquisition is woven into a study, perfusion lies beside a cine, another patient's slices are among its own,
its images are dealt out over series or there twice, slices are planned again, phases out of order, or a cine holds
several beats. What a scanner or an exporter may have written besides (numbers, times, names, UIDs) is drawn as well.
"""

import copy
import io
import random
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from fuzz.clean_study import CleanStudy
from fuzz.invisible import Invisible
from fuzz.mutant import Mutant

_TIMES: Final = ("AcquisitionTime", "ContentTime", "SeriesTime")
_PERSON: Final = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex")
_ORDERS: Final = ("TriggerTime", "InstanceNumber", *_TIMES)
_STILL: Final = " where nothing moves"
_NAMES: Final = ("SeriesDescription", "ProtocolName", "SequenceName")

Grid = list[list[Dataset]]  # [slice][phase]


def composition(clean: CleanStudy, other: CleanStudy, seed: int) -> Mutant:
    """Return the composition of a seed, of one study or of both."""
    config.settings.reading_validation_mode = config.settings.writing_validation_mode = config.IGNORE
    rng = random.Random(seed)
    makers = (_woven, _perfusion, _of_two_patients, _scattered, _twice, _tilted, _out_of_order, _beats)
    make = rng.choice(makers)
    own = _grid(clean)
    if make in (_woven, _of_two_patients):
        what, files = make(own, _grid(other), rng)  # type: ignore[operator]
    else:
        what, files = make(own, rng)  # type: ignore[operator]
    changed: dict[str, bytes | None] = dict.fromkeys(clean.files)
    invisible = Invisible.STILL_SLICE if what.endswith(_STILL) else None
    return Mutant(what, {**changed, **_written(files)}, invisible)


def _grid(clean: CleanStudy) -> Grid:
    assert clean.stack.files is not None
    return [[pydicom.dcmread(io.BytesIO(clean.files[name])) for name in row if name] for row in clean.stack.files]


def _written(files: Mapping[str, Dataset]) -> dict[str, bytes]:
    written = {}
    for name, dataset in files.items():
        content = io.BytesIO()
        dataset.save_as(content)
        written[name] = content.getvalue()
    return written


def _files(grid: Iterable[Iterable[Dataset]], folder: str) -> dict[str, Dataset]:
    return {f"{folder}/{s:02d}_{p:03d}": dataset for s, row in enumerate(grid) for p, dataset in enumerate(row)}


def _all(grid: Iterable[Iterable[Dataset]]) -> list[Dataset]:
    return [dataset for row in grid for dataset in row]


def _removed(datasets: Iterable[Dataset], keywords: Iterable[str]) -> None:
    for dataset in datasets:
        for keyword in keywords:
            if keyword in dataset:
                delattr(dataset, keyword)


def _set_pixels(dataset: Dataset, values: NDArray[Any]) -> None:
    dataset.PixelData = np.clip(values, 0, 4095).astype("<u2").tobytes()


def _axes(dataset: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    column, row = np.array(dataset.ImageOrientationPatient, float).reshape(2, 3)
    return column, row, np.cross(column, row)


def _placed(dataset: Dataset, position: NDArray[np.float64]) -> None:
    dataset.ImagePositionPatient = [f"{value:.6f}" for value in position]


def _woven(own: Grid, other: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Weave another acquisition of the same patient in, or a part of it."""
    slices = len(own)
    part = rng.choice(("all", "all", "some", "a run", "every other"))
    taken = {
        "all": list(range(slices)),
        "some": sorted(rng.sample(range(slices), rng.randint(1, slices - 1))),
        "a run": list(range(rng.randint(0, 2), rng.randint(4, slices))),
        "every other": list(range(rng.randint(0, 1), slices, 2)),
    }[part]
    step = float(np.linalg.norm(np.subtract(own[1][0].ImagePositionPatient, own[0][0].ImagePositionPatient)))
    shift = rng.choice((0.0, 0.3, 0.9, 2.0, 5.0, step / 2, step - 1.0, step, 2 * step)) * rng.choice((1, -1))
    series, times = rng.choice(("one", "same", "each")), rng.choice(("later", "earlier", "removed", "equal"))
    cycle = rng.choice((None, None, 1034.0, 750.0, 500.0))
    numbers, gone = rng.choice(("own", "go on")), rng.choice(((), _NAMES, ("SeriesNumber",), ("TriggerTime",)))
    for number in taken:
        for dataset, model in zip(other[number], own[number], strict=True):
            for keyword in (
                "StudyInstanceUID",
                "FrameOfReferenceUID",
                *_PERSON,
                "StudyDate",
                "ImageOrientationPatient",
            ):
                if keyword in model:
                    setattr(dataset, keyword, model[keyword].value)
            _placed(dataset, np.array(model.ImagePositionPatient, float) + shift * _axes(model)[2])
            dataset.SliceLocation = f"{float(model.SliceLocation) + shift:.4f}"
            dataset.SeriesInstanceUID = {"one": "1.2.77", "same": model.SeriesInstanceUID, "each": f"1.2.7.{number}"}[
                series
            ]
            dataset.SeriesNumber = int(model.SeriesNumber) + (0 if series == "same" else 50)
            if numbers == "go on":
                dataset.InstanceNumber = int(dataset.InstanceNumber) + len(_all(own))
            if cycle is not None:
                dataset.TriggerTime = f"{float(dataset.TriggerTime) * cycle / (60_000 / 66):.2f}"
                dataset.NominalInterval = f"{cycle:.0f}"
                _removed([dataset], ["HeartRate"])
            for keyword in _TIMES if times in ("later", "earlier") else ():
                if keyword in dataset:
                    hours = 1e4 if times == "later" else -1e4
                    setattr(dataset, keyword, f"{float(dataset[keyword].value) + hours:013.6f}")
    second = [other[number] for number in taken]
    both = _all(own) + _all(second)
    _removed(both, (*gone, *(_TIMES if times == "removed" else ())))
    for dataset in both if times == "equal" else ():
        dataset.AcquisitionTime = dataset.ContentTime = dataset.SeriesTime = "120000"
    return f"woven {part} {series} {times}", {**_files(own, "a"), **_files(second, "b")}


def _perfusion(own: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Lay perfusion of some slices beside the cine, at the same places."""
    taken = sorted(rng.sample(range(1, len(own)), 3)) if rng.random() < 0.5 else list(range(len(own)))
    images = rng.choice((len(own[0]), 20, 40))
    trigger, pulse = rng.choice(("removed", "same", "running")), rng.random() < 0.5
    gone = rng.choice((_TIMES, ("AcquisitionTime",), ()))
    series = []
    for number in taken:
        still, row = own[number][0].pixel_array.astype(float), []
        for image in range(images):
            dataset = copy.deepcopy(own[number][image % len(own[0])])
            noise = np.random.default_rng(1000 * number + image).normal(0, 15, still.shape)
            wash = 0.4 + 0.8 * np.exp(-((image / images - 0.45) ** 2) / 0.03)
            _set_pixels(dataset, still * wash + noise)
            dataset.SOPInstanceUID, dataset.SeriesInstanceUID = f"1.2.9.{number}.{image}", "1.2.9"
            dataset.SeriesNumber, dataset.InstanceNumber = 77, number * images + image + 1
            beat_ms = {"same": 909.0 / images, "running": 909.0}.get(trigger)
            dataset.TriggerTime = "0" if beat_ms is None else f"{image * beat_ms:.1f}"
            dataset.AcquisitionTime = dataset.ContentTime = f"1100{int(image * 0.9):02d}.{number:06d}"
            if pulse:
                dataset.RepetitionTime, dataset.FlipAngle = "2.1", "12"
            row.append(dataset)
        series.append(row)
    _removed(_all(series), ["CardiacNumberOfImages", *(["TriggerTime"] if trigger == "removed" else [])])
    _removed(_all(own) + _all(series), gone)
    return f"perfusion {trigger}", {**_files(own, "a"), **_files(series, "p")}


def _of_two_patients(own: Grid, other: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Put images of another person, told by at least one tag, among those of the study."""
    keywords = rng.sample(_PERSON, rng.randint(1, len(_PERSON)))
    scope = rng.choice(("slices", "image", "images"))
    places = [(s, p) for s in range(len(own)) for p in range(len(own[0]))]
    some = rng.sample(range(len(own)), rng.randint(1, 3))
    chosen = {
        "slices": [place for place in places if place[0] in some],
        "image": rng.sample(places, 1),
        "images": rng.sample(places, len(places) // 5),
    }[scope]
    for dataset in _all(own):
        dataset.PatientID, dataset.PatientName = "one", "One^Person"
        dataset.PatientBirthDate, dataset.PatientSex = "19500101", "F"
    for s, p in chosen:
        dataset, model = other[s][p], own[s][p]
        for keyword in (
            *("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"),
            *("ImagePositionPatient", "ImageOrientationPatient", *_PERSON),
        ):
            setattr(dataset, keyword, model[keyword].value)
        for keyword in keywords:
            setattr(dataset, keyword, {"PatientBirthDate": "19610203", "PatientSex": "M"}.get(keyword, "Other^Person"))
        own[s][p] = dataset
    return f"two patients {scope}", _files(own, "a")


def _scattered(own: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Deal the images out over series, and take tags away."""
    over, study = rng.choice(("images", "slices", "phases", "at random")), rng.random() < 0.3
    gone = rng.sample(_ORDERS, rng.randint(0, len(_ORDERS)))
    for s, row in enumerate(own):
        for p, dataset in enumerate(row):
            number = s * len(row) + p
            series = {"images": number, "slices": s, "phases": p, "at random": number * 7919 % 23}[over]
            dataset.SeriesInstanceUID = f"1.2.9.{series}"
            if study:
                dataset.StudyInstanceUID = f"1.2.8.{series}"
    _removed(_all(own), gone)
    return f"scattered {over}", _files(own, "a")


def _twice(own: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Put the study there again under other UIDs, numbers and names."""
    changes = {
        "SeriesInstanceUID": "1.2.6",
        "StudyInstanceUID": "1.2.5",
        "FrameOfReferenceUID": "1.2.4",
        "ContentTime": "235959",
        "SeriesNumber": "900",
        "SeriesDescription": "copy",
        "AcquisitionNumber": "99",
    }
    keywords, packed, numbers = rng.sample(list(changes), rng.randint(0, 4)), rng.random() < 0.3, rng.random() < 0.3
    again = copy.deepcopy(own)
    for number, dataset in enumerate(_all(again)):
        dataset.SOPInstanceUID = f"1.2.7.{number}"
        for keyword in keywords:
            setattr(dataset, keyword, changes[keyword])
        if numbers:
            dataset.InstanceNumber = 5000 + number
        if packed:
            dataset.compress(RLELossless, generate_instance_uid=False)
    return "twice", {**_files(own, "a"), **_files(again, "b")}


def _tilted(own: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Plan the slices from one on again, tilted about the corner or the middle of the image."""
    degrees, first = rng.choice((1.0, 2.5, 4.0, 6.0, 9.0, 12.0, 20.0)), rng.randint(1, len(own) - 2)
    about_the_middle, own_series = rng.random() < 0.5, rng.random() < 0.5
    angle = np.radians(degrees)
    for dataset in _all(own[first:]):
        column, row, normal = _axes(dataset)
        turned = np.cos(angle) * row + np.sin(angle) * normal
        if about_the_middle:
            half = (dataset.Rows - 1) / 2 * float(dataset.PixelSpacing[0])
            _placed(dataset, np.array(dataset.ImagePositionPatient, float) + half * (row - turned))
        dataset.ImageOrientationPatient = [f"{value:.9f}" for value in (*column, *turned)]
        if own_series:
            dataset.SeriesInstanceUID = "1.2.77"
    return f"tilted {degrees:.0f}", _files(own, "a")


def _out_of_order(own: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Show the phases of one slice in another order than its headers say."""
    row, how = rng.choice(own), rng.choice(("shuffled", "turned", "backwards"))
    moves = row is not own[0] and row is not own[-1]  # beyond the base and the apex the phantom stands still
    order = list(range(len(row)))
    if how == "shuffled":
        rng.shuffle(order)
    elif how == "turned":
        start = rng.randint(len(row) // 4, 3 * len(row) // 4)
        order = order[start:] + order[:start]
    else:
        order.reverse()
    pixels = [dataset.PixelData for dataset in row]
    for dataset, phase in zip(row, order, strict=True):
        dataset.PixelData = pixels[phase]
    return f"out of order {how}{'' if moves else _STILL}", _files(own, "a")


def _beats(own: Grid, rng: random.Random) -> tuple[str, dict[str, Dataset]]:
    """Let the cine go on through further beats."""
    beats, trigger = rng.choice((2, 3)), rng.choice(("running", "removed"))
    kept = rng.choice((("HeartRate", "NominalInterval"), ("HeartRate",), ("NominalInterval",), ()))
    phases, longer = len(own[0]), []
    for s, row in enumerate(own):
        images = [copy.deepcopy(row[image % phases]) for image in range(beats * phases)]
        for image, dataset in enumerate(images):
            noise = np.random.default_rng(1000 * s + image).normal(0, 8, dataset.pixel_array.shape)
            _set_pixels(dataset, dataset.pixel_array + noise)
            dataset.SOPInstanceUID, dataset.InstanceNumber = f"1.2.9.{s}.{image}", s * 100 + image + 1
            dataset.TriggerTime, dataset.CardiacNumberOfImages = f"{image * 909 / phases:.2f}", len(images)
        longer.append(images)
    gone = [one for one in ("HeartRate", "NominalInterval") if one not in kept]
    _removed(_all(longer), [*gone, *(["TriggerTime"] if trigger == "removed" else [])])
    return f"beats {beats} {trigger}", _files(longer, "a")
