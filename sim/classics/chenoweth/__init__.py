"""Chenoweth, Hocking and Marks (2022)."""
