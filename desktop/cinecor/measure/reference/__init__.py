"""Reference ranges: tables bound to their convention, and what a value is beside them."""
