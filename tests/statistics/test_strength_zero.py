"""Strength 0 is off: no other parameter of the group matters by a bit, and everybody else's luck stays the same."""

from __future__ import annotations

import itertools
import zlib

import numpy as np
import pytest

from agents.mechanisms import mechanisms
from agents.vocabulary import NO_HOUR, Activity
from experiments.outcomes import outcomes
from sim import run
from sim.parameters import MECHANISMS, declared

# Small and lively, so that every mechanism has something to do in a fraction of a second.
WEEKS = {"vyraj": 400, "minsk_2020": 4000}
LIMITS = {each.name: each.limits for each in declared()}
EXTREME = 1e6  # stands for "without bound"
FIXED = ("citizens.ties", "citizens.home_cell", "officers.person", "officials.person")


def bounds(group, name):
    """Lowest and highest value that a field of a mechanism admits; open ends moved in, no end at EXTREME."""
    limits = LIMITS[f"{group}.{name}"]
    low = limits.get("ge", limits.get("gt", 0.0) + 1e-6)
    high = limits.get("le", limits.get("lt", 0.0) - 1e-6)
    return low, min(high, EXTREME)


def other_fields(parameters, group):
    return [name for name in vars(getattr(parameters, group)) if name != "strength"]


def other_values(parameters, group, how):
    """Other admissible values for all of a group's parameters but its strength: lowest, highest, or by a seed."""
    values, rng = {}, np.random.default_rng(how if isinstance(how, int) else 0)
    for name in other_fields(parameters, group):
        now = getattr(getattr(parameters, group), name)
        low, high = bounds(group, name)
        near = max(low, now - 2.0 - abs(now)), min(high, now + 2.0 + abs(now))
        if name in ("home_weight", "work_weight"):
            high, near = 0.49, (0.0, 0.49)
        value = {"lowest": low, "highest": high}.get(how, rng.uniform(*near))
        values[f"{group}.{name}"] = round(min(value, 3)) if isinstance(now, int) else value
    return values


def footprint(run):
    """Checksum of every column of all agents that may change, by name."""
    columns = {name: column for name, column in run.columns().items() if name not in FIXED}
    return {name: zlib.crc32(np.ascontiguousarray(column)) for name, column in columns.items()}


@pytest.fixture(scope="session")
def week(stepped):
    """Run parameters; return the footprint of all columns hour by hour and the curves. Each run is made once."""
    weeks = {}

    def trace(parameters):
        key = parameters.model_dump_json()
        if key not in weeks:
            run, hourly = stepped(parameters), []
            for _ in range(parameters.hours):
                run.step()
                hourly.append(footprint(run))
            seen = run.observer
            weeks[key] = hourly, seen.curves | {"rally_present": seen.rally_present, "plants": seen.striking,
                                                "sites": seen.site_crowd}  # fmt: skip
        return weeks[key]

    return trace


def difference(one, two):
    """Say in which hour and column two weeks begin to differ, or in which curve; None if they are the same."""
    for hour, (before, after) in enumerate(zip(one[0], two[0], strict=True)):
        names = [name for name in before if before[name] != after[name]]
        if names:
            return f"hour {hour}: {', '.join(names)}"
    for name, values in one[1].items():
        if not np.array_equal(values, two[1][name], equal_nan=True):
            hour = int(np.flatnonzero((values != two[1][name]).any(axis=1) & ~np.isnan(values).all(axis=1))[0])
            return f"hour {hour}: curve {name}"
    return None


