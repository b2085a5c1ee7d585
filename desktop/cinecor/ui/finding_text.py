"""Findings of the measurement in the language in use."""

from cinecor.measure.quality import Finding


def finding_text(finding: Finding) -> str:
    """Give the sentence of a finding."""
    return finding.message
