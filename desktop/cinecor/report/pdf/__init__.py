"""The report as a PDF: one page for routine and an appendix, drawn by reportlab, which is loaded when one is made."""
