"""The rule book: one mechanism per file, small pure scalar functions."""
