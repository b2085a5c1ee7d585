"""`caption`: what stands below every picture and movie of a study: whose it is, its numbers, who answers for them."""

from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.ui.look.names import notice
from cinecor.ui.look.texts import number_text, said, tr, with_colon
from cinecor.ui.study.difference import standing_text
from cinecor.ui.study.study_desk import StudyDesk

_TOLD = ("edv_ml", "esv_ml", "ef_percent")


def caption(desk: StudyDesk) -> tuple[str, ...]:
    """Return the lines, the notice last; name and ID only where the settings say that pictures may bear them."""
    return tuple(line for line in (_whose(desk), _numbers(desk), notice()) if line)


def _whose(desk: StudyDesk) -> str:
    study = desk.reading.study
    if study is None:
        return ""
    card, named = study.card, desk.settings.flag("picture_patient")
    who = [card.name, card.id] if named else [tr("Patient not named")]
    return " · ".join(part for part in (*who, card.study_date) if part)


def _numbers(desk: StudyDesk) -> str:
    result, standing = desk.review.result, standing_text(desk)
    if result is None:
        return standing
    parts = []
    for side in Ventricle:
        told = [
            f"{said(one.name)} {number_text(value, one.decimals)}{'?' if result.doubts(one, side) else ''} {one.unit}"
            for one in QUANTITIES
            if one.field in _TOLD and (value := result.value(one, side)) is not None
        ]
        if told:
            parts.append(with_colon(said(side.message), ", ".join(told)))
    return " · ".join((*parts, standing) if standing else parts)
