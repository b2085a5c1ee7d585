"""The ledger: who did what to a result, when; each entry bound to the one before it."""

from cinecor.review.ledger.entry import Act, Entry, Person, appended
from cinecor.review.ledger.verification import faults_of, read_ledger, written_ledger

__all__ = ["Act", "Entry", "Person", "appended", "faults_of", "read_ledger", "written_ledger"]
