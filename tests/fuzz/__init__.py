"""A fuzzer of what Cinecor reads: studies, archives, model packages, settings and earlier results."""
