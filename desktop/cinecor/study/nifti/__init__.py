"""One NIfTI file → `CineStack` + `ImportAudit`."""

from cinecor.study.nifti.nifti_file import is_nifti
from cinecor.study.nifti.nifti_stack import read_nifti

__all__ = ["is_nifti", "read_nifti"]
