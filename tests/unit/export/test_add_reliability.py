"""What is known of a model's errors goes into its package: the graphs stay, and an interval that fails is refused."""

import json
import runpy
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from small_models import write_small_package

from cinecor.inference.package.model_package import ModelPackage, read_package
from cinecor.inference.package.reliability import (
    FEWEST_PATIENTS,
    Coverage,
    EfInterval,
    FrameKind,
    FrameRisk,
    MarkLimits,
    Reliability,
)
from cinecor.inference.package.signature import key_of
from cinecor_export.gates import failed, interval_gates
from cinecor_resources import bundled_model

SCRIPT = Path(__file__).parents[3] / "export" / "add_reliability.py"


def reliability(*reported: Coverage) -> Reliability:
    risk = FrameRisk(wrong=(-3.0, 1.0, 1.0, 1.0), error=(1.0, 1.0))
    interval = EfInterval(
        data="nobody", fitted=40, calibrated=80, scale=(1.0, 0.0, 0.0), below=-2.0, above=3.0, reported=reported
    )
    return Reliability(
        data="nobody",
        frames={"lv": {FrameKind.ABOVE: risk}},
        limits={"lv": MarkLimits(outlined=0.07, empty=0.2)},
        ef={"lv": interval},
    )


def held(inside: int, patients: int, *, whole_cine: bool = True) -> Coverage:
    return Coverage(data="held out", patients=patients, inside=inside, mean_width=24.0, whole_cine=whole_cine)


@pytest.mark.parametrize(
    ("inside", "patients", "refused"),
    [
        (51, 63, True),  # at most 89.9 % by the exact interval
        (52, 63, False),  # 91.0 %
        (63, 63, True),  # at least 94.3 %: wider than it says
        (61, 63, False),
        (29, 30, False),  # at most 99.9 %
    ],
)
def test_that_a_coverage_whose_exact_interval_excludes_nine_tenths_fails(
    inside: int, patients: int, refused: bool
) -> None:
    assert bool(failed(interval_gates(reliability(held(inside, patients))))) is refused


@pytest.mark.parametrize("inside", [40, 63])
def test_that_what_readers_drew_on_given_frames_decides_nothing(inside: int) -> None:
    of_cines, of_frames = held(57, 63), held(inside, 63, whole_cine=False)
    assert interval_gates(reliability(of_cines, of_frames)) == interval_gates(reliability(of_cines))


@pytest.mark.parametrize("reported", [(), (held(57, 63, whole_cine=False),), (held(27, 29), held(19, 20))])
def test_that_an_interval_that_was_held_against_too_few_whole_cines_fails(reported: tuple[Coverage, ...]) -> None:
    (gate,) = failed(interval_gates(reliability(*reported)))
    assert "not checked on the EF of whole cines of 30 patients" in gate.name


def test_that_a_small_group_may_stand_beside_one_that_is_large_enough() -> None:
    assert not failed(interval_gates(reliability(held(27, 30), held(20, 20))))


def test_that_each_coverage_is_judged_on_its_own() -> None:
    gates = interval_gates(reliability(held(57, 63), held(40, 63)))
    assert [gate.name for gate in failed(gates)] == [gates[1].name]
    assert "40 of 63" in gates[1].name


def test_that_the_bundled_models_interval_held_the_ejection_fraction_of_whole_cines() -> None:
    told = read_package(bundled_model()).reliability()
    assert told is not None
    gates = interval_gates(told)
    assert not failed(gates)
    assert any(one.whole_cine and one.patients >= FEWEST_PATIENTS for one in told.ef["lv"].reported)
    in_package = [gate for gate in read_package(bundled_model()).manifest.gates if "EF interval" in gate.name]
    assert in_package == list(gates)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_small_package(tmp_path / "small.cinecor", int8={})


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    return int(end.value.code or 0)


def added(
    package: Path, told: Reliability, folder: Path, monkeypatch: pytest.MonkeyPatch, *more: object
) -> ModelPackage:
    (folder / "reliability.json").write_text(told.to_json(), "utf-8")
    out = folder / "made.cinecor"
    assert run(monkeypatch, package, folder / "reliability.json", "--out", out, *more) == 0
    return read_package(out)


