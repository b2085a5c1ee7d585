"""Cinecor: ventricular volumes from cardiac MRI cine studies. Research use only."""
