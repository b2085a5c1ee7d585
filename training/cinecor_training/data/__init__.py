"""Labelled studies of every kind, found on disk and brought to one form: cases of patients, dealt to two sides."""
