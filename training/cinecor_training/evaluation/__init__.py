"""How good a model is: on labelled patients, on studies of other scanners, beside a peer."""

from cinecor.agreement.overlap import dice

__all__ = ["dice"]
