"""The words every layer shares: activities, states and columns. Numbers of draws: :mod:`agents.decisions`."""

from collections import namedtuple
from enum import IntEnum
from typing import TYPE_CHECKING, Any


class Activity(IntEnum):
    """What a citizen does in an hour; exactly one at a time."""

    QUIET = 0
    PROTESTING = 1
    STRIKING = 2
    RALLYING = 3
    DETAINED = 4


class Loyalty(IntEnum):
    """Where an officer or an official stands."""

    LOYAL = 0
    WITHHOLDING = 1  # an official: accommodating
    RESIGNED = 2


class Office(IntEnum):
    """The offices whose holders can give way."""

    MAYOR = 0
    JUDGE = 1
    COMMISSION = 2
    STATE_MEDIA = 3


class Injury(IntEnum):
    """Injuries of a citizen by force; those of custody stay unknown until the release."""

    NONE = 0
    KNOWN = 1
    HIDDEN = 2


# The same as plain numbers, for decisions: a compiled choice holds no members of an enumeration.
QUIET, PROTESTING, STRIKING, RALLYING, DETAINED = (int(activity) for activity in Activity)
LOYAL, WITHHOLDING, RESIGNED = (int(loyalty) for loyalty in Loyalty)
NO_INJURY, KNOWN, HIDDEN = (int(injury) for injury in Injury)

# People of a city are numbered from 0, its officers and officials from these on, whatever the scale.
CITY_STRIDE = 2**32
FIRST_OFFICER = 2**30
FIRST_OFFICIAL = 2**31
COUNTRY = 255  # city code in draws that concern the whole country

NO_SITE = -1
NO_HOUR = -1
NOT_EMPLOYED = -1

N_ACTIVITIES = len(Activity)

# name: (dtype as stored, unit and meaning). Arithmetic on them is 64-bit, rounding happens on the write.
CITIZEN_COLUMNS = {
    "home_cell": ("i4", "cell of the home in the city's grid, row-major"),
    "employer": ("i2", "group of the person: a plant, the other state sector, or everybody else"),
    "hardship": ("f4", "H, 0..1"),
    "risk_aversion": ("f4", "R, 0..1"),
    "private_preference": ("f4", "x, 0 change .. 1 incumbent"),
    "media_diet": ("f4", "m, 0 independent .. 1 state television only"),
    "russia_affinity": ("f4", "a, 0..1"),
    "job_dependence": ("f4", "J, 0..1; 0 outside the state sector"),
    "is_woman": ("u1", "0 or 1"),
    "age_band": ("u1", "0: 18-29, 1: 30-44, 2: 45-59, 3: 60 and over"),
    "disposition": ("f4", "z, standard normal, fixed for life"),
    "legitimacy": ("f4", "L, 0..1"),
    "anger": ("f4", "A, 0..1"),
    "arrest_belief": ("f4", "B, probability of sanction per occasion, from what was reported"),
    "fear": ("f4", "F, log units of expected sanction"),
    "company": ("f4", "T, share of own ties out, 0..1"),
    "went": ("u1", "1 if out at the street occasion that is on, or was last"),
    "company_main": ("f4", "C, company remembered of main days, share"),
    "company_minor": ("f4", "C, company remembered of minor days, share"),
    "is_bound": ("u1", "1 once one has been out among enough of the own ties"),
    "luck": ("f4", "logit of the day's luck u"),
    "beaten_ties": ("u1", "number of own online ties known to be injured"),
    "activity": ("u1", "an Activity"),
    "next_activity": ("u1", "the Activity chosen in this hour"),
    "site": ("i2", "site where the person is, -1 none"),
    "next_site": ("i2", "site chosen in this hour, -1 none"),
    "release_hour": ("i2", "hour in which the detention ends, -1 when free"),
    "first_hour": ("i2", "hour of the first protest, -1 never"),
    "injury": ("u1", "an Injury"),
    "is_ordered": ("u1", "1 while ordered to a rally"),
    "is_coerced": ("u1", "1 while at a rally to which the person would not have gone without the order"),
    "is_dismissed": ("u1", "1 once dismissed"),
}
OFFICER_COLUMNS = {
    "person": ("i8", "key of the officer's draws"),
    "home_city": ("i2", "city index"),
    "posted_city": ("i2", "city of deployment, city index"),
    "home_cell": ("i4", "cell of the home in the home city's grid"),
    "unit": ("i4", "unit index"),
    "unit_key": ("i8", "key of the unit's draws"),
    "unit_rank": ("f8", "rank of the unit in the home city, 0..1; the first ones are the reserve"),
    "position": ("f8", "rank in the home city's order of deployment, 0..1"),
    "exit_cost": ("f4", "cost of leaving the service, 0..1"),
    "weight": ("f8", "officers that one stands for"),
    "media_diet": ("f4", "m, 0..1"),
    "anger": ("f4", "A, 0..1"),
    "loyalty": ("u1", "a Loyalty"),
    "site": ("i2", "site of deployment, -1 in barracks"),
}
OFFICIAL_COLUMNS = {
    "person": ("i8", "key of the official's draws"),
    "home_city": ("i2", "city index"),
    "home_cell": ("i4", "cell of the home in the city's grid"),
    "office": ("u1", "an Office"),
    "weight": ("f8", "officials that one stands for"),
    "media_diet": ("f4", "m, 0..1"),
    "anger": ("f4", "A, 0..1"),
    "loyalty": ("u1", "a Loyalty; withholding means accommodating"),
}

