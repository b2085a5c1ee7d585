"""A site for the tutorial docs/own-model.md: patients on a scanner with a look of its own, read, corrected and signed.

usage: make_site.py --out site [--studies 50] [--look dim | --look FILE.py] [--tiny] [--first-seed 1000]

Each patient is a phantom whose pictures get another scanner's look before they become DICOM. A file names a look of
your own: a function `look(pixels, random)` that is given the pictures (slice, phase, row, column) and a generator, and
returns pictures. The bundled model outlines each study; the reader, who knows the truth here, redraws ED and ES where
the model was wrong, and signs. What a workstation keeps of that lies in SITE/store, the images in SITE/studies.
"""

import argparse
import runpy
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.app.review_session import ReviewSession
from cinecor.app.session import open_session
from cinecor.errors import UsageError
from cinecor.inference.outline.pipeline import segment
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Body, Gesture, History, Redraw, Review, SetPhase, review_result
from cinecor.review.ledger import Person
from cinecor.review.signed_ef import signed_ef
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.study import open_input
from cinecor_phantom import SMALL, Acquisition, HeartShape, Phantom, make_phantom, write_dicom

Look = Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]]

READER = Person("Dr Ada Wall", "Heart Centre", "ada")
TINY = Acquisition(
    slices=5, phases=2, rows=64, columns=64, pixel_spacing_mm=3.0, slice_thickness_mm=12.0, slice_gap_mm=12.0
)


def dim(pixels: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Return pictures with dull blood, coarse noise and blur, as of an old scanner at low flip angles."""
    scale = np.percentile(pixels, 99)
    dull = scale * (pixels / scale) ** 0.45
    blurred = ndimage.gaussian_filter(dull, (0, 0, 0.8, 0.8))
    coarse = ndimage.gaussian_filter(random.normal(size=pixels.shape), (0, 0, 1.0, 1.0))
    return np.clip(blurred + 0.25 * scale * coarse, 0, None)


LOOKS: dict[str, Look] = {"dim": dim}


def main() -> None:
    """Make the site."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--look", default="dim")
    parser.add_argument("--tiny", action="store_true", help="studies of a few small images, for a test")
    parser.add_argument("--first-seed", type=int, default=1000)
    options = parser.parse_args()
    look: Look = LOOKS.get(options.look) or runpy.run_path(options.look)["look"]
    session = open_session(device="cpu")
    with closing(StudyStore(options.out / "store")) as store:
        for seed in range(options.first_seed, options.first_seed + options.studies):
            phantom = _patient(seed, look, tiny=options.tiny)
            folder = options.out / "studies" / f"patient{seed}"
            write_dicom(phantom, folder, style="ge")
            points = _read_and_sign(store, session, phantom, folder)
            moved = "unknown, the model found none" if points is None else f"corrected by {points:+.1f} points"
            print(f"{folder.name}: signed, LV EF {moved}")  # noqa: T201


def _patient(seed: int, look: Look, *, tiny: bool) -> Phantom:
    random = np.random.default_rng(seed)
    edv = float(random.uniform(100, 240))
    shape = HeartShape.of_volumes(edv, edv * float(random.uniform(0.3, 0.6)))
    phantom = _scanned(shape, TINY if tiny else SMALL, seed)
    pixels = np.clip(look(phantom.pixels.astype(np.float64), random), 0, 4095).astype(np.uint16)
    return replace(phantom, pixels=pixels)


def _scanned(shape: HeartShape, acquisition: Acquisition, seed: int) -> Phantom:
    """Scan a heart, in two slices more where it is a long one."""
    try:
        return make_phantom(shape, acquisition, seed=seed)
    except UsageError:
        return make_phantom(shape, replace(acquisition, slices=acquisition.slices + 2), seed=seed)


def _read_and_sign(store: StudyStore, session: object, phantom: Phantom, folder: Path) -> float | None:
    """Do what a reader does, and return by how much the LV EF moved, as the signature tells."""
    stack, audit = open_input(folder)
    segmentation = segment(stack, session)  # type: ignore[arg-type]
    review = Review(stack, audit, segmentation, body=Body(stack.heart_rate_bpm))
    card = StudyCard(folder.absolute(), stack.series_uids, folder.name, folder.name, "20261130", "SAX cine")
    with closing(store.open(study_identity(stack), card)) as kept:
        reading = ReviewSession(History(Review(stack, audit, None, body=review.body)), kept=kept, person=READER)
        reading.outlined(segmentation)
        moments = {Moment.ED: phantom.truth.ed_phase, Moment.ES: phantom.truth.es_phase}
        for moment, phase in moments.items():
            reading.apply(SetPhase(moment, phase))
            truth = {(index, phase): phantom.labels[index, phase] for index in range(stack.slices)}
            reading.apply(Redraw(Gesture.OUTLINE, truth))
        after = review_result(reading.review)
        assert after is not None
        doubts = reading.open_doubts(after.quality.findings)
        reading.keep_summary(after.quality.findings)
        signature = reading.sign(comment="", reasons=dict.fromkeys(doubts, "phantom"), input_path=folder)
    ef = signed_ef(signature, Ventricle.LV)
    return None if ef is None else ef.change_points


if __name__ == "__main__":
    main()
