"""Rules of phantoms as cases."""

from functools import cache, partial

import numpy as np
import pytest

from cinecor_phantom import random_phantom
from cinecor_training.data.phantom_source import PhantomSource


def test_that_seeds_follow_each_other() -> None:
    cases = PhantomSource(2, first_seed=7).find().cases
    assert [(case.patient, case.moment) for case in cases] == [
        (name, moment) for name in ("phantom00007", "phantom00008") for moment in ("ED", "ES")
    ]


@pytest.mark.slow
def test_that_a_heart_is_larger_at_end_diastole_and_has_every_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cinecor_training.data.phantom_source.random_phantom", cache(partial(random_phantom, pictures=False))
    )
    ed, es = (case.read() for case in PhantomSource(1).find().cases)
    assert (ed.labels == 3).sum() > (es.labels == 3).sum()
    assert set(np.unique(ed.labels)) == {0, 1, 2, 3}
    assert ed.pixels.shape == ed.labels.shape
