"""What the engine says is told in French: findings, warnings, reasons, errors with their remedies."""

import re

import pytest

from cinecor.study import SeriesKind
from cinecor.ui.look.engine_text import in_language

from .engine_sentences import engine_sentences

_ENGLISH = re.compile(r"\b(the|of|is|are|and|with|which|for|not|has|have|from|used|missing|slices?|frames?|it)\b")


def test_that_every_sentence_in_the_engines_code_is_told_in_french() -> None:
    sentences = {text.replace("{}", "7") for text in engine_sentences()}
    left_english = sorted(one for one in sentences if in_language(one, "fr") is None)
    assert left_english == []


def test_that_no_french_sentence_keeps_english_words() -> None:
    mixed = {}
    for text in engine_sentences():
        said = in_language(text.replace("{}", "7"), "fr") or ""
        plain = re.sub(r"«[^»]*»", "", said)  # commands to type
        if _ENGLISH.search(plain):
            mixed[text] = said
    assert mixed == {}


def test_that_every_kind_of_series_is_told_in_french() -> None:
    assert [kind for kind in SeriesKind if in_language(kind.value, "fr") is None] == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "The model is unsure (confidence below 0.75) in 6 of 190 frames, in slices 1, 3 to 5 and 8.",
            "Le modèle hésite (confiance sous 0,75) dans 6 des 190 images : coupes 1, 3 à 5 et 8.",
        ),
        (
            "Pieces that cannot belong to the ventricles were removed in 1 of 25 phases (at most 0.8 ml in one).",
            "Des morceaux qui ne peuvent appartenir aux ventricules ont été retirés dans 1 des 25 phases "
            "(au plus 0,8 ml dans une).",
        ),
        (
            "1 plane through 25 phases, but the normal stands 81° off the usual long axis of the heart",
            "1 plan sur 25 phases, mais la normale s’écarte de 81° du grand axe usuel du cœur",
        ),
        (
            "3 slice positions of 11 acquired more than once: at 2 the latest is used; "
            "at 1 the latest is incomplete and an earlier is used.",
            "3 positions de coupe sur 11 acquises plusieurs fois : pour 2, la plus récente est utilisée ; "
            "pour 1, la plus récente est incomplète, une antérieure est utilisée.",
        ),
        (
            "series 9 '2CH': long-axis cine: 1 plane through 25 phases, but the normal stands 76° off the usual long "
            "axis of the heart",
            "série 9 « 2CH » : ciné grand axe : 1 plan sur 25 phases, mais la normale s’écarte de 76° du grand axe "
            "usuel du cœur",
        ),
        (
            "series 7 'slice and phase': another stack, not chosen (1 slices x 25 phases)",
            "série 7 « slice and phase » : une autre pile, non choisie (1 coupe × 25 phases)",
        ),
        (
            "slices and phases: no DICOM image among 1 files (the.txt: not a DICOM file); "
            "give the folder, DICOMDIR or .zip of a cardiac MR study.",
            "slices and phases : aucune image DICOM parmi 1 fichier (the.txt : pas un fichier DICOM) ; "
            "donnez le dossier, le DICOMDIR ou le .zip d’une IRM cardiaque.",
        ),
        (
            "SAX 1.5 T: not a DICOM file",
            "SAX 1.5 T : pas un fichier DICOM",
        ),
        (
            "study: no short-axis cine found; there are series 3 '2CH' (long-axis cine: 1 x 25, 1.2.840.1), "
            "series 4 (localiser: 3 x 1, 1.2.840.2) and 2 more; give the short-axis series, or name one with --series.",
            "study : aucun ciné petit axe trouvé ; il y a série 3 « 2CH » (ciné grand axe : 1 × 25, 1.2.840.1), "
            "série 4 (repérage : 3 × 1, 1.2.840.2) et 2 autres ; donnez la série petit axe, ou nommez-en une avec "
            "--series.",
        ),
        (
            "int8 on CPU: measured fastest on the phantom with the same masks (6.2 ms a frame, Dice 0.9969 against "
            "fp32 on the CPU; fp32 on CPU 15.5 ms, Dice 1.0000). No GPU was tried: this installation holds no CUDA "
            "build of ONNX Runtime.",
            "int8 sur CPU : mesuré le plus rapide sur le fantôme avec les mêmes masques (6,2 ms par image, Dice 0,9969 "
            "contre fp32 sur CPU ; fp32 sur CPU 15,5 ms, Dice 1,0000). Aucun GPU n’a été essayé : cette installation "
            "n’a pas ONNX Runtime pour CUDA.",
        ),
        (
            "ED is phase 18, the largest LV volume (189.0 ml); ES is phase 7, set by hand; chosen among 20 phases.",
            "TD : phase 18, le plus grand volume VG (189,0 ml) ; TS : phase 7, fixée à la main ; parmi 20 phases.",
        ),
        (
            "Phases are ordered by AcquisitionTime: TriggerTime is missing in 4 of 300 frames; "
            "InstanceNumber is one value for all phases.",
            "Les phases sont ordonnées selon AcquisitionTime : TriggerTime manque dans 4 images sur 300 ; "
            "InstanceNumber a une seule valeur pour toutes les phases.",
        ),
        (
            "/data/the slice/out.json cannot be written (No space left on device); "
            "free some space or choose another folder.",
            "/data/the slice/out.json ne peut être écrit (plus de place sur le disque) ; "
            "libérez de l’espace ou choisissez un autre dossier.",
        ),
    ],
)  # fmt: skip
def test_that_values_are_kept_and_phrases_in_them_translated(english: str, french: str) -> None:
    said = in_language(english, "fr")
    assert said is not None
    assert said.replace("\N{NO-BREAK SPACE}", " ") == french
    assert in_language(english, "en") == english


def test_that_a_sentence_nobody_knows_is_not_half_translated() -> None:
    assert in_language("A sentence that nobody knows.", "fr") is None
