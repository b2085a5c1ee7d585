"""Rules of the check before a run: what does not fit is refused with both sizes."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cinecor.errors import UsageError
from cinecor_training.capacity import available_memory, estimate, require_disk, require_memory
from cinecor_training.config import TrainingConfig

if TYPE_CHECKING:
    from cinecor_training.arithmetic import Arithmetic

GIB = 1024**3


def test_that_a_larger_batch_and_image_need_more_memory() -> None:
    needs = [
        estimate(TrainingConfig(batch=batch, size_px=size, canvas_px=288), frames=1, arithmetic="bfloat16").memory
        for batch, size in ((16, 192), (32, 192), (32, 256))
    ]
    assert needs == sorted(set(needs))


def test_that_the_estimate_agrees_with_what_was_measured() -> None:
    """Peak resident memory of two steps on CPU in bfloat16, in MiB."""
    fine = TrainingConfig(channels=(32, 64, 128, 160, 160), neighbours=1, spacing_mm=1.25, size_px=192, canvas_px=264)
    measured = (
        (fine, 860),
        (fine.model_copy(update={"batch": 48}), 1620),
        (fine.model_copy(update={"neighbours": 0, "batch": 48}), 1600),
        (TrainingConfig(channels=(32, 64, 128, 160, 160)), 720),
        (fine.model_copy(update={"channels": (64, 128, 256, 512), "batch": 8}), 900),
    )
    for config, peak_mib in measured:
        assert estimate(config, frames=1, arithmetic="bfloat16").memory / 1024**2 == pytest.approx(peak_mib, rel=0.2)


def test_that_float32_needs_more_than_bfloat16_and_a_crop_less_than_the_whole() -> None:
    whole = TrainingConfig(batch=48, size_px=192, canvas_px=264)
    cropped = whole.model_copy(update={"crop_px": 96})

    def memory(config: TrainingConfig, arithmetic: "Arithmetic") -> int:
        return estimate(config, frames=1, arithmetic=arithmetic).memory

    assert memory(whole, "float32") > memory(whole, "bfloat16")
    assert memory(cropped, "float32") < memory(whole, "float32")


def test_that_the_disk_for_frames_is_three_bytes_a_pixel() -> None:
    assert estimate(TrainingConfig(canvas_px=200), frames=1000, arithmetic="float32").store_disk == 1000 * 200 * 200 * 3


def test_that_too_little_disk_is_refused_with_the_folder(tmp_path: Path) -> None:
    require_disk(tmp_path / "not" / "yet" / "there", needed=1, what="Nothing")
    with pytest.raises(UsageError, match=r"Keeping the frames needs about 1000000\.0 GiB of disk, .*run has"):
        require_disk(tmp_path / "run", needed=10**6 * GIB, what="Keeping the frames")


def test_that_too_little_memory_is_refused_with_a_remedy() -> None:
    require_memory(needed=GIB, available=2 * GIB, device="GPU")
    with pytest.raises(UsageError, match=r"needs about 3\.0 GiB of GPU memory, 2\.0 GiB are free; .* smaller batch"):
        require_memory(needed=3 * GIB, available=2 * GIB, device="GPU")


def test_that_memory_that_cannot_be_known_refuses_nothing() -> None:
    require_memory(needed=10**6 * GIB, available=None, device="main")


def test_that_this_computer_tells_its_memory() -> None:
    available = available_memory()
    assert available is None or available > 64 * 1024**2
