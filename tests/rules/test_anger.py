"""Anger: the news stock, its concave effect, and the gain from news and from beaten friends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.anger import anger_next, news_stock_next, seen_news

quick = settings(deadline=None, max_examples=60)
share, amount = st.floats(0, 1), st.floats(0, 100)


@pytest.mark.parametrize("stock, injured, detained, released, decay, weight, expected", [
    (1.0, 0.0, 0.0, 0.0, 0.35, 0.2, 0.982210841),  # .65 ** (1 / 24)
    (1.0, 0.03, 0.1, 0.01, 0.35, 0.1, 1.032210841),
    (0.05, 0.02, 0.1, 0.0, 0.35, 0.3, 0.099110542),
    (0.0, 0.0, 0.0, 0.5, 0.35, 0.2, 0.5),  # injuries of custody count in full when they become known
    (3.0, 0.0, 0.0, 0.0, 0.0, 0.2, 3.0),
])
def test_news_stock(stock, injured, detained, released, decay, weight, expected):
    assert news_stock_next(stock, injured, detained, released, decay, weight) == pytest.approx(expected, rel=1e-8)


def test_news_loses_its_daily_share_in_24_hours():
    stock = 2.0
    for _ in range(24):
        stock = news_stock_next(stock, 0.0, 0.0, 0.0, 0.35, 0.2)
    assert stock == pytest.approx(1.3, rel=1e-12)


@pytest.mark.parametrize("stock, expected", [
    (0.0, 0.0), (0.02, 0.0138629436), (0.1, 0.0358351894), (2.0, 0.0923024103),
])
def test_seen_news(stock, expected):
    assert seen_news(stock, 0.02) == pytest.approx(expected, rel=1e-8)


@quick
@given(amount, amount, st.floats(0.005, 0.1))
def test_seen_news_rises_and_is_concave(one, other, scale):
    low, high = sorted((one, other))
    middle = seen_news(0.5 * (low + high), scale)
    assert 0.0 <= seen_news(low, scale) <= seen_news(high, scale) + 1e-12
    assert middle >= 0.5 * (seen_news(low, scale) + seen_news(high, scale)) - 1e-12
    assert seen_news(high, scale) <= high + 1e-12


@pytest.mark.parametrize("anger, heard, beaten, hours, kept, strength, expected", [
    (0.0, 0.5, 0.0, 1.0, 1.0, 1.0, 0.0951625820),  # 1 - exp(-.1)
    (0.2, 0.5, 0.25, 3.0, 0.9869162814, 1.0, 0.2778552078),  # kept: .9 ** (3 / 24)
    (0.5, 1.0, 0.0, 24.0, 0.9, 2.0, 0.5983559793),
    (0.5, 0.0, 0.0, 24.0, 0.9, 1.0, 0.45),
])
def test_anger(anger, heard, beaten, hours, kept, strength, expected):
    found = anger_next(anger, heard, beaten, hours, kept, 0.2, 0.01, strength)
    assert found == pytest.approx(expected, rel=1e-8)


@quick
@given(share, amount, share, st.floats(1, 24), share, share, share, st.floats(0, 10))
def test_anger_is_a_share(anger, heard, beaten, hours, kept, gain, tie_gain, strength):
    assert 0.0 <= anger_next(anger, heard, beaten, hours, kept, gain, tie_gain, strength) <= 1.0


@quick
@given(share, st.tuples(amount, amount), st.tuples(share, share), st.floats(1, 24))
def test_anger_rises_with_news_and_with_beaten_friends(anger, heard, beaten, hours):
    def after(news, friends):
        return anger_next(anger, news, friends, hours, 0.95, 0.2, 0.01, 1.0)

    assert after(min(heard), beaten[0]) <= after(max(heard), beaten[0]) + 1e-15
    assert after(heard[0], min(beaten)) <= after(heard[0], max(beaten)) + 1e-15


@quick
@given(amount, share, st.floats(1, 24), share)
def test_strength_0_makes_nobody_angry(heard, beaten, hours, kept):
    assert anger_next(0.0, heard, beaten, hours, kept, 0.2, 0.01, 0.0) == 0.0
