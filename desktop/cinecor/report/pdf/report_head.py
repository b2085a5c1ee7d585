"""`ReportHead`: what a report says above its numbers: who, what, where, and for whom."""

from dataclasses import dataclass

from cinecor.review import Body


@dataclass(frozen=True, slots=True)
class ReportHead:
    """Patient, study, scanner and department; empty or None where it is not known."""

    name: str = ""  # or the pseudonym that stands for it
    id: str = ""
    birth_date: str = ""
    sex: str = ""
    sex_typed: bool = False  # a reader's, where the headers say nothing or another
    age_years: int | None = None  # as reference ranges were chosen by; 90 stands for 90 and more
    age_typed: bool = False
    study_date: str = ""
    study: str = ""
    scanner: str = ""
    field_tesla: float | None = None
    height_cm: float | None = None
    height_typed: bool = False
    weight_kg: float | None = None
    weight_typed: bool = False
    department: str = ""
    logo: bytes | None = None  # a PNG or JPEG file

    @property
    def surface_m2(self) -> float | None:
        """Body surface area in m², as the numbers are indexed by."""
        return Body(height_cm=self.height_cm, weight_kg=self.weight_kg).surface_m2