@pytest.mark.parametrize("scenario", WEEKS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_at_strength_zero_no_parameter_of_the_group_matters(settings, changed, week, mechanism, scenario):
    """All at once to the lowest, to the highest and to random admissible values; every hour, column and curve."""
    off = settings(scenario, {"persons_per_agent": WEEKS[scenario], f"{mechanism}.strength": 0.0}, lively=True)
    for how in ("lowest", "highest", 1):
        values = other_values(off, mechanism, how)
        found = difference(week(off), week(changed(off, values)))
        if found is not None:
            guilty = [name for name in values if difference(week(off), week(changed(off, {name: values[name]})))]
            pytest.fail(f"{mechanism}.strength=0, yet {guilty or list(values)} changes {found}")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_what_a_hash_leaves_out_changes_no_outcome(settings, changed, mechanism):
    """Off by its switch, the group is left out of the hash of settings: no outcome may depend on the rest of it."""
    off = {"persons_per_agent": WEEKS["vyraj"], f"{mechanism}.{mechanisms()[mechanism].switch}": 0.0}
    base = settings("vyraj", off, lively=True)
    others = other_values(base, mechanism, 1)
    if mechanism == "encouragement":
        others = {"encouragement.strength": 0.3, "encouragement.from_hour": 40, "encouragement.hours": 9}
    found = [outcomes(run(parameters, seed=1)) for parameters in (base, changed(base, others))]
    assert repr(found[0]) == repr(found[1])  # NaN is NaN


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_at_strength_one_the_group_matters(settings, changed, week, mechanism):
    """The same comparison finds a change of the curves when the mechanism is on: it is able to fail."""
    size = {"persons_per_agent": WEEKS["minsk_2020"]}
    on = settings("minsk_2020", size | CONDITIONS.get(mechanism, {}), lively=True)
    off = changed(on, {f"{mechanism}.strength": 0.0})
    before, after = week(on)[1], week(off)[1]
    assert any(not np.array_equal(values, after[name], equal_nan=True) for name, values in before.items())


# Parameters that only matter in a state which the lively week does not reach: what brings it about.
CONDITIONS = {
    "chains.selectivity_women": {"persons_per_agent": 20, "repression.arrest_constant": 5.0},
    "officials.official_appeal_weight": {"officials.base_hazard": 0.01},  # some are left when the appeal comes
    "officials.judge_leniency": {"regime.strength": 0.0},  # by rule nobody is held when judges give way
    "regime.memory_days": {"regime.force_intercept": 25.0, "regime.strike_weight": 99.0, "regime.backfire_weight": 99.0,
                           "regime.outrage_weight": 0.0},  # what is remembered decides
}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_at_strength_one_every_parameter_matters(settings, changed, week, mechanism):
    """No parameter is dead: each, moved alone, changes a column or a curve of one of the weeks."""
    dead = []
    for name in other_fields(settings("vyraj"), mechanism):
        full = f"{mechanism}.{name}"
        for scenario, how in itertools.product(WEEKS, (1, "lowest", "highest")):
            size = {"persons_per_agent": WEEKS[scenario]}
            on = settings(scenario, size | CONDITIONS.get(full, {}), lively=True)
            values = other_values(on, mechanism, how)
            if difference(week(on), week(changed(on, {full: values[full]}))) is not None:
                break
        else:
            dead.append(full)
    assert not dead


# --- what off means ---


def sites_of(run, name):
    return [k for k, (_, site) in enumerate(run.world.sites.names) if site == name]


def largest_so_far(crowd):
    """The day's largest crowd of the hours before, by hour; missing where there was none."""
    largest = np.zeros_like(crowd)
    for hour in range(1, len(crowd)):
        if hour % 24:
            largest[hour] = np.maximum(largest[hour - 1], crowd[hour - 1])
    return np.where(largest > 0, largest, np.nan)


MEANING = {  # mechanism: statement about a run to which it is off; the same must be false when it is on
    "announced_share": lambda run, seen: np.ptp(seen["mean_legitimacy"][18:20, 0]) < 0.01,  # announced at 19:00
    "anger": lambda run, seen: not seen["mean_anger"].any() and not run.world.officers.anger.any(),
    "fear": lambda run, seen: not seen["mean_fear"].any() and not run.world.citizens.arrest_belief.any(),
    "media": lambda run, seen: len(set(run.world.officials.anger[run.world.officials.home_city == 0].tolist())) == 1,
    "participation": lambda run, seen: not (seen["protesting"].any() or seen["rallying"].any()),
    "place": lambda run, seen: run.observer.site_crowd[2 * 24 + 16, sites_of(run, "Fountain Square")].any(),  # closed
    "chains": lambda run, seen: not run.observer.site_crowd[:, sites_of(run, "chains")].any(),
    "walkout": lambda run, seen: not seen["striking"].any(),
    "job_pressure": lambda run, seen: not seen["rallying_coerced"].any(),
    "dismissal": lambda run, seen: not seen["dismissed"].any(),
    "repression": lambda run, seen: not (seen["detained"].any() or (run.world.officers.site >= 0).any()),
    "officers": lambda run, seen: not (seen["officers_withholding"].any() or seen["officers_resigned"].any()),
    "officials": lambda run, seen: not (seen["officials_accommodating"].any() or seen["officials_resigned"].any()),
    "russian_support": lambda run, seen: len(set(seen["mean_russia_affinity"][:, 0].tolist())) == 1,
    "reported_counts": lambda run, seen: np.array_equal(
        seen["reported_protest_ministry"], largest_so_far(seen["protesting"]), equal_nan=True),
    "ties": lambda run, seen: not run.world.citizens.company.any(),
    "luck": lambda run, seen: not run.world.citizens.luck.any(),
    "encouragement": lambda run, seen: (  # only those brought protest although they prefer the incumbent
        run.world.citizens.first_hour[run.world.citizens.private_preference >= 0.5] == NO_HOUR).all(),
}  # fmt: skip
# The others only add to an index or a hazard, which nobody sees by itself: the tests above and of the signs cover them.


@pytest.mark.parametrize("mechanism", MEANING)
def test_what_off_means(settings, stepped, mechanism):
    """What the comment beside each `strength` says, in a lively week; and that it is not so at strength 1."""
    for strength in (0.0, 1.0):
        changes = {"persons_per_agent": 100, "hours": 67, f"{mechanism}.strength": strength}
        if mechanism == "participation":  # by one's own choice
            changes["encouragement.share"] = 0.0
        run = stepped(settings("vyraj", changes, lively=True))
        for _ in range(67):
            run.step()
        assert MEANING[mechanism](run, run.observer.curves) == (strength == 0.0), f"strength {strength}"


# --- other decisions ---

TRAITS = [f"citizens.{name}" for name in (
    "home_cell", "employer", "hardship", "risk_aversion", "private_preference", "media_diet", "russia_affinity",
    "job_dependence", "is_woman", "age_band", "disposition", "legitimacy", "ties",
)]  # fmt: skip
STAFF_TRAITS = [f"officers.{name}" for name in ("person", "home_cell", "unit", "position", "exit_cost", "media_diet")]
STAFF_TRAITS += [f"officials.{name}" for name in ("person", "home_cell", "office", "media_diet")]
RALLY_HOUR = {"vyraj": 2 * 24 + 11, "minsk_2020": 7 * 24 + 12}


@pytest.fixture(scope="session")
def luck_and_orders(stepped):
    """Run parameters; return traits, the luck of each day, and who was ordered to the rally. Each run is made once."""
    known = {}

    def trace(parameters):
        key = parameters.model_dump_json()
        if key not in known:
            run = stepped(parameters)
            traits = {name: run.columns()[name].copy() for name in TRAITS + STAFF_TRAITS}
            days = []
            for hour in range(parameters.hours):
                run.step()
                people = run.world.citizens
                if hour % 24 == 5:  # everybody takes stock in the last hour of the day
                    days.append(people.luck.copy())
                if hour == RALLY_HOUR[parameters.scenario.name]:
                    free = (people.activity != Activity.DETAINED) & (people.is_dismissed == 0)
                    orders = free, people.is_ordered.copy()
            known[key] = traits, days, orders
        return known[key]

    return trace


@pytest.mark.parametrize("scenario", WEEKS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_switching_off_leaves_all_other_luck(settings, changed, luck_and_orders, mechanism, scenario):
    """Strength 1 to 0: the same people, the same luck of each day, the same ones ordered to the rally."""
    on = settings(scenario, {"persons_per_agent": WEEKS[scenario]}, lively=True)
    traits, days, (free, ordered) = luck_and_orders(on)
    off = changed(on, {f"{mechanism}.strength": 0.0})
    traits_off, days_off, (free_off, ordered_off) = luck_and_orders(off)
    assert [name for name in traits if not np.array_equal(traits[name], traits_off[name])] == []
    same = [np.array_equal(day, day_off) for day, day_off in zip(days, days_off, strict=True)]
    assert any(day.any() for day in days)
    assert not any(same) if mechanism == "luck" else all(same)
    both = free & free_off
    assert ordered[both].any()
    if mechanism == "job_pressure":
        assert not ordered_off.any()
    else:
        assert np.array_equal(ordered[both], ordered_off[both])
