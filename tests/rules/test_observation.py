"""The counts of 16 August 2020 in Minsk, from crowds of plausible size by the shipped observation parameters.

Both crowds were counted as area times an assumed density. The Stela: 110,000 m2 at 2 per m2. Independence Square:
7,200 m2 at 3.15, the middle of 2 (14,400 persons) and 4.3 (31,000). The median crowd stands at 1.5 per m2. The biases
hold the ratio of the densities (evidence.md section 4).
"""

import dataclasses
import math

import pytest

from agents.rules.reported_counts import ReportedCounts, reported_count


@pytest.fixture(scope="module")
def p():
    return dataclasses.asdict(ReportedCounts())


def median_report(p, crowd, source, side):
    """Return the count that a source gives of a crowd of median density, without error."""
    return reported_count(crowd, p[f"{source}_{side}_bias"], 0.0, p["density_sd"], 0.0, p["error_sd"], p["strength"])


@pytest.mark.parametrize("source, side, crowd, published", [
    ("media", "rally", 14_762.0, 31_000.0),  # 31,000 x 1.5 / 3.15
    ("ministry", "rally", 15_476.0, 65_000.0),  # 65,000 x 1.5 / 3.15 / 2
    ("media", "protest", 165_000.0, 220_000.0),  # 220,000 x 1.5 / 2
])
def test_16_august(p, source, side, crowd, published):
    assert median_report(p, crowd, source, side) == pytest.approx(published, rel=0.001)


@pytest.mark.parametrize("crowd", [14_000.0, 14_500.0, 15_000.0, 15_500.0])
def test_one_rally_gives_both_of_its_counts(p, crowd):
    """One crowd, counted by two sources: each within 10 %, a third of the spread of one report."""
    assert median_report(p, crowd, "media", "rally") == pytest.approx(31_000.0, rel=0.10)
    assert median_report(p, crowd, "ministry", "rally") == pytest.approx(65_000.0, rel=0.10)


@pytest.mark.parametrize("name, prior", [
    ("ministry_protest_bias", math.log(2 / 1.5) - math.log(3.5)), ("ministry_rally_bias", math.log(3.15 / 1.5 * 2)),
    ("media_protest_bias", math.log(2 / 1.5)), ("media_rally_bias", math.log(3.15 / 1.5)),
])
def test_biases_are_density_ratio_times_what_the_source_adds(p, name, prior):
    """The centres of the priors of evidence.md section 4: assumed over true density, times the source's own factor."""
    assert p[name] == pytest.approx(prior, abs=1e-4)


def test_the_ministry_divides_protests_by_3_and_a_half(p):
    """30 July 2020: 18,250 against 63,000."""
    ratio = median_report(p, 1000.0, "media", "protest") / median_report(p, 1000.0, "ministry", "protest")
    assert ratio == pytest.approx(63_000.0 / 18_250.0, rel=0.02)


def test_one_method_for_both_crowds_gives_a_tenth(p):
    """127,300 and 12,700 persons counted alike: the published 220,000 against 31,000 makes 7 of 10 times."""
    protest, rally = median_report(p, 127_300.0, "media", "protest"), median_report(p, 12_700.0, "media", "rally")
    assert protest / rally == pytest.approx(127_300.0 / 12_700.0 * 2.0 / 3.15, rel=0.001)
    assert 6.0 < protest / rally < 7.5
