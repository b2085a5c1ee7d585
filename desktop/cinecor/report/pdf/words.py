"""`Words`: what a report says, in one language."""

from collections.abc import Mapping
from typing import Any

from cinecor.language import language
from cinecor.measure.conventions import NOTICE
from cinecor.message import Message
from cinecor.report.results import QualityFinding
from cinecor.review.store.message_code import message_of

_UNKNOWN = "–"


class Words:
    """A language, and the few ways in which a report uses it."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._language = language(code)

    @property
    def notice(self) -> str:
        """What stands on every page."""
        return self._language.gettext(NOTICE)

    def say(self, message: Message) -> str:
        """Return a message as a sentence."""
        return message.text(self._language)

    def number(self, value: float | None, decimals: int, *, signed: bool = False) -> str:
        """Return a number as people write it; a dash where it is unknown."""
        if value is None:
            return _UNKNOWN
        return self._language.number(f"{value:{'+' if signed else ''}.{decimals}f}")

    def exact(self, value: float) -> str:
        """Return a number with the decimals that it has."""
        return self._language.number(f"{value:.6f}".rstrip("0").rstrip("."))

    def finding(self, finding: QualityFinding) -> str:
        """Return what a finding says; in English, as the file holds it, where the file is older than `said`."""
        return self.restored(finding.said, finding.message)

    def restored(self, said: Mapping[str, Any] | None, sentence: str) -> str:
        """Return a message that a file keeps beside its English sentence; the sentence where it cannot be restored."""
        if said is None:
            return sentence
        try:
            return self.say(message_of(dict(said)))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return sentence
