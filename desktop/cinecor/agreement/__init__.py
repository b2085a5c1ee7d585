"""How well two sides agree on outlines and numbers: two readers, two models, or a model and a reader."""
