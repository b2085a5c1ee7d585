"""The desktop: widgets over the use-cases of `cinecor.app`; the only place that imports Qt."""