if TYPE_CHECKING:  # the fields are those of the tables above

    class CitizenColumns(Any): ...  # noqa: D101

    class OfficerColumns(Any): ...  # noqa: D101

    class OfficialColumns(Any): ...  # noqa: D101

else:
    CitizenColumns = namedtuple("CitizenColumns", [*CITIZEN_COLUMNS, "ties"])
    OfficerColumns = namedtuple("OfficerColumns", list(OFFICER_COLUMNS))
    OfficialColumns = namedtuple("OfficialColumns", list(OFFICIAL_COLUMNS))

# Columns of curves.parquet after `hour` and `city`: name -> (unit, long name).
CURVES = {
    "quiet": ("persons", "adults at home or at work"),
    "protesting": ("persons", "adults protesting, chains included"),
    "striking": ("persons", "adults on strike and not on the street"),
    "rallying": ("persons", "adults at a rally for the incumbent, by home city"),
    "detained": ("persons", "adults in detention"),
    "adults": ("persons", "all adults: the sum of the five columns before"),
    "rallying_coerced": ("persons", "of those rallying: would not have gone without the order"),
    "detained_new": ("persons", "detained within the hour"),
    "injured_new": ("persons", "injuries that became known within the hour"),
    "dismissed": ("persons", "dismissed so far"),
    "officers_withholding": ("persons", "street officers of the city who withhold"),
    "officers_resigned": ("persons", "street officers of the city who resigned"),
    "officials_accommodating": ("persons", "officials who accommodate"),
    "officials_resigned": ("persons", "officials who resigned"),
    "ever_participated": ("persons", "adults who protested at least once"),
    "mean_legitimacy": ("1", "mean legitimacy L"),
    "mean_anger": ("1", "mean anger A"),
    "mean_fear": ("1", "mean fear F"),
    "mean_russia_affinity": ("1", "mean affinity to Russia a"),
    "private_opposition": ("share", "share of adults who privately prefer change"),
    "repression_level": ("level", "level of repression in force"),
    "concession_level": ("share", "share of the demand that has been granted"),
    "reported_protest_ministry": ("persons", "largest protest of the day, ministry"),
    "reported_protest_media": ("persons", "largest protest of the day, media"),
    "reported_rally_ministry": ("persons", "largest rally of the day, ministry"),
    "reported_rally_media": ("persons", "largest rally of the day, media"),
}
