"""Nobody appears, vanishes or is in two places: persons add up in every hour and city."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agents.vocabulary import NO_HOUR, NO_SITE, Activity, Loyalty
from sim.inputs.city import load_cities
from sim.world.population import group_people
from sim.world.space import largest_remainder
from sim.world.world import data_folder

CASES = {
    "vyraj": ("vyraj", {"persons_per_agent": 20}, False),
    "vyraj, lively": ("vyraj", {"persons_per_agent": 20}, True),
    "eight cities": ("august_2020", {"persons_per_agent": 500}, False),
    "eight cities, lively": ("august_2020", {"persons_per_agent": 500}, True),
}
ACTIVITIES = [activity.name.lower() for activity in Activity]
CUMULATIVE = ("dismissed", "ever_participated", "officers_resigned", "officials_resigned")
NEVER_FALL_TOGETHER = (("officers_withholding", "officers_resigned"), ("officials_accommodating", "officials_resigned"))


def held_at_most(held, places, weight, failure=1e-6):
    """Bound on the persons detained after an hour.

    Arrests are thinned so that their expectation mu is at most the places that are free at the start of the hour. They
    are a sum of independent draws of at most `weight` persons each, so their variance is at most weight * mu, and by
    Bernstein P(arrests >= mu + t) <= exp(-t^2 / (2 weight mu + 2 weight t / 3)), solved for t at probability `failure`.
    """
    expected = max(0.0, places - held)
    a = weight * math.log(1.0 / failure)
    return max(held, places) + a / 3.0 + math.sqrt(a * a / 9.0 + 2.0 * a * expected)


def check_people(world):
    """Each citizen: one activity, and a place, a term and a record that go with it."""
    people, sites = world.citizens, world.sites
    activity, site = people.activity, people.site
    city = np.repeat(np.arange(world.n_cities), np.diff(world.starts))
    is_detained = activity == Activity.DETAINED
    assert activity.max() <= max(Activity)
    assert (site[is_detained] == NO_SITE).all(), "detained and on a square"
    assert ((people.release_hour != NO_HOUR) == is_detained).all(), "a term without detention, or none within"
    assert (people.release_hour[is_detained] >= world.hour - 1).all(), "detained beyond the term"
    at_site = (activity == Activity.PROTESTING) | (activity == Activity.RALLYING)
    assert ((site != NO_SITE) == at_site).all(), "at a site without being at a protest or rally, or at none within"
    protesting = activity == Activity.PROTESTING
    assert (sites.city[site[protesting]] == city[protesting]).all(), "protesting in another city"
    assert (people.first_hour[protesting] != NO_HOUR).all()
    assert (people.first_hour < world.hour).all()
    assert not (people.is_coerced.astype(bool) & (activity != Activity.RALLYING)).any()
    for name in ("hardship", "risk_aversion", "private_preference", "media_diet", "russia_affinity", "job_dependence",
                 "legitimacy", "anger", "arrest_belief", "company"):  # fmt: skip
        column = getattr(people, name)
        assert ((column >= 0) & (column <= 1)).all(), f"{name} outside 0..1"
    assert (people.fear >= 0).all() and np.isfinite(people.fear).all() and np.isfinite(people.luck).all()


def check_officers(world, had_resigned):
    """Each officer: at a site of the city of deployment, or in barracks; those who had resigned before at none."""
    officers = world.officers
    posted = officers.site != NO_SITE
    assert (world.sites.city[officers.site[posted]] == officers.posted_city[posted]).all()
    assert not posted[had_resigned].any()
    assert (officers.loyalty[had_resigned] == Loyalty.RESIGNED).all()


def check_hour(run, hour):
    """The hour's curves against the data and against the columns."""
    world, observer = run.world, run.observer
    now = {name: values[hour] for name, values in observer.curves.items()}
    total = sum(now[name] for name in ACTIVITIES)
    np.testing.assert_allclose(total, world.adults, rtol=1e-6)
    people, weight = world.citizens, world.groups.weight
    city = np.repeat(np.arange(world.n_cities), np.diff(world.starts))
    persons = weight[people.employer]

    def count(mask):
        return np.bincount(city, persons * mask, minlength=world.n_cities)

    for activity in Activity:
        np.testing.assert_allclose(now[activity.name.lower()], count(people.activity == activity), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(now["rallying_coerced"], count(people.is_coerced), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(now["dismissed"], count(people.is_dismissed), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(now["ever_participated"], count(people.first_hour != NO_HOUR), rtol=1e-9, atol=1e-6)
    # crowds are counted at the sites before the police act: those detained within the hour stood there
    at_sites = np.bincount(world.sites.city, observer.site_crowd[hour], minlength=world.n_cities)
    np.testing.assert_allclose(at_sites, now["protesting"] + now["detained_new"], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(observer.rally_present[hour].sum(), now["rallying"].sum(), rtol=1e-9, atol=1e-6)
    assert (now["rallying_coerced"] <= now["rallying"]).all()


def check_flows(run, hour):
    """From the hour before: cumulative counts never fall, and nobody is detained but by an arrest."""
    curves = run.observer.curves
    for name in ("detained_new", "injured_new"):
        assert (curves[name][hour] >= 0).all()
    if hour == 0:
        return
    for name in CUMULATIVE:
        assert (curves[name][hour] >= curves[name][hour - 1]).all(), f"{name} fell"
    for pair in NEVER_FALL_TOGETHER:
        assert (sum(curves[name][hour] for name in pair) >= sum(curves[name][hour - 1] for name in pair)).all(), pair
    held, held_before = curves["detained"][hour], curves["detained"][hour - 1]
    assert (held <= held_before + curves["detained_new"][hour] + 1e-6).all()
    for c, city in enumerate(run.world.cities):
        weight = run.world.groups.weight[run.world.groups.city == c].max()
        assert held[c] <= held_at_most(held_before[c], run.world.facts["detention_places"][c], weight), city.name


@pytest.mark.parametrize("case", CASES)
def test_every_hour_adds_up(settings, stepped, case):
    """Step by step through a scenario; in the lively weeks every activity occurs."""
    scenario, changes, lively = CASES[case]
    run = stepped(settings(scenario, changes, lively=lively))
    for hour in range(run.world.parameters.hours):
        had_resigned = run.world.officers.loyalty == Loyalty.RESIGNED
        run.step()
        check_people(run.world)
        check_officers(run.world, had_resigned)
        check_hour(run, hour)
        check_flows(run, hour)
    if lively:
        curves = run.observer.curves
        assert all(curves[name].max() > 0 for name in [*ACTIVITIES, *CUMULATIVE, "injured_new", "rallying_coerced"])


def test_prisons_fill_up_and_hold(settings, stepped):
    """With arrests without number the places are taken, and not exceeded; with more places there are more arrests."""
    crowded = settings("minsk_2020", {"persons_per_agent": 20, "hours": 28, "fear.strength": 0.0,
                                      "place.site_capacity": 4.0}, lively=True)  # fmt: skip
    runs = [stepped(crowded) for _ in range(2)]
    runs[1].world.facts["detention_places"] = 10**6
    for run in runs:
        for hour in range(28):
            run.step()
            check_flows(run, hour)
    held, held_wide = (run.observer.curves["detained"].max() for run in runs)
    places = runs[0].world.cities[0].detention_places
    assert 0.95 * places < held <= held_at_most(places, places, 20) < 1.5 * places < held_wide


def test_first_hours_add_up_to_ever_participated(settings, simulate):
    """The persons who began in or before an hour are those who ever took part by then."""
    result = simulate(settings("vyraj", {"persons_per_agent": 20}, lively=True))
    began = np.cumsum(result.stats["first_hours"], axis=0)
    np.testing.assert_allclose(began, result.curves_columns["ever_participated"], rtol=1e-9, atol=1e-6)


# --- the population against the data ---


@pytest.mark.parametrize("scenario", ["august_2020", "vyraj"])
@pytest.mark.parametrize("persons_per_agent", [1.0, 7.0, 100.0, 400.0, 2000.0, 1e6])
def test_groups_match_the_data_to_the_person(settings, scenario, persons_per_agent):
    """Adults, state sector and each plant, at every scale; at least one agent where there are people."""
    parameters = settings(scenario)
    cities = load_cities(data_folder(parameters), parameters.scenario.cities)
    groups = group_people(cities, persons_per_agent, parameters.population.min_agents)
    assert (groups.persons == np.rint(groups.persons)).all()
    np.testing.assert_allclose(groups.n_agents * groups.weight, groups.persons, rtol=1e-12)
    assert ((groups.n_agents >= 1) == (groups.persons > 0)).all()
    for c, city in enumerate(cities):
        own = groups.city == c
        assert groups.persons[own].sum() == city.adults
        assert groups.persons[own & groups.is_state].sum() == city.state_employed
        plants = np.flatnonzero(own & (groups.plant >= 0))
        assert [int(groups.persons[g]) for g in plants] == [city.plants[groups.plant[g]].employees for g in plants]
        assert (groups.n_agents[plants] >= np.minimum(parameters.population.min_agents, groups.persons[plants])).all()
    if persons_per_agent == 1.0:
        assert (groups.n_agents == groups.persons).all()


@pytest.mark.parametrize("scenario", ["minsk_2020", "vyraj"])
def test_columns_have_the_people_of_the_groups(settings, stepped, scenario):
    """Rows by city and employer; officers and officials one by one, at any scale."""
    for persons_per_agent in (1000, 250):
        world = stepped(settings(scenario, {"persons_per_agent": persons_per_agent})).world
        employer = world.citizens.employer
        assert (np.bincount(employer, minlength=len(world.groups.city)) == world.groups.n_agents).all()
        city = np.repeat(np.arange(world.n_cities), np.diff(world.starts))
        assert (world.groups.city[employer] == city).all()
        assert (world.grid.n_home.sum(), len(employer)) == (world.groups.n_agents.sum(),) * 2
        for c, each in enumerate(world.cities):
            assert (world.officers.home_city == c).sum() == each.street_officers
            n_officials = 1 + each.judges + each.commission_members + each.state_media_staff
            assert (world.officials.home_city == c).sum() == n_officials


@hypothesis_settings(deadline=None)
@given(st.lists(st.floats(0.0, 1e3), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3), st.integers(0, 10**7))
def test_largest_remainder(weights, n):
    """Whole numbers that sum to n, none a whole unit off its exact share, nothing for a weight of 0."""
    weights = np.array(weights)
    counts, exact = largest_remainder(weights, n), weights / weights.sum() * n
    assert counts.sum() == n
    assert (np.abs(counts - exact) < 1.0 + 1e-6).all()
    assert (counts[weights == 0.0] == 0).all()


def test_largest_remainder_by_hand():
    """Hamilton's method: 10 seats for 47, 16, 15.8, 12, 6.1, 3.1 % (100,000 votes; a textbook example)."""
    votes = np.array([47000, 16000, 15800, 12000, 6100, 3100.0])
    assert largest_remainder(votes, 10).tolist() == [5, 2, 1, 1, 1, 0]
