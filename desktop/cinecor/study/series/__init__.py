"""Headers → series, and which of them can be a short-axis cine."""
