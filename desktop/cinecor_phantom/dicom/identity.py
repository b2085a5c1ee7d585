"""Who the phantom is in DICOM: its UIDs, which the seed decides, and the words that say it is no patient."""

import hashlib
from dataclasses import dataclass

from pydicom.uid import UID, generate_uid

from cinecor_phantom.phantom import Phantom
from cinecor_phantom.planted import PLAIN

PATIENT_NAME = "Phantom^Cinecor"
SYNTHETIC = "Synthetic phantom by Cinecor. Not a patient. Research use only. Not for diagnosis."
STUDY_DATE = "20260105"  # one date for all: what is written depends on the parameters alone


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of one written study; the same phantom in the same style always gets the same."""

    patient_id: str
    entropy: tuple[str, ...]

    @classmethod
    def of(cls, phantom: Phantom, *, style: str) -> "Identity":
        """Return the identity of a phantom in a style."""
        entropy: tuple[str, ...] = (repr(phantom.shape), repr(phantom.acquisition), str(phantom.seed), style)
        if phantom.planted != PLAIN:
            entropy += (repr(phantom.planted),)
        digest = hashlib.sha256("\n".join(entropy).encode()).hexdigest()
        return cls(patient_id=f"CINECOR-{digest[:10].upper()}", entropy=entropy)

    def uid(self, *parts: object) -> UID:
        """Return a UID that depends on the phantom, the style and the parts that name the thing."""
        return generate_uid(entropy_srcs=[*self.entropy, *(str(part) for part in parts)])
