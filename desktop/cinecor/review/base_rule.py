"""`BaseRule`: what of a slice at the base counts where a valve's line was drawn."""

from enum import StrEnum


class BaseRule(StrEnum):
    """Both are in use; ranges and the model's accuracy rest on whole slices."""

    WHOLE = "whole"  # a slice counts or not, by the reader's choice
    FRACTIONAL = "fractional"  # the part of its slab below the valve's plane counts, where that is known
