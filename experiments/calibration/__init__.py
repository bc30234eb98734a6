"""Fitting: one reference table of runs, methods that read it, checks of what they say."""
