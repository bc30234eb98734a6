"""The population as built: totals, marginals, correlations, homes, employers, ties, at fixed seeds.

Bounds: 4.5 standard errors where many quantities are tested at once, else 4; Kolmogorov-Smirnov at one in 10^4.
"""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import special, stats

from agents.rules.traits import preference_exponent
from agents.vocabulary import Office
from sim.inputs.city import load_cities
from sim.world.population import group_people
from sim.world.space import cell_centres
from sim.world.staff import build_officers, build_officials
from sim.world.ties import build_ties
from sim.world.world import build_world, data_folder

KS_CRITICAL = math.sqrt(0.5 * math.log(2 / 1e-4))  # times 1 / sqrt(n), for one in 10^4
UNIFORM = ("hardship", "risk_aversion", "media_diet", "russia_affinity")


@pytest.fixture(scope="module")
def parameters(settings):
    return settings("august_2020", {"persons_per_agent": 100})


@pytest.fixture(scope="module")
def world(parameters):
    return build_world(parameters)


@pytest.fixture(scope="module")
def cities(parameters):
    return load_cities(data_folder(parameters), parameters.scenario.cities)


def share_out_by(expected, weight):
    """Return the standard error of a share among people of unequal weight."""
    return math.sqrt(expected * (1 - expected) * (weight**2).sum()) / weight.sum()


def ks_distance(sample):
    """Return the largest distance to the uniform distribution, in units of 1 / sqrt(n)."""
    return stats.kstest(sample, "uniform").statistic * math.sqrt(len(sample))


# --- totals ---


@pytest.mark.parametrize("persons_per_agent", [1, 37, 100, 2500, 10**6])
def test_totals_are_those_of_the_data_to_the_person(cities, persons_per_agent):
    groups = group_people(cities, persons_per_agent, min_agents=8)
    assert groups.weight * groups.n_agents == pytest.approx(groups.persons, rel=1e-14)
    for c, city in enumerate(cities):
        own = groups.city == c
        assert groups.persons[own].sum() == city.adults
        assert groups.persons[own & groups.is_state].sum() == city.state_employed
        assert groups.persons[own & (groups.plant >= 0)].tolist() == [plant.employees for plant in city.plants]
        assert (groups.n_agents[own & (groups.plant >= 0)] >= 8).all()


def test_citizens_of_the_world_stand_for_all_adults(world):
    persons = world.groups.weight[world.citizens.employer]
    for c, city in enumerate(world.cities):
        assert persons[slice(*world.rows(c))].sum() == pytest.approx(city.adults, rel=1e-12)
    assert (np.bincount(world.citizens.employer) == world.groups.n_agents).all()


def test_officers_and_officials_are_one_for_one(world):
    """At any scale: neither builder is told the scale."""
    officers, officials = world.officers, world.officials
    for c, city in enumerate(world.cities):
        assert (officers.home_city == c).sum() == city.street_officers
        offices = np.bincount(officials.office[officials.home_city == c], minlength=len(Office))
        assert offices.tolist() == [1, city.judges, city.commission_members, city.state_media_staff]
    for built, again in ((officers, build_officers(world.cities, world.seed)),
                         (officials, build_officials(world.cities, world.seed))):
        assert (built.person == again.person).all() and len(np.unique(built.person)) == len(built.person)


def test_units_have_their_size(world):
    for c, city in enumerate(world.cities):
        sizes = np.unique(world.officers.unit[world.officers.home_city == c], return_counts=True)[1]
        assert (sizes[:-1] == city.unit_size).all() and sizes[-1] <= city.unit_size


def test_people_do_not_depend_on_the_other_cities(world, settings):
    alone = build_world(settings("minsk_2020", {"persons_per_agent": 100}))
    n = len(alone.citizens.activity)
    assert world.rows(0) == (0, n)
    for name in (*UNIFORM, "private_preference", "legitimacy", "disposition", "age_band", "home_cell", "employer"):
        assert (getattr(alone.citizens, name) == getattr(world.citizens, name)[:n]).all(), name


# --- marginals ---


@pytest.mark.parametrize("name", UNIFORM)
def test_traits_are_uniform(world, name):
    assert ks_distance(getattr(world.citizens, name)) < KS_CRITICAL


def test_job_dependence_is_uniform_in_the_state_sector_and_0_outside(world):
    is_state = world.groups.is_state[world.citizens.employer]
    assert ks_distance(world.citizens.job_dependence[is_state]) < KS_CRITICAL
    assert (world.citizens.job_dependence[~is_state] == 0.0).all()


def test_dispositions_are_normal(world):
    assert ks_distance(special.ndtr(world.citizens.disposition.astype(float))) < KS_CRITICAL


