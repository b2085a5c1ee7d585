"""Labels become volumes, phases, mass, curves and quality."""
