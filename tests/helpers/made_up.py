"""A made-up run with a known answer in every cell, for tests of tables and figures."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from sim.inputs.city import load_place_names
from sim.inputs.targets import Target, load_targets
from sim.inputs.timeline import Event, load_timeline
from sim.results import Result

DATA = Path(__file__).parents[2] / "conf" / "data"

CITIES = ["Minsk", "Brest", "Gomel", "Grodno", "Mogilev", "Vitebsk", "Soligorsk", "Zhodino"]
ADULTS = [1_616_000, 272_000, 408_000, 286_000, 285_000, 293_000, 85_000, 52_000]
HOURS = 192


def event(hour, kind, intensity=1.0, city="all", label="", hours=None):
    return Event(hour, hours, city, kind, intensity, "", label, "", "made up", "assumption", 0)


def target(city, outcome, hour_from, hour_to, low, high, statistic="peak"):
    return Target(city, outcome, statistic, hour_from, hour_to, low, high, "yes", "", "made up", "assumption", 0)


def bump(*peaks):
    """Sum (hour, width, persons) bells over the hours of the week."""
    hour = np.arange(HOURS)
    return sum(persons * np.exp(-(((hour - centre) / width) ** 2)) for centre, width, persons in peaks)


def made_up_result(n_cities=8, targets=None, events=None):
    cities, share = CITIES[:n_cities], np.array(ADULTS[:n_cities]) / ADULTS[0]
    evenings = [
        (21, 3, 30e3),
        (45, 3, 18e3),
        (69, 3, 9e3),
        (93, 4, 11e3),
        (116, 4, 16e3),
        (138, 4, 22e3),
        (160, 4, 14e3),
    ]
    columns = {
        "protesting": np.outer(bump(*evenings, (183, 3, 168e3)), share),
        "striking": np.outer(bump((106, 4, 3e3), (130, 4, 9e3), (132, 3, 6e3)), share),
        "rallying": np.outer(bump((181, 1.2, 24e3)), share),
        "detained": np.outer(np.clip(bump((60, 40, 2600)), 0, None), share),
        "detained_new": np.outer(bump((23, 2, 280), (47, 2, 200), (71, 2, 140), (95, 2, 80)), share),
    }
    columns["rallying_coerced"] = 0.55 * columns["rallying"]
    columns["quiet"] = np.array(ADULTS[:n_cities]) - sum(
        columns[name] for name in ("protesting", "striking", "rallying", "detained")
    )
    hour = np.arange(HOURS)[:, None]
    columns |= {
        "officers_withholding": 40.0 * share * (hour >= 132) * (hour < 140),
        "officers_resigned": 12.0 * share * (hour >= 100),
        "officials_accommodating": np.where(hour >= 178, 1.0, 0.0) * (np.arange(n_cities) == 1),
        "officials_resigned": np.zeros((HOURS, n_cities)),
        "reported_protest_media": np.where(hour >= 184, 220e3, np.nan) * share,
        "reported_rally_media": np.where(hour >= 182, 31e3, np.nan) * share,
    }
    present = np.zeros((HOURS, n_cities))
    present[:, 0] = columns["rallying"].sum(axis=1)
    scenario = SimpleNamespace(name="august_2020", title="Belarus, 9-16 August 2020: the week after the election")
    parameters = SimpleNamespace(scenario=scenario, seed=1, persons_per_agent=100.0, engine="compiled")
    return Result(
        parameters=parameters,
        cities=cities,
        hours=HOURS,
        start=date(2020, 8, 9),
        adults=np.array(ADULTS[:n_cities], dtype=float),
        curves_columns=columns,
        plants=[],
        employed=np.zeros(0),
        striking=np.zeros((HOURS, 0)),
        rally_present=present,
        site_names=[],
        site_crowd=np.zeros((HOURS, 0)),
        events=tuple(EVENTS if events is None else events),
        targets=tuple(TARGETS if targets is None else targets),
        stats={"agents": 38_211},
    )


EVENTS = [
    event(0, "repression", 1.0),
    event(8, "connectivity", 0.2, label="internet mostly cut"),
    event(20, "announcement", 0.801, label="polls close; 80 % for the incumbent announced"),
    event(20, "repression", 3.0, "Minsk"),
    event(20, "call", 0.8, "Minsk", "gathering called", 6),
    event(69, "repression", 4.0, "Brest"),
    event(96, "repression", 0.0),
    event(104, "fact", math.nan, "Minsk", "meetings at plants"),
    event(104, "fact", math.nan, "Brest", "meetings at plants"),
    event(182, "call", 1.0, "Minsk", "march", 6),
    event(183, "fact", math.nan, "Brest", "the mayor is booed"),
]

TARGETS = [
    target("Minsk", "protesting", 18, 30, 20e3, 50e3),
    target("Minsk", "detained_new", 0, 96, 1e3, 5e3, "sum"),
    target("Minsk", "protesting", 180, 192, 400e3, 500e3),
    target("Minsk", "rally_present", 178, 184, 5e3, 10e3),
    target("Minsk", "reported_protest_media", 168, 192, 200e3, 200e3),
    target("Minsk", "officers_resigned", 0, 192, 0, 90),
]


def shipped_result(n_cities):
    """Put the events and targets that the project ships behind the made-up curves."""
    result, folder = made_up_result(n_cities), DATA / "belarus_2020"
    places = load_place_names(folder)
    timeline = load_timeline(folder / "timeline.csv", result.cities, places, result.start, HOURS)
    targets = load_targets(folder, result.cities, result.start)
    return replace(result, events=timeline.events, targets=targets)


def shortened(result, hours):
    columns = {name: values[:hours] for name, values in result.curves_columns.items()}
    return replace(result, hours=hours, curves_columns=columns, rally_present=result.rally_present[:hours])
