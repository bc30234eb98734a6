"""Decisions computed by hand: a person, signals and parameters given, the choice written down beforehand.

Both engines run one source, so their agreement says nothing about its logic: these cases and the golden runs do. Each
case is asked of an agent, of the compiled pass and of the pass in plain Python.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from agents.citizen import Citizen
from agents.person import Around
from agents.vocabulary import CITIZEN_COLUMNS, NO_HOUR, NO_SITE, Activity, CitizenColumns, Injury
from sim.engines import citizen_passes
from sim.parameters import as_record
from sim.world.addresses import Addresses
from sim.world.world import SIGNALS

QUIET, PROTESTING, STRIKING, RALLYING, DETAINED = (int(activity) for activity in Activity)
NONE, KNOWN, HIDDEN = (int(injury) for injury in Injury)
PLANT, STATE, ELSEWHERE = 0, 1, 2  # groups
SQUARE, MARKET, MEMORIAL, NEIGHBOURHOOD, CHAIN = range(5)  # sites
HOUR = 20

# G = .5 (1 - .5) = .25; own motive = 2 (1 - 2 x .25) + 2 x .25 + .5 - .5 x 1 = 1.5
PERSON = {"private_preference": 0.25, "hardship": 0.5, "legitimacy": 0.5, "anger": 0.5, "risk_aversion": 0.5,
          "fear": 1.0, "media_diet": 0.5, "job_dependence": 0.5, "employer": ELSEWHERE, "site": NO_SITE,
          "release_hour": NO_HOUR}  # fmt: skip
PARAMETERS = {
    "participation.preference_weight": 2.0, "participation.grievance_weight": 2.0, "participation.strength": 1.0,
    "participation.crowd_belief_weight": 0.0, "participation.rally_intercept": -1.0,
    "participation.rally_preference_weight": 2.0, "anger.anger_weight": 1.0, "fear.fear_weight": 1.0,
    "ties.company_weight": 0.0, "media.base_exposure": 0.0, "leader.call_weight": 0.5, "luck.strength": 0.0,
    "job_pressure.threat": 0.4, "job_pressure.protest_threat_weight": 1.0, "job_pressure.order_share": 1.0,
    "job_pressure.bus_share": 1.0, "job_pressure.order_weight": 2.0, "job_pressure.order_threat_weight": 5.0,
    "walkout.walkout_intercept": -1.0, "walkout.walkout_grievance_weight": 2.0, "walkout.walkout_anger_weight": 1.0,
    "walkout.plant_share_weight": 5.0, "walkout.walkout_threat_weight": 1.0, "walkout.march_offset": 1.0,
    "chains.chain_offset": 0.5, "chains.chain_men_offset": -1.0, "chains.selectivity_women": 0.0,
    "place.local_share": 1.0, "encouragement.strength": 1.0, "repression.longest_term": 5.0,
    "repression.violent_share": 0.0, "repression.custody_share": 0.0, "dismissal.striker_rate": 1.0,
    "dismissal.absentee_rate": 1.0,
}  # fmt: skip


class OnePerson:
    """A city with one citizen and whatever lies around him."""

    def __init__(self, parameters, person, signals, around):
        columns = {name: np.zeros(1, dtype) for name, (dtype, _) in CITIZEN_COLUMNS.items()}
        self.columns = CitizenColumns(**columns, ties=np.zeros((1, 0), np.int32))
        for name, value in (PERSON | person).items():
            getattr(self.columns, name)[0] = value
        record = np.zeros(1, SIGNALS)
        given = {"seed": 1, "hour": HOUR, "person0": 7, "luck_day": 1, "neighbourhood": NEIGHBOURHOOD,
                 "chain_site": CHAIN, "called_site": NO_SITE, "march_site": NO_SITE, "rally_site": NO_SITE,
                 "connectivity": 1.0, "term_hours": 1e9, "violence": 1.0}  # fmt: skip
        for name, value in (given | signals).items():
            record[name] = value
        self.signals, self.parameters = record, parameters
        whole, shares = np.zeros(3, np.int64), np.zeros(5)
        self.around = Around(
            is_state=np.array([True, True, False]), is_plant=np.array([True, False, False]),
            n_agents=np.array([10, 100, 1000]), group_out=np.array([2, 0, 0]), group_went=np.array([0, 3, 0]),
            plant_threat=np.array([0.1, 0.0, 0.0]),
            incumbent_group=whole, n_home=np.ones(1, np.int64), incumbent_home=np.zeros(1, np.int64),
            n_block=np.array([5]), out_block=np.zeros(1, np.int64), went_block=np.array([1]),
            site_weights=np.array([[0.0, 1.0, 1.0]]),
            site_cell=np.zeros(5, np.int64), is_place=np.array([True, True, True, False, False]),
            site_closed=np.array([False, False, True, False, False]), arrest_probability=np.ones(5), deployment=shares,
            encouraged=np.array([False]), unit_lost=np.zeros(1), unit_size=np.ones(1), first_site=np.array([0, 5]),
            reserve_weights=np.zeros(1),
        )._replace(**around)  # fmt: skip

    def agent(self):
        """The person as an agent."""
        names = self.signals.dtype.names
        s = SimpleNamespace(**{name: self.signals[name].item() for name in names})
        surroundings = SimpleNamespace(signals=[s], around=[self.around])
        model = SimpleNamespace(parameters=self.parameters, surroundings=surroundings, agent_id_counter=1,
                                register_agent=lambda agent: None)  # fmt: skip
        return Citizen(model, self.columns, 0, 0, 7)

    def after(self, rows, *counts, plain=False):
        """The columns after a pass over the one row, the world left as it was."""
        columns = CitizenColumns(*(column.copy() for column in self.columns))
        run, at = (rows.py_func, lambda table: table) if plain else (rows, Addresses())
        run(at(columns), at(self.around), self.signals, as_record(self.parameters), 0, 1, *counts)
        return columns


@pytest.fixture
def one(settings):
    """Make a person: one(person, signals, parameters, around)."""

    def make(person=(), signals=(), parameters=(), around=()):
        return OnePerson(settings("vyraj", PARAMETERS | dict(parameters)), dict(person), dict(signals), dict(around))

    return make


CALLED = {"street_open": 1, "called_site": SQUARE, "called_has_room": 1, "street_offset": -1.0}  # index 1.5 - 1 = .5
FULL = CALLED | {"called_has_room": 0}
CLOSED = CALLED | {"called_is_closed": 1}
LEARNED = {"ties.remembered_weight": 1.0, "ties.remembered_scale": 0.01, "ties.remembered_bound": 0.05,
           "fear.lesson_weight": 3.0}  # fmt: skip
RALLY = {"rally_intensity": 1.0, "rally_site": MARKET, "rally_is_here": 1}
BUSES = RALLY | {"rally_is_here": 0}
SHIFT = {"shift_open": 1}
MARCH = SHIFT | {"march_site": SQUARE, "march_hour_offset": -1.3}
CHAINS = {"chain_open": 1, "chain_offset": -1.5}
ENCOURAGED = {"encouraged_now": 1, "called_site": SQUARE, "called_has_room": 1}
MARKED = {"encouraged": np.array([True])}

# Rally: willing = -1 + 2 (2 x .25 - 1) - .5 = -2.5, pushed = -2.5 + 2 + 5 x .4 x .5 = .5; the luck is 0.
# x = 1: willing = -1 + 2 - .5 = .5.
# Walkout: -1 + 2 x .25 + .5 + 5 x 2/10 - .1 x .5 = .95. In the column: 1.5 - .4 x .5 - 1.3 + 1 = 1.
# Chain: 1.5 - 1.5 + .5 = .5 for a woman, -.5 for a man.
CHOICES = {
    "the detained choose nothing": ({"activity": DETAINED}, CALLED, {}, {}, (DETAINED, NO_SITE, 0, 0)),
    "nothing is on": ({}, {}, {}, {}, (QUIET, NO_SITE, 0, 0)),
    # encouragement
    "encouraged, goes": ({"luck": 9.0}, ENCOURAGED, {}, MARKED, (PROTESTING, SQUARE, 0, 0)),
    "encouraged, not now": ({}, ENCOURAGED | {"encouraged_now": 0}, {}, MARKED, (QUIET, NO_SITE, 0, 0)),
    "others are encouraged": ({}, ENCOURAGED, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "only marked": ({}, ENCOURAGED, {"encouragement.strength": 0.0}, MARKED, (QUIET, NO_SITE, 0, 0)),
    "encouraged, but the square is closed": ({}, ENCOURAGED | {"called_is_closed": 1}, {"place.local_share": 0.0},
                                             MARKED, (QUIET, NO_SITE, 0, 0)),
    "encouraged before the rally, ordered all the same": ({"employer": STATE}, ENCOURAGED | RALLY, {}, MARKED,
                                                          (PROTESTING, SQUARE, 1, 0)),
    # what was learned: index .5 without; log(2 / 1.2) = .51 of company; a lesson of .5 x .5 x 3 = .75
    "company remembered draws one out": ({"luck": 0.9, "company_main": 0.01}, CALLED | {"main_share": 1.0}, LEARNED, {},
                                         (PROTESTING, SQUARE, 0, 0)),
    "a bond draws one out": ({"luck": 0.9, "is_bound": 1}, CALLED, {"bonds.strength": 1.0, "bonds.bond_weight": 0.5},
                             {}, (PROTESTING, SQUARE, 0, 0)),
    "a bond while bonds are off": ({"luck": 0.9, "is_bound": 1}, CALLED, {"bonds.bond_weight": 0.5}, {},
                                   (QUIET, NO_SITE, 0, 0)),
    "company of another kind of day": ({"luck": 0.9, "company_main": 0.01}, CALLED, LEARNED, {},
                                       (QUIET, NO_SITE, 0, 0)),
    "a lesson keeps one at home": ({"luck": 0.4}, CALLED | {"lesson": 0.5}, LEARNED, {}, (QUIET, NO_SITE, 0, 0)),
    "without a lesson": ({"luck": 0.4}, CALLED, LEARNED, {}, (PROTESTING, SQUARE, 0, 0)),
    "cut off, goes where it is near": ({}, CALLED | {"connectivity": 0.0}, {"leader.known_by_mouth": 0.0}, {},
                                       (PROTESTING, MARKET, 0, 0)),
    # rally
    "ordered, would not have gone": ({"employer": STATE}, RALLY, {}, {}, (RALLYING, MARKET, 1, 1)),
    "ordered, would have gone": ({"employer": STATE, "private_preference": 1.0}, RALLY, {}, {},
                                 (RALLYING, MARKET, 1, 0)),
    "ordered, stays away": ({"employer": STATE}, RALLY, {"job_pressure.order_weight": 1.0}, {}, (QUIET, NO_SITE, 1, 0)),
    "goes by himself": ({"private_preference": 1.0}, RALLY, {}, {}, (RALLYING, MARKET, 0, 0)),
    "is not drawn to it": ({}, RALLY, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "nobody is ordered": ({"employer": STATE}, RALLY, {"job_pressure.order_share": 0.0}, {}, (QUIET, NO_SITE, 0, 0)),
    "the dismissed are not ordered": ({"employer": STATE, "is_dismissed": 1}, RALLY, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "ordered onto a bus: coerced, whatever he thinks": ({"employer": STATE, "private_preference": 1.0}, BUSES, {}, {},
                                                        (RALLYING, MARKET, 1, 1)),
    "no seat, no order": ({"employer": STATE}, BUSES, {"job_pressure.bus_share": 0.0}, {}, (QUIET, NO_SITE, 0, 0)),
    "no supporter travels by himself": ({"private_preference": 1.0}, BUSES, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "the rally before the protest": ({"employer": STATE, "luck": -9.0}, RALLY | CALLED, {}, {},
                                     (RALLYING, MARKET, 1, 1)),
    # walkout
    "walks out": ({"employer": PLANT, "luck": 0.9}, SHIFT, {}, {}, (STRIKING, NO_SITE, 0, 0)),
    "luck above the index": ({"employer": PLANT, "luck": 1.0}, SHIFT, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "no shift": ({"employer": PLANT, "luck": -9.0}, {}, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "not at a plant": ({"employer": STATE, "luck": -9.0}, SHIFT, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "dismissed from the plant": ({"employer": PLANT, "luck": -9.0, "is_dismissed": 1}, SHIFT, {}, {},
                                 (QUIET, NO_SITE, 0, 0)),
    "joins the column": ({"employer": PLANT, "luck": 0.9}, MARCH, {}, {}, (PROTESTING, SQUARE, 0, 0)),
    "strikes, too unlucky for the column": ({"employer": PLANT, "luck": 0.9}, MARCH | {"march_hour_offset": -1.5}, {},
                                            {}, (STRIKING, NO_SITE, 0, 0)),
    "strikes, but prefers the incumbent": ({"employer": PLANT, "luck": -9.0, "private_preference": 0.75}, MARCH, {}, {},
                                           (STRIKING, NO_SITE, 0, 0)),
    "the walkout before the protest": ({"employer": PLANT, "luck": 0.2}, SHIFT | CALLED, {}, {},
                                       (STRIKING, NO_SITE, 0, 0)),
    # protest
    "joins": ({"luck": 0.45}, CALLED, {}, {}, (PROTESTING, SQUARE, 0, 0)),
    "luck above the index of the protest": ({"luck": 0.55}, CALLED, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "prefers the incumbent": ({"luck": -9.0, "private_preference": 0.5}, CALLED, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "a job to lose": ({"employer": STATE, "luck": 0.45}, CALLED, {}, {}, (QUIET, NO_SITE, 0, 0)),  # .5 - .2
    "no job to lose any more": ({"employer": STATE, "luck": 0.45, "is_dismissed": 1}, CALLED, {}, {},
                                (PROTESTING, SQUARE, 0, 0)),
    "a call that reaches": ({"luck": 0.7}, CALLED | {"credibility": 1.0, "reach": 1.0}, {}, {},  # .5 + .5 x .5
                            (PROTESTING, SQUARE, 0, 0)),
    "support resented": ({"luck": 0.7}, CALLED | {"support": 1.0}, {"russian_support.resentment_weight": 0.5}, {},
                         (PROTESTING, SQUARE, 0, 0)),  # .5 + .5 (1 - 0)
    "company": ({"luck": 0.7, "company": 0.5}, CALLED, {"ties.company_weight": 1.0, "ties.company_onset": 0.0}, {},
                (PROTESTING, SQUARE, 0, 0)),  # .5 + .5
    # where
    "closed: around the home": ({"luck": 0.0}, CLOSED, {}, {}, (PROTESTING, NEIGHBOURHOOD, 0, 0)),
    "closed: at home": ({"luck": 0.0}, CLOSED, {"place.local_share": 0.0}, {}, (QUIET, NO_SITE, 0, 0)),
    "closed: at home, so the chain": ({"luck": 0.0, "is_woman": 1}, CLOSED | CHAINS, {"place.local_share": 0.0}, {},
                                      (PROTESTING, CHAIN, 0, 0)),
    "full: who is there stays": ({"luck": 0.0, "activity": PROTESTING, "site": SQUARE}, FULL, {}, {},
                                 (PROTESTING, SQUARE, 0, 0)),
    "full: who is at a closed place moves": ({"luck": 0.0, "activity": PROTESTING, "site": MEMORIAL}, FULL, {}, {},
                                             (PROTESTING, MARKET, 0, 0)),
    "full: who is in a chain moves": ({"luck": 0.0, "activity": PROTESTING, "site": CHAIN}, FULL, {}, {},
                                      (PROTESTING, MARKET, 0, 0)),
    "full: who rallies there is no protester": ({"luck": 0.0, "activity": RALLYING, "site": SQUARE}, FULL, {}, {},
                                                (PROTESTING, MARKET, 0, 0)),
    "full: a newcomer goes where weights lead": ({"luck": 0.0}, FULL, {}, {}, (PROTESTING, MARKET, 0, 0)),
    "not called": ({"luck": 0.0}, CALLED | {"called_site": NO_SITE}, {}, {}, (PROTESTING, MARKET, 0, 0)),
    "not called, no place open": ({"luck": 0.0}, CALLED | {"called_site": NO_SITE}, {},
                                  {"site_weights": np.zeros((1, 3))}, (PROTESTING, NEIGHBOURHOOD, 0, 0)),
    # chain
    "a woman in a chain": ({"luck": 0.45, "is_woman": 1}, CHAINS, {}, {}, (PROTESTING, CHAIN, 0, 0)),
    "a man is not": ({"luck": 0.45}, CHAINS, {}, {}, (QUIET, NO_SITE, 0, 0)),
    "a lucky man is": ({"luck": -0.55}, CHAINS, {}, {}, (PROTESTING, CHAIN, 0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOICES)
def test_choice(one, case):
    *given, expected = CHOICES[case]
    person = one(*given)
    choice = person.agent().choose()
    assert (choice.activity, choice.site, int(choice.is_ordered), int(choice.is_coerced)) == expected
    for plain in (False, True):
        columns = person.after(citizen_passes.choose_rows, plain=plain)
        names = ("next_activity", "next_site", "is_ordered", "is_coerced")
        assert tuple(int(getattr(columns, name)[0]) for name in names) == expected, "plain" if plain else "compiled"


OUT = {"activity": PROTESTING, "site": SQUARE}
VIOLENT, CUSTODY = {"repression.violent_share": 1.0}, {"repression.custody_share": 1.0}
# A mean term of 1e9 hours is cut to the longest, 5 hours: until hour 25. (release_hour, injury, is_public)
ARRESTS = {
    "arrested": (OUT, {}, {}, {}, (25, NONE, 0)),
    "at home": ({}, {}, {}, {}, (NO_HOUR, NONE, 0)),
    "no risk there": (OUT, {}, {}, {"arrest_probability": np.zeros(5)}, (NO_HOUR, NONE, 0)),
    "injured in public": (OUT, {}, VIOLENT, {}, (25, KNOWN, 1)),
    "no violence in this hour": (OUT, {"violence": 0.0}, VIOLENT, {}, (25, NONE, 0)),
    "injured in custody": (OUT, {}, CUSTODY, {}, (25, HIDDEN, 0)),
    "a known injury stays known": (OUT | {"injury": KNOWN}, {}, CUSTODY, {}, (25, KNOWN, 0)),
    "a hidden one becomes known in public": (OUT | {"injury": HIDDEN}, {}, VIOLENT, {}, (25, KNOWN, 1)),
    "a woman in a chain is spared": ({"activity": PROTESTING, "site": CHAIN, "is_woman": 1}, {}, {}, {},
                                     (NO_HOUR, NONE, 0)),
    "a man in a chain is not": ({"activity": PROTESTING, "site": CHAIN}, {}, {}, {}, (25, NONE, 0)),
    "nor a woman on the square": (OUT | {"is_woman": 1}, {}, {}, {}, (25, NONE, 0)),
    "at least an hour": (OUT, {"term_hours": 0.0}, {}, {}, (21, NONE, 0)),
}  # fmt: skip


@pytest.mark.parametrize("case", ARRESTS)
def test_arrest(one, case):
    *given, (until, injury, is_public) = ARRESTS[case]
    person = one(*given)
    arrest = person.agent().face_arrest()
    assert (arrest.release_hour, arrest.injury, int(arrest.is_public)) == (until, injury, is_public)
    for plain in (False, True):
        detained, injured = np.zeros(3, np.int64), np.zeros(3, np.int64)
        columns = person.after(citizen_passes.arrest_rows, detained, injured, plain=plain)
        assert (columns.release_hour[0], columns.injury[0], injured[ELSEWHERE]) == (until, injury, is_public)
        assert detained[ELSEWHERE] == (until != NO_HOUR) == (columns.activity[0] == DETAINED)


# Of the 4 others around the home one went, a quarter; of 99 colleagues 3; believed: .1 (.5 + .5). No online ties.
# Elsewhere: .75 (.5 x .25 + .5 x .1) = .13125. With colleagues: .75 (.5 (.7 x .25 + .3 x 3 / 99) + .05) = .1065341.
ENDED = {"lesson_due": 1, "turnout": 0.1, "turnout_main_share": 1.0}
UNBIASED = {"reported_counts.ministry_protest_bias": 0.0, "reported_counts.media_protest_bias": 0.0,
            "ties.remembered_weight": 1.0, "ties.memory_rate": 0.75, "ties.seen_weight": 0.5, "ties.home_weight": 0.3,
            "ties.work_weight": 0.3}  # fmt: skip
REMEMBERED = {
    "a main day": ({}, ENDED, UNBIASED, {}, (0.13125, 0.0)),
    "a minor day": ({}, ENDED | {"turnout_main_share": 0.0}, UNBIASED, {}, (0.0, 0.13125)),
    "half a main day": ({}, ENDED | {"turnout_main_share": 0.5}, UNBIASED, {}, (0.065625, 0.065625)),
    "with colleagues": ({"employer": STATE}, ENDED, UNBIASED, {}, (0.1065340909, 0.0)),
    "who went is not one of the others": ({"went": 1}, ENDED, UNBIASED, {}, (0.0375, 0.0)),
    "the network is down": ({}, ENDED | {"connectivity": 0.0}, UNBIASED, {}, (0.1125, 0.0)),
    "nobody went": ({"company_main": 0.4}, ENDED | {"turnout": 0.0}, UNBIASED, {"went_block": np.array([0])},
                    (0.1, 0.0)),
}


@pytest.mark.parametrize("case", REMEMBERED)
def test_company_remembered(one, case):
    *given, expected = REMEMBERED[case]
    person = one(*given)
    assert person.agent().remember() == pytest.approx((*expected, False), abs=1e-8)
    for plain in (False, True):
        columns = person.after(citizen_passes.remember_rows, plain=plain)
        assert (columns.company_main[0], columns.company_minor[0]) == pytest.approx(expected, abs=1e-8)


FRIENDS_WENT, BINDING = {"went_block": np.array([3])}, UNBIASED | {"bonds.strength": 1.0, "bonds.bond_onset": 0.4}
BOUND = {
    "went with friends": ({"went": 1}, ENDED, BINDING, FRIENDS_WENT, True),
    "went with too few": ({"went": 1}, ENDED, BINDING | {"bonds.bond_onset": 0.6}, FRIENDS_WENT, False),
    "friends went, but not oneself": ({}, ENDED, BINDING, {"went_block": np.array([4])}, False),
    "bound before": ({"is_bound": 1}, ENDED, BINDING, {}, True),
    "off": ({"went": 1}, ENDED, BINDING | {"bonds.strength": 0.0}, FRIENDS_WENT, False),
}


@pytest.mark.parametrize("case", BOUND)
def test_who_goes_with_friends_is_bound(one, case):
    *given, expected = BOUND[case]
    person = one(*given)
    assert person.agent().remember().is_bound is expected
    for plain in (False, True):
        assert person.after(citizen_passes.remember_rows, plain=plain).is_bound[0] == expected


HELD = {"activity": DETAINED, "release_hour": HOUR + 1}
RELEASES = {
    "the term goes on": (HELD, {}, {}, {}, (DETAINED, HOUR + 1, NONE)),
    "the term ends": (HELD | {"release_hour": HOUR}, {}, {}, {}, (QUIET, NO_HOUR, NONE)),
    "an amnesty": (HELD, {"release_share": 1.0}, {}, {}, (QUIET, NO_HOUR, NONE)),
    "an injury becomes known": (HELD | {"injury": HIDDEN}, {"release_share": 1.0}, {}, {}, (QUIET, NO_HOUR, KNOWN)),
    "and stays hidden until then": (HELD | {"injury": HIDDEN}, {}, {}, {}, (DETAINED, HOUR + 1, HIDDEN)),
    "the free are not released": ({"injury": HIDDEN}, {"release_share": 1.0}, {}, {}, (QUIET, NO_HOUR, HIDDEN)),
}


@pytest.mark.parametrize("case", RELEASES)
def test_release(one, case):
    *given, expected = RELEASES[case]
    person = one(*given)
    release = person.agent().face_release()
    is_free = person.columns.activity[0] == DETAINED and expected[0] == QUIET
    assert (bool(release.is_released), release.injury) == (is_free, expected[2])
    for plain in (False, True):
        known = np.zeros(3, np.int64)
        columns = person.after(citizen_passes.release_rows, known, plain=plain)
        assert (columns.activity[0], columns.release_hour[0], columns.injury[0]) == expected
        assert known[ELSEWHERE] == (person.columns.injury[0] == HIDDEN and expected[2] == KNOWN)


WORKER, COLUMN = {"employer": PLANT}, {"activity": PROTESTING, "site": SQUARE}
NO_STRIKERS = {"dismissal.striker_rate": 0.0}
DISMISSALS = {
    "a striker": (WORKER | {"activity": STRIKING}, SHIFT, {}, {}, True),
    "a striker in the column": (WORKER | COLUMN, MARCH, {}, {}, True),
    "a protester without a column": (WORKER | COLUMN, SHIFT, {}, {}, False),
    "a protester after the shift": (WORKER | COLUMN, MARCH | {"shift_open": 0}, {}, {}, False),
    "a protester from elsewhere": (COLUMN, MARCH, {}, {}, False),
    "at work": (WORKER, SHIFT, {}, {}, False),
    "dismissed already": (WORKER | {"activity": STRIKING, "is_dismissed": 1}, SHIFT, {}, {}, False),
    "an absentee": ({"employer": STATE, "is_ordered": 1}, {"rally_ends": 1}, {}, {}, True),
    "an absentee, the rally goes on": ({"employer": STATE, "is_ordered": 1}, RALLY, {}, {}, False),
    "who was there": ({"employer": STATE, "is_ordered": 1, "activity": RALLYING}, {"rally_ends": 1}, {}, {}, False),
    "who was not ordered": ({"employer": STATE}, {"rally_ends": 1}, {}, {}, False),
    "no dismissals of strikers": (WORKER | {"activity": STRIKING}, SHIFT, NO_STRIKERS, {}, False),
    "the mechanism off": (WORKER | {"activity": STRIKING}, SHIFT, {"dismissal.strength": 0.0}, {}, False),
}


@pytest.mark.parametrize("case", DISMISSALS)
def test_dismissal(one, case):
    *given, expected = DISMISSALS[case]
    person = one(*given)
    assert bool(person.agent().faces_dismissal()) is expected
    for plain in (False, True):
        columns = person.after(citizen_passes.dismiss_rows, plain=plain)
        assert columns.is_dismissed[0] == (expected or person.columns.is_dismissed[0])
