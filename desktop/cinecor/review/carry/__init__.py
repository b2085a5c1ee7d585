"""Carry a correction to other phases and slices: the change of a border, not the border."""

from cinecor.review.carry.carry import Carried, carry_over_phases, carry_over_slices
from cinecor.review.carry.fill import fill_between

__all__ = ["Carried", "carry_over_phases", "carry_over_slices", "fill_between"]
