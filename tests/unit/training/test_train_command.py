"""Rules of `cinecor-train`: what it says, where it writes, how it ends; a real kill among them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cinecor.message import Message
from cinecor.progress import Progress
from cinecor_training.cli import main
from cinecor_training.display import Display

RECIPE = {
    "channels": [8, 8],
    "spacing_mm": 1.5,
    "size_px": 64,
    "canvas_px": 80,
    "batch": 4,
    "steps": 4,
    "warmup_steps": 2,
    "checkpoint_every": 7,
    "evaluate_every": 2,
    "arithmetic": "float32",
}
LONG = {"steps": 35, "evaluate_every": 35}
COMMAND = (sys.executable, "-c", "import sys; from cinecor_training.cli import main; sys.exit(main())")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(RECIPE))
    return path


def _arguments(data: Path, out: Path, config: Path, *more: str) -> list[str]:
    return ["--data", str(data), "--out", str(out), "--config", str(config), *more]


def test_that_the_command_trains_and_tells_where_the_weights_are(
    small_acdc: Path, tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(_arguments(small_acdc, run, config)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said.pop(0).startswith("preparing: ")
    assert said[0] == "patients: 2 train, 1 validate; 18 frames; on CPU"
    assert said[1] == "arithmetic: float32 (as the config says)"
    assert json.loads((run / "arithmetic.json").read_text())["arithmetic"] == "float32"
    assert [line.split()[1] for line in said if line.startswith("step ")] == ["2/4", "4/4"]
    assert said[-1] == f"weights: {run / 'model.safetensors'}"
    assert (run / "metrics.csv").read_text().startswith("step,loss")
    assert json.loads((run / "split.json").read_text())["validation"] == ["acdc/patient005"]
    assert (run / "bad_cases.csv").read_text() == "source,patient,moment,reason\n"


def test_that_a_run_stopped_before_its_first_checkpoint_says_so_and_a_later_one_that_it_goes_on(
    small_acdc: Path,
    tmp_path: Path,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = _arguments(small_acdc, tmp_path / "run", config)
    assert main([*arguments, "--until", "2"]) == 0

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cinecor_training.data.run_data.find_data", stopped)
    assert main(_arguments(small_acdc, tmp_path / "other", config)) == 130
    assert "stopped before the first checkpoint" in capsys.readouterr().err
    assert main(arguments) == 130
    assert "goes on from the last checkpoint" in capsys.readouterr().err


def test_that_a_log_tells_how_far_reading_is_at_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    at = Progress(Message("reading_cases", "reading cases"), 3, 10)
    with Display(every_s=0.0) as often, Display(every_s=3600.0) as seldom:
        often.reading(at)
        seldom.reading(at)
    assert capsys.readouterr().out == "reading cases: 3 of 10\n"


def test_that_a_step_is_timed_in_both_arithmetics_on_request(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(json.dumps(RECIPE | {"arithmetic": "auto"}))
    before = sorted(tmp_path.iterdir())
    assert main(["--time-step", "--config", str(config)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["float32", "bfloat16", "taken:"]
    assert all(line.endswith(" ms a frame") and float(line.split()[1]) > 0 for line in lines[:2])
    assert lines[2].split()[1] in ("float32", "bfloat16")
    assert sorted(tmp_path.iterdir()) == before


def test_that_tensorboard_shows_the_figures_of_the_csv_file(small_acdc: Path, tmp_path: Path, config: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert main(_arguments(small_acdc, tmp_path / "run", config)) == 0
    shown = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    shown.Reload()
    rows = [line.split(",") for line in (tmp_path / "run" / "metrics.csv").read_text().splitlines()[1:]]
    assert [event.step for event in shown.Scalars("loss")] == [int(row[0]) for row in rows]
    assert [event.value for event in shown.Scalars("dice/lv")] == pytest.approx(
        [float(row[4]) for row in rows if row[4]], abs=1e-4
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_that_a_run_killed_by_the_system_and_resumed_equals_an_uninterrupted_one(
    small_acdc: Path, tmp_path: Path, config: Path
) -> None:
    config.write_text(json.dumps(RECIPE | LONG))
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert main(_arguments(small_acdc, whole, config)) == 0
    process = subprocess.Popen([*COMMAND, *_arguments(small_acdc, killed, config)], env=ENVIRONMENT)
    while not list(killed.glob("checkpoint-*[1-9]*.safetensors")) and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "model.safetensors").exists()
    assert main(_arguments(small_acdc, killed, config)) == 0
    for name in ("model.safetensors", "checkpoint-0000035.safetensors", "metrics.csv", "split.json"):
        assert (whole / name).read_bytes() == (killed / name).read_bytes(), name


def test_that_a_terminal_gets_a_progress_bar(small_acdc: Path, tmp_path: Path, config: Path) -> None:
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, 100))
    arguments = _arguments(small_acdc, tmp_path / "run", config)
    with subprocess.Popen([*COMMAND, *arguments], env=ENVIRONMENT, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # Linux ends a terminal's output this way
            pass
        assert process.wait() == 0
    os.close(ours)
    assert b"training: 100%" in shown
    assert b"4/4" in shown


def test_that_bad_cases_are_told_and_listed(
    tmp_path: Path, config: Path, acdc_patient_writer: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2, 3, 5):
        acdc_patient_writer(tmp_path / "acdc", number)
    (tmp_path / "acdc" / "patient002" / "Info.cfg").unlink()
    labels = tmp_path / "acdc" / "patient003" / "patient003_frame08_gt.nii.gz"
    shutil.copy(tmp_path / "acdc" / "patient003" / "patient003_frame08.nii.gz", labels)
    assert main(_arguments(tmp_path / "acdc", tmp_path / "run", config)) == 0
    said = capsys.readouterr().out
    assert "left out: acdc/patient002: patient002: Info.cfg is missing." in said
    assert "left out: acdc/patient003 ES: patient003_frame08_gt.nii.gz: unknown label values" in said
    assert "2 left out in all, listed in" in said
    assert len((tmp_path / "run" / "bad_cases.csv").read_text().splitlines()) == 3


def test_that_sources_and_folds_come_from_the_config(small_acdc: Path, tmp_path: Path) -> None:
    config = tmp_path / "recipe.json"
    data = [{"kind": "acdc", "folder": str(small_acdc), "name": "site"}]
    config.write_text(json.dumps({**RECIPE, "data": data, "split": {"folds": 3, "fold": 0}}))
    assert main(["--out", str(tmp_path / "run"), "--config", str(config)]) == 0
    assert len(json.loads((tmp_path / "run" / "split.json").read_text())["validation"]) == 1
    assert main(["--out", str(tmp_path / "run"), "--config", str(config), "--fold", "1/3"]) == 1


def test_that_a_store_is_shared_by_runs(small_acdc: Path, tmp_path: Path, config: Path) -> None:
    for fold in ("0/3", "1/3"):
        out = tmp_path / fold.replace("/", "of")
        assert main(_arguments(small_acdc, out, config, "--store", str(tmp_path / "store"), "--fold", fold)) == 0
        assert not (out / "store").exists()
    assert len(list((tmp_path / "store").iterdir())) == 1


def test_that_every_wrong_setting_is_named(
    small_acdc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"batch": 0, "stepps": 3}')
    assert main(_arguments(small_acdc, tmp_path / "run", config)) == 2
    said = capsys.readouterr().err
    assert "'batch'" in said
    assert "'stepps'" in said
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "cause"),
    [
        ([], 2, "No data: give --data"),
        (["--data", "lungs=somewhere"], 2, "“lungs” is no kind of data"),
        (["--data", "phantom=many"], 2, "needs a number of hearts"),
        (["--data", "nowhere"], 1, "No ACDC patients under nowhere"),
        (["--data", "mnms=nowhere"], 1, "No CSV file with the columns External code, ED, ES"),
        (["--data", "nowhere", "--fold", "5"], 2, "give part and number of parts"),
        (["--data", "nowhere", "--fold", "5/5"], 2, "the last of 5 folds is 4"),
        (["--data", "nowhere", "--config", "gone.json"], 2, "there is no such file"),
        (["--data", "nowhere", "--until", "0"], 2, "--until 0: give a step from 1 on"),
        (["--data", "nowhere", "--until", "-5"], 2, "--until -5: give a step from 1 on"),
    ],
)
def test_that_wrong_usage_is_one_clear_message(
    arguments: list[str], code: int, cause: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--out", str(tmp_path / "run")]) == code
    said = capsys.readouterr().err
    assert cause in said
    assert "Traceback" not in said


def test_that_a_step_that_cannot_fit_is_refused_before_anything_is_written(
    small_acdc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**RECIPE, "batch": 10_000_000}))
    assert main(_arguments(small_acdc, tmp_path / "run", config)) == 2
    assert "use a smaller batch" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_that_a_missing_start_is_told_before_anything_is_written(
    small_acdc: Path, tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(json.dumps({**RECIPE, "start": str(tmp_path / "gone.cinecor")}))
    assert main(_arguments(small_acdc, tmp_path / "run", config)) == 1
    assert "gone.cinecor does not exist" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_that_another_data_set_in_the_folder_of_a_run_is_refused(
    small_acdc: Path,
    tmp_path: Path,
    config: Path,
    acdc_patient_writer: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(_arguments(small_acdc, tmp_path / "run", config)) == 0
    for number in (1, 2, 5, 7):
        acdc_patient_writer(tmp_path / "acdc", number)
    assert main(_arguments(tmp_path / "acdc", tmp_path / "run", config)) == 1
    assert "other patients: acdc/patient007 changed" in capsys.readouterr().err