def test_traits_of_officers_and_officials_are_uniform(world):
    assert ks_distance(world.officers.exit_cost) < KS_CRITICAL
    assert ks_distance(2.0 * world.officers.media_diet - 1.0) < KS_CRITICAL
    assert ks_distance(world.officials.media_diet) < KS_CRITICAL


def test_the_test_of_uniformity_can_fail(world):
    assert ks_distance(world.citizens.hardship**1.05) > KS_CRITICAL


def test_shares_are_those_of_the_parameters(world, parameters):
    people, p = world.citizens, parameters.population
    weight = world.groups.weight[people.employer]
    ages = p.share_18_29, p.share_30_44, p.share_45_59
    for found, expected in (
        (people.private_preference < 0.5, p.share_against), (people.is_woman == 1, p.women_share),
        *((people.age_band == band, share) for band, share in enumerate((*ages, 1.0 - sum(ages)))),
    ):  # fmt: skip
        assert abs((weight * found).sum() / weight.sum() - expected) < 4 * share_out_by(expected, weight)
    assert p.share_against == 0.712


def test_every_city_is_as_much_against(world, parameters):
    expected = parameters.population.share_against
    for c in range(world.n_cities):
        own = slice(*world.rows(c))
        weight = world.groups.weight[world.citizens.employer[own]]
        share = (weight * (world.citizens.private_preference[own] < 0.5)).sum() / weight.sum()
        assert abs(share - expected) < 4.5 * share_out_by(expected, weight)


# --- correlations ---


def normal_scores(world, p):
    """Return the scores behind the traits, columns as TRAITS, and where each is known.

    A continuous trait gives its normal score back. Sex and age are cut at a quantile c: (1{z > c} - p) / phi(c) has
    the same covariance with another trait's score as z itself. Legitimacy is clipped, but not where x < 1/2.
    """
    people = world.citizens
    x = people.private_preference.astype(float)
    body = 1.0 - (1.0 - x**p.polarisation) ** (1.0 / preference_exponent(p.share_against, p.polarisation))
    level = p.legitimacy_base + p.legitimacy_slope * x
    older, ages = people.age_band == 3, p.share_18_29 + p.share_30_44 + p.share_45_59
    uniform = [people.hardship, people.risk_aversion, people.job_dependence, people.media_diet, people.russia_affinity]
    columns = [body, *uniform]
    scores = [special.ndtri(np.clip(column.astype(float), 1e-7, 1 - 1e-7)) for column in columns]
    scores.insert(1, (people.legitimacy - level) / p.legitimacy_sd)
    for flag, share in ((people.is_woman == 1, p.women_share), (older, 1.0 - ages)):
        scores.append((flag - share) / stats.norm.pdf(special.ndtri(share)))
    known = np.ones((len(scores), len(x)), bool)
    known[1], known[4] = x < 0.5, world.groups.is_state[people.employer]
    return np.array(scores), known


@pytest.fixture(scope="module")
def realised(world, parameters):
    """Realised correlations by pair of traits: estimate, standard error, printed value."""
    scores, known = normal_scores(world, parameters.population)
    found = {}
    for i, j in combinations(range(9), 2):
        product = (scores[i] * scores[j])[known[i] & known[j]]
        error = product.std() / math.sqrt(len(product))
        found[i, j] = product.mean(), error, parameters.population.correlation[i][j]
    return found


def test_printed_correlations_are_realised(realised):
    for pair, (found, error, expected) in realised.items():
        assert abs(found - expected) < 4.5 * error, pair


def test_the_test_of_correlations_can_fail(realised):
    for pair, (found, error, expected) in realised.items():
        assert abs(found - (expected + 0.15)) > 4.5 * error, pair


# --- homes and employers ---


def distances(city):
    return np.hypot(*cell_centres(city))


def test_homes_thin_out_from_the_centre(world):
    """Counts are the quota exp(-r / scale), rounded: less than one home away from it in every cell."""
    for c, city in enumerate(world.cities):
        start, stop = world.rows(c)
        r = distances(city)
        density = np.exp(-r / city.home_scale_m) * (r <= city.radius_m)
        for homes in (world.citizens.home_cell[start:stop], world.officers.home_cell[world.officers.home_city == c],
                      world.officials.home_cell[world.officials.home_city == c]):  # fmt: skip
            counts = np.bincount(homes, minlength=len(r))
            assert np.abs(counts - density / density.sum() * len(homes)).max() < 1.0 + 1e-9
            assert counts[r > city.radius_m].sum() == 0


def test_rings_farther_out_are_thinner(world):
    for c, city in enumerate(world.cities):
        r = distances(city)
        homes = np.bincount(world.citizens.home_cell[slice(*world.rows(c))], minlength=len(r))
        ring = np.minimum((4 * r / city.radius_m).astype(int), 4)  # 4: outside
        mean = [homes[ring == k].mean() for k in range(4)]
        assert mean == sorted(mean, reverse=True) and mean[0] > mean[3], city.name


