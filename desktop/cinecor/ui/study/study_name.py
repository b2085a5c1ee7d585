"""`study_name`: whose study it is and of when, as windows and tabs say it."""

from cinecor.ui.study.study_desk import StudyDesk


def study_name(desk: StudyDesk) -> str:
    """Give the patient's name where it may be shown, else the input's, with the date of the study."""
    card = None if desk.study is None else desk.study.card
    if card is None:
        return desk.path.name
    name = (card.name or card.id) if desk.settings.flag("show_patient") else ""
    return " · ".join(part for part in (name or desk.path.name, card.study_date) if part)
