"""Rules of comparing models and runs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.evaluation.judgement import judge, judged_cases
from cinecor_training.evaluation.peer import open_peer
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.segmenter import Segmenter
from cinecor_training.evaluation.side_by_side import side_by_side, spread_table

Judge = Callable[..., EvaluationRecord]


@pytest.fixture
def judged(small_acdc: Path, reader_like: Callable[..., Segmenter]) -> Judge:
    def make(change: Callable[[np.ndarray], np.ndarray], *, patients: tuple[str, ...] = ()) -> EvaluationRecord:
        return judge(
            reader_like(change),
            cases=judged_cases(AcdcSource(small_acdc), patients=patients or ("patient001", "patient002")),
            identity=ModelIdentity(change.__name__, "1", "0" * 64, "fp32"),
            provider_used="test",
            listener=lambda _: None,
        ).record

    return make


def _right(labels: np.ndarray) -> np.ndarray:
    return labels


def _without_rv(labels: np.ndarray) -> np.ndarray:
    return np.where(labels == 1, 0, labels).astype(np.uint8)


def test_that_the_table_holds_both_models_and_their_difference(judged: Judge) -> None:
    table = side_by_side(judged(_right), judged(_without_rv), note="It may have seen them.")
    rows = {row[0]: row[1:] for row in table.rows}
    assert table.header[1:] == ("_right 1", "_without_rv 1", "difference")
    assert rows["Dice, RV cavity, ED and ES"] == (
        "1.000 (1.000 to 1.000)",
        "0.000 (0.000 to 0.000)",
        "+1.000 (+1.000 to +1.000)",
    )
    assert rows["Dice, LV cavity, ES"][2] == "+0.000 (+0.000 to +0.000)"
    assert table.note.endswith("It may have seen them.")


def test_that_models_on_different_patients_are_not_compared(judged: Judge) -> None:
    with pytest.raises(InputError, match="different patients"):
        side_by_side(judged(_right), judged(_right, patients=("patient005",)), note="")


def test_that_the_spread_is_that_of_the_runs(judged: Judge) -> None:
    table = spread_table([judged(_right), judged(_without_rv)])
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["dice_rv"] == ("0.5000", "0.7071", "0.0000", "1.0000")
    assert rows["dice_lv"] == ("1.0000", "0.0000", "1.0000", "1.0000")
    assert "rv_ef_points_mae" not in rows  # one run has none


def test_that_one_run_has_no_spread(judged: Judge) -> None:
    with pytest.raises(InputError, match="at least two"):
        spread_table([judged(_right)])


def test_that_a_file_that_is_not_the_peer_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "peer.whl"
    wrong.write_bytes(b"no archive")
    with pytest.raises(InputError, match="no wheel of myopari"):
        open_peer(wrong, folder=tmp_path / "unpacked")