def test_that_graphs_and_identity_stay_as_they_are(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, told = read_package(package), reliability(held(57, 63))
    after = added(package, told, tmp_path, monkeypatch)
    assert before.reliability() is None
    assert after.reliability() == told
    assert after.manifest.precisions == before.manifest.precisions
    for precision in before.manifest.precisions:
        assert after.graph(precision) == before.graph(precision)
        name = f"{precision}.onnx"
        assert after.manifest.parts[name] == before.manifest.parts[name]
    for fact in ("id", "version", "created", "compared_with"):
        assert getattr(after.manifest, fact) == getattr(before.manifest, fact)


def test_that_the_card_tells_of_doubt_once_however_often_it_is_added(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = added(package, reliability(held(57, 63)), tmp_path, monkeypatch)
    text = first.part("card.md").decode()
    assert text.startswith(read_package(package).part("card.md").decode().rstrip("\n"))
    assert "| held out | 63 | 57 | 90 % |" in text
    assert (tmp_path / "made.md").read_text("utf-8") == text
    (tmp_path / "again").mkdir()
    second = added(tmp_path / "made.cinecor", reliability(held(55, 63)), tmp_path / "again", monkeypatch)
    text = second.part("card.md").decode()
    assert text.count("## Doubt") == 1
    assert "| held out | 63 | 55 | 87 % |" in text
    assert [gate.name for gate in second.manifest.gates if "EF interval" in gate.name] == [
        gate.name for gate in interval_gates(reliability(held(55, 63)))
    ]


def test_that_a_section_for_the_card_stands_before_doubt_and_replaces_an_earlier_one(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, notes = reliability(held(57, 63)), tmp_path / "notes.md"
    notes.write_text("## Why it ships\n\nIt is the best.\n", "utf-8")
    first = added(package, told, tmp_path, monkeypatch, "--notes", notes).part("card.md").decode()
    assert first.startswith(read_package(package).part("card.md").decode().rstrip("\n"))
    assert "\n## Why it ships\n\nIt is the best.\n\n## Doubt\n" in first
    (tmp_path / "again").mkdir()
    made = tmp_path / "made.cinecor"
    assert added(made, told, tmp_path / "again", monkeypatch).part("card.md").decode() == first  # it stays
    notes.write_text("## Why it ships\n\nNothing was better.\n", "utf-8")
    (tmp_path / "other").mkdir()
    other = added(made, told, tmp_path / "other", monkeypatch, "--notes", notes).part("card.md").decode()
    assert other == first.replace("It is the best.", "Nothing was better.")


def test_that_an_interval_that_does_not_hold_is_refused_and_nothing_is_written(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reliability.json").write_text(reliability(held(40, 63)).to_json(), "utf-8")
    out = tmp_path / "made.cinecor"
    assert run(monkeypatch, package, tmp_path / "reliability.json", "--out", out) != 0
    assert not out.exists()
    told = capsys.readouterr().err
    assert "40 of 63" in told
    assert "Measure the doubt again with more patients." in told


@pytest.mark.parametrize(
    "change", [{"limits": {}, "frames": 3}, {"ef": {"lv": {"calibrated": 29}}}, {"limits": {"lv": {"outlined": 0}}}]
)
def test_that_what_is_no_reliability_is_refused(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    facts = {**json.loads(reliability(held(57, 63)).to_json()), **change}
    (tmp_path / "reliability.json").write_text(json.dumps(facts), "utf-8")
    assert run(monkeypatch, package, tmp_path / "reliability.json", "--out", tmp_path / "made.cinecor") == 4
    assert not (tmp_path / "made.cinecor").exists()


def test_that_a_key_signs_the_package(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Ed25519PrivateKey.generate()
    pem = tmp_path / "key.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem.chmod(0o600)
    made = added(package, reliability(held(57, 63)), tmp_path, monkeypatch, "--sign", pem)
    assert made.signed_by == key_of(key)
