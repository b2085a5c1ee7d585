"""Why an export is refused."""

from cinecor.errors import CinecorError


class ExportRefused(CinecorError):
    """A gate does not let the model through; the text holds the figures, and nothing was written."""
