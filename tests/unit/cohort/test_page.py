"""Rules of cohort.html: sentences instead of codes, the marks of doubt, and pictures that can be read."""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.cohort.test_table import FACTS

from cinecor.cohort.copies import copies_told
from cinecor.cohort.histogram import histogram_svg
from cinecor.cohort.input_row import State, StudyRow
from cinecor.cohort.manifest import Manifest
from cinecor.cohort.page import write_page
from cinecor.cohort.study_facts import StudyFacts
from cinecor.cohort.table import table_rows
from cinecor.message import Message

PLACED: dict = {"code": "any", "slices": [], "phases": [], "concerns": ["rv"]}
DOUBT = {**PLACED, "message": "The RV is much larger in slice 4.", "severity": "doubtful"}
WARNING = {**PLACED, "message": "Slices lie 17.7 mm apart <usual: 12>.", "severity": "warning"}
NOTE = {**PLACED, "message": "Worth knowing.", "severity": "info"}


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    with closing(Manifest.open(tmp_path, resume=False)) as manifest:
        yield manifest


def _page(manifest: Manifest, folder: Path, facts: StudyFacts = FACTS) -> str:
    manifest.add(folder / "given", name="study")
    row = manifest.row_of(folder / "given")
    assert row is not None
    manifest.settle(row, state=State.DONE, studies=(StudyRow(1, "study", facts=facts),))
    write_page(manifest, folder)
    return (folder / "cohort.html").read_text()


def test_that_a_study_in_doubt_says_why_in_the_sentences_of_its_results(manifest: Manifest, tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    answered = {**DOUBT, "message": "The LV jumps in phase 3.", "answered": True}
    results = {"quality": {"findings": [DOUBT, answered, WARNING, NOTE]}}
    (tmp_path / "study" / "results.json").write_text(json.dumps(results))
    page = _page(manifest, tmp_path)
    assert '<p class="doubtful">The RV is much larger in slice 4.</p>' in page
    assert "<summary>1 more to look at</summary><p>Slices lie 17.7 mm apart &lt;usual: 12&gt;.</p>" in page
    assert "Worth knowing" not in page
    assert "The LV jumps" not in page
    assert "rv_area_off" not in page
    assert '<td class="doubtful">RV volumes and EF</td>' in page


@pytest.mark.parametrize("content", [None, "", "{}", '{"quality": {"findings": 1}}'])
def test_that_a_study_whose_results_cannot_be_read_has_codes_instead(
    manifest: Manifest, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "study").mkdir()
        (tmp_path / "study" / "results.json").write_text(content)
    assert "rv_area_off" in _page(manifest, tmp_path)


def test_that_the_numbers_in_doubt_carry_the_mark_and_the_others_do_not(manifest: Manifest, tmp_path: Path) -> None:
    numbers = {**FACTS.numbers, "lv_edv_ml": 150.0, "rv_edv_ml": 160.0, "rv_ef_percent": None}
    page = _page(manifest, tmp_path, replace(FACTS, numbers=numbers, doubtful_numbers=["rv_edv_ml", "rv_esv_ml"]))
    cells = re.findall(r'<td class="number">(.*?)</td>', page[page.index("What to look at first") :])
    assert cells[0] == "150"
    assert cells[2] == '160 <span class="doubtful">?</span>'
    assert cells[3] == "–"
    assert [cell.endswith("?</span>") for cell in cells] == [False, False, True, False]


def test_that_what_another_version_calls_doubtful_is_told_as_it_calls_it(manifest: Manifest, tmp_path: Path) -> None:
    page = _page(manifest, tmp_path, replace(FACTS, doubtful=["rv", "strain"]))
    assert '<td class="doubtful">RV volumes and EF, strain</td>' in page


def test_that_copies_of_a_study_are_told_with_their_rows_and_none_is_dropped(
    manifest: Manifest, tmp_path: Path
) -> None:
    for name, uids in (("one", ["1.2", "1.3"]), ("other", ["1.2"]), ("nifti", []), ("frame", [])):
        manifest.add(tmp_path / name, name=name)
        row = manifest.row_of(tmp_path / name)
        assert row is not None
        manifest.settle(row, state=State.DONE, studies=(StudyRow(1, name, facts=replace(FACTS, series_uids=uids)),))
    assert copies_told(manifest) is None
    manifest.add(tmp_path / "one.zip", name="copy")
    row = manifest.row_of(tmp_path / "one.zip")
    assert row is not None
    manifest.settle(
        row, state=State.DONE, studies=(StudyRow(1, "copy", facts=replace(FACTS, series_uids=["1.3", "1.2"])),)
    )
    told = copies_told(manifest)
    assert str(told).startswith("1 study lies more than once among the inputs: one = copy;")
    digests = {str(row["study"]): row["series_digest"] for row in table_rows(manifest)}
    assert digests["one"] == digests["copy"] != digests["other"]
    assert digests["nifti"] is None


def test_that_a_failure_is_a_sentence_first_and_its_code_beside_it(manifest: Manifest, tmp_path: Path) -> None:
    manifest.add(tmp_path / "bad", name="bad")
    row = manifest.row_of(tmp_path / "bad")
    assert row is not None
    manifest.settle(row, state=State.FAILED, failure=Message("zip_broken", "It is cut off & broken."))
    page = _page(manifest, tmp_path)
    assert page.count("It is cut off &amp; broken. <code>zip_broken</code>") == 2  # by reason, and in the list of each


def _texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def _heights(svg: str) -> list[float]:
    return [float(height) for height in re.findall(r'<rect [^>]*height="([0-9.]+)"', svg)]


def test_that_both_axes_of_a_histogram_are_told_in_round_numbers_with_their_units() -> None:
    values = [100.0, 101.0, 119.0, 121.0, 125.0, 128.0, 131.0, 159.0, 180.0]
    svg = histogram_svg(values, title="LV EDV", unit="mL")
    texts = _texts(svg)
    assert {"mL", "studies", "0"} <= set(texts)
    across = [int(text) for text in texts[: texts.index("mL")]]
    assert across[0] <= 100
    assert across[-1] >= 160
    assert len({later - earlier for earlier, later in itertools.pairwise(across)}) == 1
    assert all(value % 20 == 0 for value in across)


def test_that_a_bar_is_as_high_as_its_count_on_the_axis() -> None:
    svg = histogram_svg([1.0] * 8 + [11.0] * 4, title="LV EF", unit="%")
    tallest, other = sorted(_heights(svg), reverse=True)
    assert tallest == pytest.approx(2 * other, abs=0.11)
    texts = _texts(svg)
    upward = [int(text) for text in texts[texts.index("%") + 1 : -1]]
    assert upward == sorted(upward)
    assert upward[0] == 0
    assert tallest / 90 == pytest.approx(8 / upward[-1], abs=0.01)  # 90: how high the plot is


@pytest.mark.parametrize("values", [[55.0], [55.0, 55.0], [0.0, 1000.0], [-3.0, 4.0], [54.9, 55.0, 55.1]])
def test_that_every_study_is_in_a_bar(values: list[float]) -> None:
    svg = histogram_svg(values, title="x", unit="y")
    texts = _texts(svg)
    top = int(texts[-2])
    assert sum(_heights(svg)) * top / 90 == pytest.approx(len(values), abs=0.1)


def test_that_nothing_is_drawn_of_no_values() -> None:
    assert "<svg" not in histogram_svg([], title="LV EDV", unit="mL")
