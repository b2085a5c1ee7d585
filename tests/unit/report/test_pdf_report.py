"""The PDF holds what results.json holds, in both languages, as text, with its fonts inside."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageCms
from pydantic import BaseModel
from validators import pdfa_faults

from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, Slices
from cinecor.report.earlier_reading import reading_of
from cinecor.report.fact import fact
from cinecor.report.pdf.curve_plot import draw_curves
from cinecor.report.pdf.document import ReportContent, report_html, report_pdf, report_picture
from cinecor.report.pdf.key_images import KeyPixels
from cinecor.report.pdf.long_axis import LongAxisView
from cinecor.report.pdf.report_head import ReportHead
from cinecor.report.pdf.sheet import LV
from cinecor.report.pdf.srgb_profile import srgb_profile
from cinecor.report.pdf.words import Words
from cinecor.report.results import (
    AiFacts,
    LeftVentricle,
    QualityFacts,
    QualityFinding,
    ReferenceFact,
    ReferenceFacts,
    RegionalFacts,
    Results,
    RightVentricle,
    SegmentFacts,
    SignatureFacts,
    SlicesLeftOut,
    ValveLineFacts,
    ValvePlaneFacts,
)
from cinecor.review.provisional import PROVISIONAL
from cinecor.review.store.message_code import message_json
from cinecor.study.image_plane import ImagePlane

MADE = datetime(2026, 3, 4, 5, 6)
HEAD = ReportHead(
    name="Doe Jane", id="4711", birth_date="1960-02-29", sex="F", study_date="2026-01-31", scanner="Maker Model",
    field_tesla=1.5, height_cm=170.0, weight_kg=70.0,
)  # fmt: skip


@pytest.fixture
def content(results: Results, labels: np.ndarray) -> Callable[..., ReportContent]:
    """Return a function from changes of the results to what a report is made of."""

    def make(**changes: object) -> ReportContent:
        pixels = np.random.default_rng(1).normal(100, 20, labels.shape).astype(np.float32)
        return ReportContent(
            results.model_copy(update=changes), labels, HEAD, images=KeyPixels(pixels, base_first=True)
        )

    return make


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def changed(part: BaseModel, **changes: object) -> BaseModel:
    return part.model_copy(update=changes)


@pytest.mark.parametrize(("language", "point", "title"), [("en", ".", "Cardiac MRI"), ("fr", ",", "IRM cardiaque")])
def test_that_every_number_of_the_results_stands_in_the_report(
    content: Callable[..., ReportContent], language: str, point: str, title: str
) -> None:
    lv = LeftVentricle(edv_ml=187.4, esv_ml=91.6, sv_ml=95.8, ef_percent=51.12, co_l_min=6.27, mass_g=133.7)
    rv = RightVentricle(edv_ml=201.2, esv_ml=118.9, sv_ml=82.3, ef_percent=40.9, co_l_min=5.38)
    made = content(lv=lv, rv=rv)
    text = text_of(report_pdf(made, language=language, made=MADE))
    assert title in text
    surface = HEAD.surface_m2
    assert surface is not None
    for one in QUANTITIES:
        for ventricle in one.codes:
            value = one.of(lv if ventricle is Ventricle.LV else rv)
            assert value is not None
            assert f"{value:.{one.decimals}f}".replace(".", point) in text
            if one.per_m2:
                assert f"{value / surface:.{one.indexed_decimals}f}".replace(".", point) in text


def test_that_volumes_of_every_phase_stand_in_the_appendix(content: Callable[..., ReportContent]) -> None:
    made = content()
    text = text_of(report_pdf(made, language="en", made=MADE))
    for curve in (made.results.volumes_ml.lv, made.results.volumes_ml.rv, made.results.volumes_ml.myo):
        assert all(f"{value:.1f}" in text for value in curve)


def doubting(made: ReportContent, *concerns: str, moments: tuple[str, ...] = ()) -> QualityFacts:
    """The quality of results with one doubtful finding that bears on these; with none it is sure of everything."""
    finding = QualityFinding(
        code="odd", severity="doubtful", message="It is odd.", slices=[], phases=[], concerns=list(concerns),
        moments=list(moments),
    )  # fmt: skip
    return changed(made.results.quality, findings=[finding] if concerns else [], doubtful=list(concerns))


def test_that_a_number_in_doubt_carries_its_mark_and_so_does_its_value_per_m2(
    content: Callable[..., ReportContent],
) -> None:
    lv = LeftVentricle(edv_ml=187.4, esv_ml=91.6, sv_ml=95.8, ef_percent=51.12, co_l_min=6.27, mass_g=133.7)
    made = content(lv=lv)
    surface = HEAD.surface_m2
    assert surface is not None
    sure, unsure, at_es = (
        text_of(report_pdf(content(lv=lv, quality=quality), language="en", made=MADE))
        for quality in (doubting(made), doubting(made, "lv"), doubting(made, "lv", moments=("es",)))
    )
    edv, esv = f"{187.4 / surface:.1f}", f"{91.6 / surface:.1f}"
    assert not {"187?", "92?", f"{edv}?", f"{esv}?", "? = doubtful"} & set(found(sure))
    assert {"187?", "92?", f"{edv}?", f"{esv}?", "134?"} <= set(found(unsure))
    assert "? = doubtful" in unsure
    assert {"187", "92?", edv, f"{esv}?", "51.1?", "134"} <= set(found(at_es))


def found(text: str) -> list[str]:
    """The words of a page; a mark that stands right after a number belongs to it."""
    return re.sub(r"(?<=\d)\s*\?", "?", text).split()


def test_that_an_unknown_number_is_a_dash_and_no_zero(content: Callable[..., ReportContent]) -> None:
    nothing = RightVentricle(edv_ml=None, esv_ml=None, sv_ml=None, ef_percent=None, co_l_min=None)
    page = pypdfium2.PdfDocument(report_pdf(content(rv=nothing), language="en", made=MADE))[0]
    lines = [line for line in page.get_textpage().get_text_range().splitlines() if line.startswith("EF")]
    assert lines
    assert "–" in "".join(lines)


def test_that_slices_count_from_one_where_people_read(content: Callable[..., ReportContent]) -> None:
    made = content()
    message = Message("low", "Look at {slices}.", slices=Slices((0, 2)))
    finding = QualityFinding(
        code="low", severity="warning", message=str(message), said=message_json(message), slices=[0, 2], phases=[],
        concerns=[],
    )  # fmt: skip
    quality = changed(made.results.quality, findings=[finding])
    text = text_of(report_pdf(content(quality=quality), language="en", made=MADE))
    assert "Look at slices 1 and 3." in text
    older = changed(quality, findings=[changed(finding, said=None)])
    text = text_of(report_pdf(content(quality=older), language="en", made=MADE))
    assert "Look at slices 1 and 3." in text
    assert "count slices and phases from 0" in text


def test_that_the_report_says_who_answers_for_it(content: Callable[..., ReportContent]) -> None:
    status = content().results.status
    assert status is not None
    assert "AI, not verified" in text_of(report_pdf(content(), language="en", made=MADE))
    signature = SignatureFacts(
        name="Dr Ada Reader", organisation="Clinic", user="ada", time="2026-02-03T10:11:12+00:00", comment="Mild.",
        reasons={},
    )  # fmt: skip
    signed = changed(status, state="signed", signature=signature, version=2)
    text = text_of(report_pdf(content(status=signed), language="en", made=MADE))
    assert "Signed by Dr Ada Reader, 2026-02-03, version 2" in text
    assert "AI, not verified" not in text
    assert "Mild." in text


@pytest.mark.parametrize(
    ("language", "unseen", "signed_all_the_same"),
    [
        ("en", "2 frames were drawn by carrying or filling, and nobody has looked at them.", "Signed all the same: "),
        ("fr", "2 images ont été dessinées par report ou remplissage", "Signé quand même : "),
    ],
)
def test_that_a_doubt_that_was_signed_all_the_same_stands_among_the_open_findings_with_its_reason(
    content: Callable[..., ReportContent], language: str, unseen: str, signed_all_the_same: str
) -> None:
    results = content().results
    assert results.status is not None
    finding = QualityFinding(
        code="odd", severity="doubtful", message="The base is odd.", slices=[0], phases=[1], concerns=["lv"]
    )
    warning = changed(finding, code="low", severity="warning", message="The apex is faint.")
    reasons = {"odd|0|1|lv": "Seen on the long axis.", PROVISIONAL: "Watched twice at the console."}
    signature = SignatureFacts(
        name="Dr Ada Reader", organisation="Clinic", user="ada", time="2026-02-03T10:11:12+00:00", comment="",
        reasons=reasons,
    )  # fmt: skip
    quality = changed(results.quality, findings=[finding, warning])
    choices = changed(results.choices, frames_provisional=[(0, 1), (1, 1)])

    def first_page(signed: SignatureFacts | None, **made: object) -> str:
        status = changed(results.status, signature=signed, state="signed")
        pdf = report_pdf(content(quality=quality, status=status, **made), language=language, made=MADE)
        pages = [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]
        for reason in () if signed is None else signed.reasons.values():
            assert any(reason in page for page in pages[1:]) == (reason in pages[0])  # the appendix has them all
        return pages[0]

    page = first_page(signature, choices=choices)
    plain = " ".join(signed_all_the_same.split())
    assert f"The base is odd. {plain} Seen on the long axis." in page
    told = page.index(f"{plain} Watched twice at the console.")
    assert page.index("The base is odd.") < page.index(unseen) < told < page.index("The apex is faint.")
    looked_at = first_page(changed(signature, reasons={"odd|0|1|lv": "Seen on the long axis."}))
    assert unseen not in looked_at
    unsigned = first_page(None, choices=choices)
    assert unseen in unsigned
    assert plain not in unsigned


def test_that_results_from_before_there_was_a_status_are_not_verified(content: Callable[..., ReportContent]) -> None:
    assert "AI, not verified" in text_of(report_pdf(content(status=None), language="en", made=MADE))


def test_that_corrections_are_told_with_what_they_changed(content: Callable[..., ReportContent]) -> None:
    results = content().results
    ai = AiFacts(
        volumes_ml=results.volumes_ml, ed_phase=0, es_phase=1, lv=results.lv, rv=results.rv,
        frames_changed=[(0, 0), (0, 1), (1, 0)], lv_change={"edv_ml": -12.4, "ef_percent": 3.2}, rv_change={},
    )  # fmt: skip
    choices = changed(results.choices, frames_redrawn=[(0, 0), (0, 1)], slices_left_out=SlicesLeftOut(ed=[1]))
    text = text_of(report_pdf(content(ai=ai, choices=choices), language="en", made=MADE))
    assert "Left out at ED by the reader: slice 2." in text  # and not counted as if it had been drawn
    assert "Corrected against the model: 2 frames. LV EDV −12 mL, LV EF +3.2 points." in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_every_page_says_research_use_only(content: Callable[..., ReportContent], language: str) -> None:
    notice = {"en": "Research use only. Not for diagnosis.", "fr": "Recherche uniquement. Pas d’usage diagnostique."}
    document = pypdfium2.PdfDocument(report_pdf(content(), language=language, made=MADE))
    assert len(document) >= 2
    for page in document:
        assert notice[language] in page.get_textpage().get_text_range()


def test_that_many_findings_go_on_in_the_appendix_and_none_is_lost(content: Callable[..., ReportContent]) -> None:
    findings = [
        QualityFinding(
            code="x",
            severity="warning",
            message=f"Finding number {n} of a long list.",
            slices=[n],
            phases=[],
            concerns=[],
        )
        for n in range(120)
    ]
    quality = changed(content().results.quality, findings=findings)
    pdf = report_pdf(content(quality=quality), language="en", made=MADE)
    document = pypdfium2.PdfDocument(pdf)
    assert "more in the appendix" in document[0].get_textpage().get_text_range()
    assert len(document) >= 3
    text = text_of(pdf)
    assert all(f"Finding number {n} of a long list." in text for n in range(120))


def test_that_all_fonts_are_embedded(content: Callable[..., ReportContent]) -> None:
    pdf = report_pdf(content(), language="en", made=MADE)
    for page in pypdfium2.PdfDocument(pdf):
        for item in page.get_objects(max_depth=5):
            if isinstance(item, pypdfium2.PdfTextObj):
                assert item.get_font().is_embedded
    assert b"Helvetica" not in pdf


@pytest.mark.slow
def test_that_a_report_conforms_to_the_archives_form(content: Callable[..., ReportContent], tmp_path: Path) -> None:
    made, path = content(), tmp_path / "report.pdf"

    def write(language: str, *, mode: str, kind: str) -> None:
        """Write a report with a logo in colours that no archive takes."""
        logo = io.BytesIO()
        Image.new(mode, (40, 20), (0, 90, 90, 90)).save(logo, kind)
        head = replace(made.head, logo=logo.getvalue(), department="Cœur & <Vaisseaux>")
        path.write_bytes(report_pdf(replace(made, head=head), language=language, made=MADE))

    write("fr", mode="RGBA", kind="PNG")
    assert pdfa_faults(path) == ""
    write("en", mode="CMYK", kind="JPEG")
    assert pdfa_faults(path) == ""
    path.write_bytes(path.read_bytes().replace(b"/OutputIntents", b"/OutputIntentx"))
    assert "Invalid Color space" in pdfa_faults(path)  # else the validator would see nothing


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_the_page_as_a_picture_is_the_page(content: Callable[..., ReportContent], language: str) -> None:
    made = content()
    page = pypdfium2.PdfDocument(report_pdf(made, language=language, made=MADE))[0]
    there = page.render(scale=150 / 72).to_numpy()[..., ::-1].astype(int)
    picture = report_picture(made, language=language, made=MADE).astype(int)
    rows, columns = min(len(there), len(picture)), min(there.shape[1], picture.shape[1])
    difference = np.abs(there[:rows, :columns] - picture[:rows, :columns])
    assert difference.mean() < 3
    blocks = difference[: rows // 50 * 50, : columns // 50 * 50].reshape(rows // 50, 50, columns // 50, 50, 3)
    assert blocks.mean(axis=(1, 3, 4)).max() < 45  # nothing is absent or elsewhere anywhere on the page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_the_page_for_a_browser_says_what_the_pdf_says(
    content: Callable[..., ReportContent], language: str
) -> None:
    made = content()
    made = replace(made, head=replace(made.head, name="Doe <b>Jane</b> & Co"), impression="Œdème ≥ 2")
    page = report_html(made, language=language, made=MADE)
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    roots = [ElementTree.fromstring(one) for one in drawn]  # well-formed, whatever the names are
    words = " ".join(part for root in roots for part in root.itertext()).split()
    pdf = report_pdf(made, language=language, made=MADE)
    assert len(roots) == len(pypdfium2.PdfDocument(pdf))
    assert sorted("".join(words)) == sorted("".join(text_of(pdf).replace("\x02", "").split()))
    fetched = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert all(one.startswith(("data:image/png;base64,", "#clip-")) for one in fetched)
    assert "<script" not in page


def test_that_the_colour_profile_is_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    colours = [(0, 0, 0), (255, 255, 255), (163, 86, 0), (0, 106, 166), (27, 110, 60), (12, 3, 250)]
    picture = Image.new("RGB", (len(colours), 1))
    picture.putdata(colours)
    seen = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"))
    assert np.abs(np.asarray(seen, int) - np.asarray(picture, int)).max() <= 1


def test_that_a_report_without_the_study_says_that_it_has_no_images(results: Results, labels: np.ndarray) -> None:
    alone = ReportContent(results, labels, ReportHead())
    text = text_of(report_pdf(alone, language="en", made=MADE))
    assert "no images in this report" in text


def test_that_names_with_other_letters_are_written(results: Results, labels: np.ndarray) -> None:
    head = ReportHead(name="Łukasz Ångström Дмитрий Ελένη")
    text = text_of(report_pdf(ReportContent(results, labels, head), language="fr", made=MADE))
    assert "Łukasz Ångström Дмитрий Ελένη" in text


def test_that_ranges_and_segments_stand_in_the_report(content: Callable[..., ReportContent]) -> None:
    above = ReferenceFact(
        measure="lv.ef_percent", value=71.4, verdict="above", lower=51.0, upper=68.0, depends_on=[], table="t",
        source="Somebody 2017", papillary="cavity", rv_outflow=None, field_strength="1.5 T", groups=[], cautions=[],
        why=None,
    )  # fmt: skip
    refused = changed(
        above, measure="rv.edv_ml.indexed", verdict="refused", lower=None, upper=None, source="Other 2020"
    )
    segments = [
        SegmentFacts(
            segment=number, name="", slices=[0], ed_mm=number + 0.3, es_mm=None, thickening_mm=None,
            thickening_percent=number * 5.0, motion_mm=None, peak_ms=None, thickness_mm=[], motion_curve_mm=[],
            refused=None,
        )
        for number in range(1, 17)
    ]  # fmt: skip
    regional = RegionalFacts(
        orientation="patient", reasons=[], reason_facts=[], insertion=[], rings={}, segments=segments,
        mid_wall_ed_mm=7.8, peak_dispersion_ms=None, conventions={},
    )  # fmt: skip
    rv = changed(above, measure="rv.ef_percent", lower=46.5, upper=None, verdict="within", cautions=["rv_caution"])
    gone = changed(above, measure="lv.esv_ml", verdict="refused", lower=None, upper=None, table="ours", source="")
    cautions = {"rv_caution": "This range counts the outflow in.", "unusable:ours.csv": "Table ours is torn."}
    reference = ReferenceFacts(sex="F", age_years=60, comparisons=[above, refused, rv, gone], cautions=cautions)
    pdf = report_pdf(content(reference=reference, regional=regional), language="en", made=MADE)
    first = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "reference range of Somebody 2017." in first
    assert "Other 2020" not in first
    for number in range(1, 17):
        assert f"{number}.3" in first
    text = text_of(pdf)
    assert "51–68 %" in first  # below its bar, which alone tells no limit
    assert "≥ 46.5 %" in first
    assert "LV EF 71.4 %: above the range (51–68 %); Somebody 2017" in text
    assert "not compared: other conventions; Other 2020" in text
    assert "7.8 mm" in first
    assert "RV EF 71.4 %: within the range (≥ 46.5 %); Somebody 2017" in text
    assert "This range counts the outflow in." in text
    assert "LV ESV 71.4 mL: not compared: the chosen table cannot be used; ours" in text
    assert "Table ours is torn." in text


def test_that_a_number_in_doubt_has_its_range_and_no_verdict(content: Callable[..., ReportContent]) -> None:
    doubted = ReferenceFact(
        measure="lv.ef_percent", value=71.4, verdict="above", lower=51.0, upper=68.0, depends_on=[], table="t",
        source="Somebody 2017", papillary="cavity", rv_outflow=None, field_strength="1.5 T", groups=[], cautions=[],
        why=None, doubtful=True,
    )  # fmt: skip
    reference = ReferenceFacts(sex="F", age_years=60, comparisons=[doubted], cautions={})
    text = text_of(report_pdf(content(reference=reference), language="en", made=MADE))
    assert "LV EF 71.4 %: in doubt (51–68 %); Somebody 2017" in text
    assert "51–68 %" in text
    assert "above the range" not in text


@pytest.mark.parametrize(("language", "said"), [("en", "MAPSE 12.3 mm, by"), ("fr", "MAPSE 12,3 mm, selon")])
def test_that_valve_lines_stand_in_the_view_they_were_drawn_in(
    content: Callable[..., ReportContent], language: str, said: str
) -> None:
    across, down = np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
    planes = [ImagePlane(np.array([0.0, y, 0.0]), across, down, (1.5, 1.5), 90, 100) for y in (0.0, 40.0)]
    pixels = np.random.default_rng(3).normal(50, 9, (6, 90, 100)).astype(np.float32)
    views = tuple(
        LongAxisView(Message("v", name), pixels, plane) for name, plane in zip(("this", "that"), planes, strict=True)
    )
    ends = [tuple(map(tuple, planes[0].to_mm(np.array([[30.0, 40 + p], [70.0, 42 + p]])))) for p in range(6)]
    line = ValveLineFacts(
        valve="mitral", series_uid="1.2", chambers=4, drawn_phases=[0], unsure_phases=[], ends_mm=ends,
        view_normal=tuple(planes[0].normal),
    )  # fmt: skip
    facts = ValvePlaneFacts(mapse_mm=12.34, tapse_mm=None, lines=[line], bases=[], conventions={})
    sure = doubting(content())
    bare, drawn = content(), replace(content(valve_planes=facts, quality=sure), views=views)
    pdfs = [pypdfium2.PdfDocument(report_pdf(one, language=language, made=MADE)) for one in (bare, drawn)]
    pictures = [
        sum(isinstance(item, pypdfium2.PdfImage) for page in pdf for item in page.get_objects(max_depth=3))
        for pdf in pdfs
    ]
    assert pictures[1] - pictures[0] == 2  # at ED and ES, in the one view
    text = "\n".join(page.get_textpage().get_text_range() for page in pdfs[1])
    assert said in pdfs[1][0].get_textpage().get_text_range()
    assert "this, " in text
    assert "that, " not in text
    alone = text_of(report_pdf(content(valve_planes=facts, quality=sure), language=language, made=MADE))
    assert said in alone  # the numbers without the study, whose pictures are not at hand
    unsure = content(valve_planes=facts, quality=doubting(bare, "lv"))
    assert said.replace(" mm", "? mm") in text_of(report_pdf(unsure, language=language, made=MADE))
    of_the_other = content(valve_planes=facts, quality=doubting(bare, "rv"))
    assert said in text_of(report_pdf(of_the_other, language=language, made=MADE))


@pytest.mark.parametrize(
    ("before", "now", "by_reader", "said"),
    [
        (50.0, 56.0, False, "within the 6.2 points that two scans of one day differ by (95 percent of them; automatic"),
        (50.0, 57.0, False, "more than the 6.2 points"),
        (50.0, 43.0, False, "more than the 5.4 points"),
        (50.0, 57.0, True, "within the 8.9 points that two scans of one day differ by (95 percent of them; readers)"),
        (50.0, 60.0, True, "more than the 9.1 points"),
    ],
)
def test_that_a_change_of_ef_is_held_against_scan_and_rescan(
    content: Callable[..., ReportContent], before: float, now: float, by_reader: bool, said: str
) -> None:
    made = content()
    lv = made.results.lv
    sure = doubting(made)
    earlier = made.results.model_copy(update={"lv": changed(lv, ef_percent=before), "quality": sure})
    then = reading_of(earlier, date="2024-05-06")
    today = content(lv=changed(lv, ef_percent=now), quality=sure)
    today = replace(today, earlier=(replace(then, by_reader=by_reader),))
    pdf = report_pdf(today, language="en", made=MADE)
    first = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().replace("\r\n", " ")
    assert (
        f"Since 2024-05-06: LV EF {before:.1f} → {now:.1f} % ({now - before:+.1f} points)".replace("-7", "−7") in first
    )
    assert said in first


def test_that_a_change_to_a_doubtful_number_is_not_judged(content: Callable[..., ReportContent]) -> None:
    made = content()
    then = reading_of(made.results, date="2024-05-06")
    then = replace(then, doubtful=frozenset())
    doubted = replace(content(quality=doubting(made, "lv")), earlier=(then,))
    text = text_of(report_pdf(doubted, language="en", made=MADE))
    assert "not judged, because the number of now is doubtful" in text.replace("\r\n", " ")
    assert "two scans of one day" not in text


def test_that_a_change_since_a_doubtful_number_is_not_judged(content: Callable[..., ReportContent]) -> None:
    sure, doubtful = (content(quality=doubting(content(), *concerns)) for concerns in ((), ("lv",)))
    then = reading_of(doubtful.results, date="2024-05-06")
    text = text_of(report_pdf(replace(sure, earlier=(then,)), language="en", made=MADE))
    assert "not judged, because the number of then is doubtful" in text.replace("\r\n", " ")
    assert "two scans of one day" not in text
    row = next(line for line in text.splitlines() if line.startswith("LV EF (%)"))
    ef = f"{sure.results.lv.ef_percent:.1f}"
    assert row.split()[-3:] == [f"{ef}?", ef, "+0.0?"]  # then, now, and the change since


def test_that_warnings_of_the_import_stand_in_one_line_among_the_open_findings(
    content: Callable[..., ReportContent],
) -> None:
    made = content()
    missing = Message.counted(
        "images_missing_by_number", "{n} image seems to be missing.", "{n} images seem to be missing.", n=40
    )
    rate = Message("no_heart_rate", "The heart rate is unknown: no cardiac output.")
    audit = changed(
        made.results.audit,
        warnings=[str(missing), str(rate)],
        warning_facts=[fact(missing), fact(rate)],
        warnings_said=[message_json(missing), message_json(rate)],
    )
    told_as_finding = QualityFinding(
        code="no_heart_rate", severity="info", message=str(rate), slices=[], phases=[], concerns=["co"]
    )
    quality = changed(made.results.quality, findings=[told_as_finding], doubtful=[])
    pdf = report_pdf(content(audit=audit, quality=quality), language="en", made=MADE)
    first = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "Of the images: 40 images seem to be missing." in first
    assert "no cardiac output" not in first  # a finding tells it, and it is no more than a remark
    assert "No finding is open." in first  # what the import noted is none
    warning = QualityFinding(code="w", severity="warning", message="Look here.", slices=[], phases=[], concerns=["lv"])
    doubt = changed(warning, code="d", severity="doubtful", message="It is odd.")
    some = changed(quality, findings=[doubt, warning])
    first = pypdfium2.PdfDocument(report_pdf(content(audit=audit, quality=some), language="en", made=MADE))[0]
    text = first.get_textpage().get_text_range()
    assert text.index("It is odd.") < text.index("Look here.") < text.index("Of the images:")
    older = changed(audit, warning_facts=[], warnings_said=[])
    text = text_of(report_pdf(content(audit=older, quality=quality), language="en", made=MADE))
    assert "Of the images: 40 images seem to be missing." in text.replace("\r\n", " ")


def test_that_findings_without_room_are_counted_without_the_note_of_the_import(
    content: Callable[..., ReportContent],
) -> None:
    made = content()
    audit = changed(made.results.audit, warnings=["40 images seem to be missing."], warning_facts=[], warnings_said=[])
    doubts = [
        QualityFinding(code=f"d{n}", severity="doubtful", message=f"Doubt {n}.", slices=[], phases=[], concerns=["lv"])
        for n in range(60)
    ]
    quality = changed(made.results.quality, findings=doubts)
    first = pypdfium2.PdfDocument(report_pdf(content(audit=audit, quality=quality), language="en", made=MADE))[0]
    text = first.get_textpage().get_text_range()
    told = text.count("Doubt ")
    assert 0 < told < 60
    assert f"{60 - told} more in the appendix." in text


@pytest.mark.parametrize(
    ("severity", "ml", "told"),
    [("doubtful", 35.6, True), ("warning", 0.51, True), ("warning", 0.49, False), ("doubtful", None, False)],
)
def test_that_a_finding_says_its_expected_error_as_the_window_does(
    content: Callable[..., ReportContent], severity: str, ml: float | None, told: bool
) -> None:
    finding = QualityFinding(
        code="d", severity=severity, message="Odd.", slices=[0], phases=[0], concerns=["lv"], expected_error_ml=ml
    )
    made = content()
    quality = changed(made.results.quality, findings=[finding])
    for language, says in (("en", "Expected error: ≈"), ("fr", "Erreur attendue\u00a0: ≈")):
        pdf = report_pdf(content(quality=quality), language=language, made=MADE)
        text = text_of(pdf).replace("\u00a0", " ").replace("\r\n", " ")
        assert (f"{says} {round(ml or 0)} mL.".replace("\u00a0", " ") in text) is told


@pytest.mark.parametrize(("language", "point"), [("en", "."), ("fr", ",")])
def test_that_the_last_three_earlier_studies_stand_in_a_table_with_what_changed(
    content: Callable[..., ReportContent], language: str, point: str
) -> None:
    made = content(quality=doubting(content()))
    efs = {"2021-01-01": 31.1, "2022-02-02": 42.2, "2024-05-06": 53.3}
    earlier = tuple(
        reading_of(made.results.model_copy(update={"lv": changed(made.results.lv, ef_percent=ef)}), date=date)
        for date, ef in efs.items()
    )
    today = content(lv=changed(made.results.lv, ef_percent=60.0), quality=made.results.quality)
    text = text_of(report_pdf(replace(today, earlier=earlier), language=language, made=MADE))
    rows = [line for line in text.splitlines() if all(f"{ef:.1f}".replace(".", point) in line for ef in efs.values())]
    assert len(rows) == 1
    assert rows[0].split()[-2:] == [f"60{point}0", f"+6{point}7"]
    head = next(line for line in text.splitlines() if all(date in line for date in efs))
    assert head.count("2024-05-06") == 2  # its column, and since when the change is


def test_that_other_conventions_or_another_model_are_told_before_a_change(
    content: Callable[..., ReportContent],
) -> None:
    made = content()
    other = replace(reading_of(made.results, date="2020-01-01"), papillary="mass")
    newer = reading_of(made.results, date="2021-01-01")
    newer = replace(newer, model=changed(newer.model, sha256="cd" * 32))
    text = text_of(report_pdf(replace(made, earlier=(other,)), language="en", made=MADE))
    assert "2020-01-01: not compared, because papillary muscles were counted otherwise then." in text
    assert "→" not in text
    assert "differ by" not in text
    by_parts = replace(reading_of(made.results, date="2020-02-02"), base="fractional")
    text = text_of(report_pdf(replace(made, earlier=(by_parts,)), language="en", made=MADE))
    assert "2020-02-02: not compared, because slices at the base were counted otherwise then" in text
    assert "→" not in text
    text = text_of(report_pdf(replace(made, earlier=(newer,)), language="en", made=MADE))
    assert "2021-01-01: outlined by another model" in text
    assert "→" in text


@pytest.mark.parametrize("words", [3, 400])
def test_that_the_readers_words_are_whole_and_under_nothing_else(
    content: Callable[..., ReportContent], words: int
) -> None:
    said = " ".join(f"word{number}" for number in range(words))
    findings = [
        QualityFinding(code="x", severity="warning", message=f"Finding {n}.", slices=[n], phases=[], concerns=[])
        for n in range(60)
    ]
    quality = changed(content().results.quality, findings=findings)
    pdf = report_pdf(replace(content(quality=quality), impression=said), language="en", made=MADE)
    text = " ".join(text_of(pdf).split())
    assert all(f"word{number}" in text for number in range(words))
    times = 1 if words == 3 else 2  # whole in the appendix only where they were cut
    assert text.split().count("word0") == times
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    boxes = [page.get_rect(number) for number in range(page.count_rects())]
    lowest = min(bottom for _, bottom, _, _ in boxes)
    assert lowest > 0
    for left, bottom, right, top in boxes:
        height = top - bottom
        over = [
            other
            for other in boxes
            if other != (left, bottom, right, top)
            and min(right, other[2]) - max(left, other[0]) > 1
            and min(top, other[3]) - max(bottom, other[1]) > 0.5 * min(height, other[3] - other[1])
        ]
        assert over == []


class Drawn:
    """What is drawn on a sheet: its coloured lines and dots."""

    def __init__(self) -> None:
        self.lines: dict[str, list[tuple[float, float]]] = {}
        self.dots: list[tuple[float, float]] = []

    def text(self, *_: object, **__: object) -> float:
        return 0.0

    def line(self, points: list[tuple[float, float]], *, colour: str, **_: object) -> None:
        self.lines[colour] = points

    def dot(self, x: float, y: float, **_: object) -> None:
        self.dots.append((x, y))


@pytest.mark.parametrize("left_out", [[], [0]])
def test_that_a_slice_left_out_at_one_moment_notches_no_curve(
    content: Callable[..., ReportContent], left_out: list[int]
) -> None:
    made = content().results
    volumes = changed(made.volumes_ml, lv=[100.0, 90, 60, 80], rv=[90.0, 80, 50, 70], myo=[90.0] * 4)
    choices = changed(made.choices, slices_left_out=SlicesLeftOut(ed=[], es=left_out, all=[]))
    stack = changed(made.stack, phases=4, phase_times_ms=[0.0, 80.0, 160.0, 240.0])
    results = made.model_copy(
        update={"volumes_ml": volumes, "choices": choices, "stack": stack, "ed_phase": 0, "es_phase": 2}
    )
    sheet = Drawn()
    draw_curves(sheet, 0, 0, width=200, height=100, results=results, words=Words("en"))
    points, apart = sheet.lines[LV], {2} if left_out else set()
    assert len(points) == 4 - len(apart)
    lowest = max(y for _, y in points)
    assert len(sheet.dots) == 2 * len(apart)  # of both ventricles, with their own values
    assert all(y > lowest for _, y in sheet.dots)


def test_that_a_table_which_goes_on_has_its_head_on_every_page(content: Callable[..., ReportContent]) -> None:
    made = content()
    phases = 90
    volumes = made.results.volumes_ml.model_copy(
        update={name: [100.0 + phase for phase in range(phases)] for name in ("lv", "rv", "myo")}
    )
    stack = changed(made.results.stack, phases=phases, phase_times_ms=[9.0 * phase for phase in range(phases)])
    long = content(volumes_ml=volumes, stack=stack)
    pages = [
        page.get_textpage().get_text_range()
        for page in pypdfium2.PdfDocument(report_pdf(long, language="en", made=MADE))
    ]
    with_rows = [page for page in pages[1:] if "100.0" in page or "189.0" in page]
    assert len(with_rows) == 2
    assert all("Time (ms)" in page for page in with_rows)
    short = pypdfium2.PdfDocument(report_pdf(made, language="en", made=MADE))
    assert sum("Time (ms)" in page.get_textpage().get_text_range() for page in short) == 1


def test_that_a_key_image_on_which_nothing_is_drawn_says_so(content: Callable[..., ReportContent]) -> None:
    made = content()
    assert "no outline" not in text_of(report_pdf(made, language="en", made=MADE))
    labels = made.labels.copy()
    es = made.results.es_phase
    assert es is not None
    labels[0, es] = 0
    assert text_of(report_pdf(replace(made, labels=labels), language="en", made=MADE)).count("no outline") == 1


def texts_over_one_another(pdf: bytes) -> list[tuple[int, str, str]]:
    """Pairs of lines that lie over each other by more than half a point, with their page; and lines beyond the page."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), start=1):
        text, (width, height) = page.get_textpage(), page.get_size()
        items = page.get_objects(max_depth=5, textpage=text)
        lines = [
            (item.get_bounds(), item.extract())
            for item in items
            if isinstance(item, pypdfium2.PdfTextObj) and item.extract().strip()
        ]
        for at, ((left, bottom, right, top), said) in enumerate(lines):
            if left < 39 or right > width - 39 or bottom < 4 or top > height - 30:
                found.append((number, said, "the margin"))
            for other, another in lines[:at]:
                across = min(right, other[2]) - max(left, other[0])
                high = min(top, other[3]) - max(bottom, other[1])
                if across > 0.5 and high > 0.5:
                    found.append((number, said, another))
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_no_line_lies_over_another_however_much_there_is_to_say(
    content: Callable[..., ReportContent], language: str
) -> None:
    made = content()
    results, status = made.results, made.results.status
    assert status is not None
    assert texts_over_one_another(report_pdf(made, language=language, made=MADE)) == []
    signature = SignatureFacts(
        name="Professor Doctor Ada Longname-Reader", organisation="University Hospital of the Northern Coast", user="a",
        time="2026-02-03T10:11:12+00:00", comment="Nothing else was found on these images. " * 8, reasons={},
    )  # fmt: skip
    ai = AiFacts(
        volumes_ml=results.volumes_ml, ed_phase=0, es_phase=1, lv=results.lv, rv=results.rv, frames_changed=[(0, 0)],
        lv_change={"edv_ml": -12.4, "esv_ml": 3.3, "sv_ml": -15.7, "ef_percent": 3.2, "mass_g": 4.4},
        rv_change={"edv_ml": 9.4, "esv_ml": 3.3, "sv_ml": 6.1, "ef_percent": -1.2},
    )  # fmt: skip
    long_finding = (
        "A finding whose sentence is so long that it needs a second line, even on a page as wide as this one is."
    )
    finding = QualityFinding(code="x", severity="warning", message=long_finding, slices=[0], phases=[], concerns=[])
    segments = [
        SegmentFacts(
            segment=number, name="", slices=[0], ed_mm=10.3, es_mm=None, thickening_mm=None, thickening_percent=-105.0,
            motion_mm=None, peak_ms=None, thickness_mm=[], motion_curve_mm=[], refused=None,
        )
        for number in range(1, 17)
    ]  # fmt: skip
    regional = RegionalFacts(
        orientation="reader", reasons=[], reason_facts=[], insertion=[], rings={}, segments=segments,
        mid_wall_ed_mm=7.8, peak_dispersion_ms=40.0, conventions={},
    )  # fmt: skip
    crowded = content(
        status=changed(status, state="signed", signature=signature, version=12),
        ai=ai, regional=regional, quality=changed(results.quality, findings=[finding] * 9),
    )  # fmt: skip
    long = "x" * 300
    head = replace(made.head, name=long, id=long, study=f"A study {long}", scanner="Maker Model " * 9, department=long)
    crowded = replace(
        crowded, head=head, impression="The heart is as it was before. " * 20,
        earlier=tuple(reading_of(results, date=f"202{year}-05-06") for year in range(3)),
    )  # fmt: skip
    pdf = report_pdf(crowded, language=language, made=MADE)
    assert texts_over_one_another(pdf) == []
    first, *others = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert "10.3" not in first.replace(",", ".")  # the wall gives way to words
    assert "10.3" in "".join(others).replace(",", ".")
