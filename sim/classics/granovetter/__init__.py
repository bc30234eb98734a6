"""Granovetter (1978)."""
