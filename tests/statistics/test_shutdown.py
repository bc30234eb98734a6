"""The network is down: online ties are seen, and known to be beaten, through what is left of it; on both engines."""

import numpy as np
import pytest

from agents.rules.anger import anger_next
from agents.vocabulary import Activity

UNTIL = 22  # hours: an evening with a crowd
ONLINE_ONLY = {"ties.home_weight": 0.0, "ties.work_weight": 0.0}


@pytest.fixture
def evening(settings, stepped):
    """A lively evening of an engine at a level of connectivity: evening(engine, connectivity, **changes)."""

    def stand(engine, connectivity, **changes):
        level = {"forcings.connectivity": {"value": connectivity}}
        run = stepped(settings("vyraj", {"persons_per_agent": 200, **ONLINE_ONLY, **level, **changes}, lively=True))
        for _ in range(UNTIL):
            run.step()
        run.use(engine)
        return run

    return stand


def share_of_ties(run, is_so):
    """True share of each citizen's online ties of whom something is so, float64 (n_citizens,)."""
    return is_so[run.world.citizens.ties].mean(axis=1)


def look_around(run):
    """Let the citizens of every city look around once more."""
    for c in range(run.world.n_cities):
        run.engine.perceive(run.world, c)
    return run.world.citizens.company.astype(float)


@pytest.mark.parametrize("engine", ["compiled", "mesa"])
@pytest.mark.parametrize(("connectivity", "proxies", "strength", "seen"), [
    (1.0, 0.375, 1.0, 1.0), (0.0, 0.375, 1.0, 0.375), (0.0, 0.0, 1.0, 0.0), (0.2, 0.375, 1.0, 0.5),
    (0.0, 0.375, 0.0, 1.0),  # media off: everybody hears everything
])
def test_online_company_passes_through_the_network(evening, engine, connectivity, proxies, strength, seen):
    run = evening(engine, connectivity, **{"media.proxy_share": proxies, "media.strength": strength})
    activity = run.world.citizens.activity
    out = share_of_ties(run, (activity == Activity.PROTESTING) | (activity == Activity.STRIKING))
    assert out.max() >= 0.2  # there is somebody to be seen
    np.testing.assert_allclose(look_around(run), seen * out, rtol=1e-6, atol=0.0)


def test_home_and_work_company_do_not(evening):
    """Everything else equal, what the network takes away is the online part alone, and nobody's company rises."""
    run = evening("compiled", 0.0, **{"ties.home_weight": 0.3, "ties.work_weight": 0.3, "media.proxy_share": 0.0})
    down = look_around(run)
    run.world.signals["connectivity"] = 1.0
    up = look_around(run)
    activity = run.world.citizens.activity
    out = share_of_ties(run, (activity == Activity.PROTESTING) | (activity == Activity.STRIKING))
    has_work = np.asarray(run.world.groups.is_state)[run.world.citizens.employer].astype(bool)
    np.testing.assert_allclose(up - down, out * np.where(has_work, 0.4, 0.4 / 0.7), atol=1e-6)
    assert down.max() > 0.0


@pytest.mark.parametrize("engine", ["compiled", "mesa"])
@pytest.mark.parametrize("seen", [1.0, 0.5, 0.0])
def test_anger_over_beaten_ties_passes_through_the_network(evening, engine, seen):
    """By hand: nobody was angry, no news came, one of one's ties is known to be injured."""
    run = evening(engine, 1.0)
    people, s, p = run.world.citizens, run.world.signals, run.world.parameters.anger
    people.anger[:] = 0.0
    people.beaten_ties[:] = 1
    s["news_seen"], s["outrage"], s["news_connectivity"], s["n_hours"], s["anger_kept"] = 0.0, 0.0, seen, 3.0, 1.0
    look_around(run)
    share = 1.0 / people.ties.shape[1]
    expected = anger_next(0.0, 0.0, seen * share, 3.0, 1.0, p.anger_gain, p.beaten_tie_gain, p.strength)
    np.testing.assert_allclose(people.anger, expected, rtol=1e-6)
    assert (expected > 0.0) == (seen > 0.0)


def test_the_engines_agree_when_the_network_is_half_down(evening):
    runs = [evening(engine, 0.2) for engine in ("compiled", "mesa")]
    for _ in range(6):
        for run in runs:
            run.step()
    one, two = (run.columns() for run in runs)
    assert all(np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f") for name in one)