def test_traits_do_not_depend_on_the_distance_to_the_centre(world):
    """4.5 standard errors 1 / sqrt(n) of a correlation of independent quantities."""
    for c, city in enumerate(world.cities):
        own = slice(*world.rows(c))
        r = distances(city)[world.citizens.home_cell[own]]
        for name in (*UNIFORM, "private_preference", "is_woman"):
            correlation = np.corrcoef(r, getattr(world.citizens, name)[own])[0, 1]
            assert abs(correlation) < 4.5 / math.sqrt(len(r)), (city.name, name)


def test_employers_are_spread_over_the_city(world):
    """Any tenth of the homes, from south to north, has its share of state workers, nearer than by lot."""
    is_state = world.groups.is_state[world.citizens.employer]
    for c in range(world.n_cities):
        own = is_state[slice(*world.rows(c))]
        for part in np.array_split(own, 10):
            assert abs(part.mean() - own.mean()) < 3 * math.sqrt(own.mean() * (1 - own.mean()) / len(part))


# --- online ties ---


@pytest.fixture(scope="module")
def tied(world, parameters, changed):
    """Ties of the same people under other parameters."""
    def build(homophily, cross_city_share):
        people = world.citizens._replace(ties=np.zeros_like(world.citizens.ties))
        population = changed(parameters, {"population.homophily": homophily,
                                          "population.cross_city_share": cross_city_share}).population
        build_ties(people, world.cities, world.starts, population, world.seed)
        return people.ties

    return build


def preference_gap(world, ties):
    x = world.citizens.private_preference.astype(float)
    return np.abs(x[ties] - x[:, None])


def test_homophily_brings_ties_nearer(world, tied):
    """Tie by tie never farther; and in proportion to the homophily, as the nearer of two is taken that often."""
    none, half, full = (preference_gap(world, tied(homophily, 0.1)) for homophily in (0.0, 0.5, 1.0))
    assert (full <= half).all() and (half <= none).all()
    error = np.abs(none - full).std() / math.sqrt(none.size)
    assert none.mean() - full.mean() > 20 * error
    assert abs(half.mean() - 0.5 * (none.mean() + full.mean())) < 4 * error


def test_without_homophily_ties_know_nothing_of_preference(world, tied):
    ties = tied(0.0, 0.1)
    x = world.citizens.private_preference
    correlation = np.corrcoef(np.repeat(x, ties.shape[1]), x[ties].ravel())[0, 1]
    assert abs(correlation) < 4 / math.sqrt(ties.size)


def test_ties_lead_out_of_the_city_as_often_as_said(world, tied):
    """cross_city_share, less those of them that come back by chance."""
    n = world.starts[-1]
    ties = tied(0.5, 0.1)
    for c in range(world.n_cities):
        start, stop = world.rows(c)
        own = ties[start:stop]
        expected = 0.1 * (1.0 - (stop - start) / n)
        leaves = ((own < start) | (own >= stop)).mean()
        assert abs(leaves - expected) < 4.5 * math.sqrt(expected * (1 - expected) / own.size)


def test_without_a_cross_city_share_all_ties_stay_inside(world, tied):
    ties = tied(0.5, 0.0)
    for c in range(world.n_cities):
        start, stop = world.rows(c)
        assert ties[start:stop].min() >= start and ties[start:stop].max() < stop


@pytest.mark.parametrize("cross_city_share", [0.0, 1.0])
def test_nobody_is_followed_for_what_has_nothing_to_do_with_it(world, tied, cross_city_share):
    """Ties lead to women, to state workers and into the southern half as often as these are there."""
    ties = tied(0.5, cross_city_share)
    start, stop = (0, int(world.starts[-1])) if cross_city_share == 1.0 else world.rows(0)
    own, row = ties[start:stop].ravel(), np.arange(len(ties))
    for group in (world.citizens.is_woman == 1, world.groups.is_state[world.citizens.employer],
                  row < (start + stop) // 2):  # fmt: skip
        share = group[start:stop].mean()
        # People are drawn again and again: the spread of their own numbers enters beside that of the ties.
        assert abs(group[own].mean() - share) < 4 * math.sqrt(share * (1 - share) * (1 / own.size + 1 / (stop - start)))


def test_nobody_is_tied_to_himself(settings, stepped):
    """In a town of a few dozen agents a draw would often hit oneself."""
    world = stepped(settings("vyraj", {"persons_per_agent": 2000})).world
    own = np.arange(len(world.citizens.ties))[:, None]
    assert len(own) < 60
    assert not (world.citizens.ties == own).any()
