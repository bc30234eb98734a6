"""The rows of the three tables as persons, for compiled passes: ``citizens(table, around, s, p)[i].choose()``."""

from __future__ import annotations

from agents import attitudes, choices, hearing, officer_choices, official_choices, sanctions
from agents.compiled.rows import kind_of_people

citizens = kind_of_people("citizens", hearing, attitudes, choices, sanctions)
officers = kind_of_people("officers", hearing, officer_choices)
officials = kind_of_people("officials", hearing, official_choices)
