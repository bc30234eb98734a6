"""Forecasts of counts that were made later, and how they are scored beside simple rivals."""
