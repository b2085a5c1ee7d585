"""`SparedSource`: a site's studies without those of patients who are named in a file, such as who took back consent."""

from dataclasses import dataclass, replace
from pathlib import Path

from cinecor.errors import InputError, system_reason
from cinecor.message import Message
from cinecor_training.data.case import BadCase, Case, FoundCases, Source
from cinecor_training.data.provenance import SignedCase, patient_digest


@dataclass(frozen=True, slots=True)
class SparedSource:
    """A source whose patients and studies in `named` are not taken: a PatientID, its digest or a study a line."""

    source: Source
    named: Path

    @property
    def name(self) -> str:
        """The name of the source behind it."""
        return self.source.name

    def find(self) -> FoundCases:
        """Return what the source behind it lists without whom the file names; these are listed as left out.

        A line that names nobody is told by its number: it may be a slip. Raises `InputError` for a file that cannot be
        read.
        """
        found = self.source.find()
        lines = {line: number for number, line in enumerate(self._lines(), start=1) if line}
        digests = {patient_digest(line): line for line in lines}
        kept: list[Case] = []
        bad = list(found.bad)
        met: set[str] = set()
        for case in found.cases:
            study = case.provenance.study if isinstance(case, SignedCase) else ""
            names = {digests.get(case.patient, case.patient), study} & lines.keys()
            if names:
                met |= names
                bad.append(BadCase(self.name, case.patient, case.moment, f"{self.named.name} names it."))
            else:
                kept.append(case)
        bad += [
            BadCase(self.name, "", "", f"{self.named.name}: line {number} names nobody who is here.")
            for line, number in lines.items()
            if line not in met
        ]
        return replace(found, cases=tuple(kept), bad=tuple(bad))

    def _lines(self) -> list[str]:
        try:
            return [line.strip() for line in self.named.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            reason = system_reason(error) if isinstance(error, OSError) else "it is no text"
            raise InputError(
                Message(
                    "spared_unreadable",
                    "{path}, which names whom to leave out, cannot be read ({reason}).",
                    path=self.named,
                    reason=reason,
                )
            ) from error
