"""exp, log and their relatives: accuracy against 40 decimal digits, limits, and the same bits in every mode."""

import math
import os
import struct
import subprocess
import sys
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from agents.compiled import arithmetic
from agents.compiled.arithmetic import exp, log, logit, normal_cdf, normal_quantile, power, sigmoid
from agents.compiled.rule import kernel

EPSILON = 2.0**-52
NAMES = ["exp", "log", "sigmoid", "logit", "normal_cdf", "normal_quantile"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, -1e-310, 2.2250738585072009e-308,
           2.2250738585072014e-308, 1.7976931348623157e308, 0.5, 709.782712893384, 709.7827128933841, 710.5, -745.2,
           38.6, -38.6, 0.67448975, 5.656854249492381]
PLAIN_PYTHON = """
import sys, numpy as np
from agents.compiled import arithmetic
names, x, y = sys.argv[1].split(","), np.load(sys.argv[2]).tolist(), np.load(sys.argv[3]).tolist()
results = [[getattr(arithmetic, name)(value) for value in x] for name in names]
results.append([arithmetic.power(base, exponent) for base, exponent in zip(x, y)])
assert not hasattr(arithmetic.exp, "signatures"), "compiled after all"
np.save(sys.argv[4], results)
"""


def any_floats(n, seed):
    """Return n finite floats whose 64 bits are random: every magnitude is as likely."""
    x = np.random.default_rng(seed).integers(0, 2**64, n, dtype=np.uint64).view(np.float64)
    return x[np.isfinite(x)]


def inputs(n=25_000):
    """Return a mixture of ordinary, extreme and special arguments."""
    rng = np.random.default_rng(20200809)
    parts = [SPECIAL, any_floats(n, 1), rng.uniform(-750, 750, n), rng.uniform(-10, 10, n), rng.random(n)]
    return np.concatenate(parts)


def ulp_error(function, reference, x):
    """Return the largest error of `function` in units of the last place of the true value."""
    worst = 0.0
    with localcontext(prec=40, Emin=-9999, Emax=9999):
        for value in map(float, x):
            true = reference(Decimal(value))
            error = abs(Decimal(function(value)) - true) / Decimal(math.ulp(float(true)))
            worst = max(worst, float(error))
    return worst


def assert_same_bits(one, other):
    """Assert that two arrays hold the same floats, bit for bit; one NaN is as good as another."""
    one, other = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    differ = (one.view(np.uint64) != other.view(np.uint64)) & ~(np.isnan(one) & np.isnan(other))
    assert not differ.any(), (one[differ][:3], other[differ][:3])


# --- accuracy ---


@pytest.mark.parametrize("low, high", [(-1, 1), (-708, 709.78), (-745.1, -708)])
def test_exp_is_within_one_ulp(low, high):
    assert ulp_error(exp, Decimal.exp, np.random.default_rng(2).uniform(low, high, 3000)) < 1


def test_log_is_within_one_ulp():
    near_one = np.random.default_rng(3).uniform(0.5, 2, 3000)
    assert ulp_error(log, Decimal.ln, near_one) < 1
    assert ulp_error(log, Decimal.ln, 1 + (near_one - 1) * 1e-6) < 1
    assert ulp_error(log, Decimal.ln, np.abs(any_floats(3000, 4))) < 1
    assert ulp_error(log, Decimal.ln, np.random.default_rng(5).integers(1, 2**52, 500).view(np.float64)) < 1


def test_the_ulp_measure_can_fail():
    assert ulp_error(lambda x: math.nextafter(math.nextafter(exp(x), 0), 0), Decimal.exp, [0.3]) > 1
    assert ulp_error(lambda x: float(np.log(np.float32(x))), Decimal.ln, [0.3]) > 1000


def test_sigmoid_is_within_three_ulp():
    x = np.random.default_rng(6).uniform(-700, 40, 2000)
    x = np.concatenate([x, np.random.default_rng(7).uniform(-5, 5, 3000)])
    assert ulp_error(sigmoid, lambda x: 1 / (1 + (-x).exp()), x) < 3


@pytest.mark.parametrize("low, high", [(0, 1), (0.35, 0.65), (0.4999, 0.5001), (0, 1e-6)])
def test_logit_is_within_five_ulp(low, high):
    p = np.random.default_rng(8).uniform(low, high, 2000)
    assert ulp_error(logit, lambda p: (p / (1 - p)).ln(), p) < 5


@pytest.mark.parametrize("exponent", [0.5, 1 / 24, -0.3, 1.7, 10.0])
def test_power_error_grows_with_the_exponent_of_e(exponent):
    bases = np.random.default_rng(9).uniform(1e-3, 3, 1000)
    for base in map(float, bases):
        error = ulp_error(lambda b: power(b, exponent), lambda b: (Decimal(exponent) * b.ln()).exp(), [base])
        assert error <= 2 + 2 * abs(exponent * math.log(base))


# Correctly rounded, from the complementary error function in 60 digits.
NORMAL_CDF = {
    -37.5: 4.605353009581955e-308, -20.0: 2.7536241186062337e-89, -8.0: 6.220960574271784e-16,
    -6.0: 9.86587645037698e-10, -3.0: 0.0013498980316300946, -1.0: 0.15865525393145705, -0.5: 0.3085375387259869,
    0.0: 0.5, 0.25: 0.5987063256829237, 1.0: 0.8413447460685429, 2.0: 0.9772498680518208, 5.0: 0.9999997133484281,
}


@pytest.mark.parametrize("x, expected", NORMAL_CDF.items())
def test_normal_cdf_table(x, expected):
    assert normal_cdf(x) == pytest.approx(expected, rel=1e-15, abs=0)


def normal_cdf_series(x):
    """Return 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...), in 400 digits: up to 284 of them cancel."""
    with localcontext(prec=400, Emin=-9999, Emax=9999):
        x = Decimal(x)
        term, total, n = x, x, 1
        while abs(term) > abs(total).scaleb(-400):
            n += 2
            term *= x * x / n
            total += term
        return Decimal("0.5") + total * (-x * x / 2).exp() / (2 * PI).sqrt()


PI = Decimal(
    "3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348"
    "253421170679821480865132823066470938446095505822317253594081284811174502841027019385211055"
    "596446229489549303819644288109756659334461284756482337867831652712019091456485669234603486"
    "10454326648213393607260249141273724587006"
)


@pytest.mark.parametrize("low, high", [(-36, -5.66), (-5.65, -0.68), (-0.67, 0.67), (0.68, 8)])
def test_normal_cdf_is_within_1e_15(low, high):
    for x in map(float, np.random.default_rng(11).uniform(low, high, 40)):
        true = normal_cdf_series(x)
        assert abs(Decimal(normal_cdf(x)) / true - 1) < Decimal("1e-15")


def test_normal_cdf_agrees_with_scipy():
    """SciPy's own error grows to 2e-13 near -37."""
    x = np.concatenate([np.linspace(-8, 8, 3201), [-0.67448975, 0.67448975, -5.656854249492381]])
    np.testing.assert_allclose([normal_cdf(value) for value in x], special.ndtr(x), rtol=5e-14, atol=0)


# The check values printed with Algorithm AS 241, and quantiles of common use.
NORMAL_QUANTILE = {
    0.25: -0.6744897501960817, 0.001: -3.0902323061678136, 1e-20: -9.262340089798407,
    0.5: 0.0, 0.9: 1.2815515655446006, 0.975: 1.9599639845400538,
}


@pytest.mark.parametrize("probability, expected", NORMAL_QUANTILE.items())
def test_normal_quantile_table_of_wichura(probability, expected):
    assert normal_quantile(probability) == pytest.approx(expected, rel=1e-15, abs=0)


@settings(deadline=None)
@given(st.floats(1e-300, 1 - 1e-6))
def test_normal_quantile_inverts_the_cdf(probability):
    x = normal_quantile(probability)
    # d ln Phi / dx is at most |x| + 1 in the lower tail, x has an error of 1e-15 |x|
    assert normal_cdf(x) == pytest.approx(probability, rel=2e-15 * (1 + x * x), abs=0)


# --- limits ---

LIMITS = [
    (exp, 0.0, 1.0), (exp, math.inf, math.inf), (exp, -math.inf, 0.0), (exp, 709.7827128933841, math.inf),
    (exp, -745.1332191019412, 0.0), (exp, -745.1332191019411, 5e-324), (exp, math.nan, math.nan),
    (log, 1.0, 0.0), (log, 0.0, -math.inf), (log, -0.0, -math.inf), (log, -1.0, math.nan),
    (log, math.inf, math.inf), (log, -math.inf, math.nan), (log, math.nan, math.nan),
    (sigmoid, 0.0, 0.5), (sigmoid, math.inf, 1.0), (sigmoid, -math.inf, 0.0), (sigmoid, math.nan, math.nan),
    (logit, 0.5, 0.0), (logit, 0.0, -math.inf), (logit, 1.0, math.inf), (logit, 1.1, math.nan),
    (logit, -0.1, math.nan), (logit, math.nan, math.nan),
    (normal_cdf, -math.inf, 0.0), (normal_cdf, math.inf, 1.0), (normal_cdf, math.nan, math.nan),
    (normal_quantile, 0.0, -math.inf), (normal_quantile, 1.0, math.inf), (normal_quantile, 2.0, math.nan),
    (normal_quantile, -0.5, math.nan), (normal_quantile, math.nan, math.nan),
]


@pytest.mark.parametrize("function, x, expected", LIMITS)
def test_limits(function, x, expected):
    result = function(x)
    assert result == expected or (math.isnan(result) and math.isnan(expected))


@pytest.mark.parametrize("base, exponent, expected", [
    (0.0, 0.0, 1.0), (math.inf, 0.0, 1.0), (0.3, 1.0, 0.3), (0.0, 0.5, 0.0), (0.0, -1.0, math.inf), (1.0, 7.3, 1.0),
])
def test_power_limits(base, exponent, expected):
    assert power(base, exponent) == expected
    assert math.isnan(power(-1.0, 0.5))


# --- properties ---


@settings(deadline=None)
@given(st.floats(-700, 700), st.floats(0, 10))
def test_functions_increase(x, step):
    """Up to the last bits: an approximation may fall by less than its error."""
    assert exp(x + step) >= exp(x) * (1 - 2 * EPSILON)
    assert sigmoid(x + step) >= sigmoid(x) * (1 - 4 * EPSILON)
    assert normal_cdf((x + step) / 20) >= normal_cdf(x / 20) * (1 - 8 * EPSILON)
    assert log(exp(x) + step) >= log(exp(x)) - 2 * EPSILON * abs(x)


@settings(deadline=None)
@given(st.floats(-30, 30))
def test_symmetry_and_inverses(x):
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1, abs=4 * EPSILON)
    assert normal_cdf(x) + normal_cdf(-x) == pytest.approx(1, abs=4 * EPSILON)
    assert log(exp(x)) == pytest.approx(x, rel=2 * EPSILON, abs=2 * EPSILON)
    assert logit(sigmoid(-abs(x))) == pytest.approx(-abs(x), rel=8 * EPSILON, abs=8 * EPSILON)


# --- the same bits in every mode ---


@pytest.mark.parametrize("name", NAMES)
def test_a_pass_over_a_column_gives_the_bits_of_single_calls(name):
    """Compiled loops are vectorised with wider instructions, and the processor could fuse products."""
    function, x = getattr(arithmetic, name), inputs()

    @kernel
    def over_column(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    out = np.empty_like(x)
    over_column(x, out)
    assert_same_bits(out, [function(value) for value in x.tolist()])


def test_plain_python_gives_the_bits_of_compiled_code(tmp_path):
    x = inputs()
    y = np.random.default_rng(10).permutation(x)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    files = [str(tmp_path / name) for name in ("x.npy", "y.npy", "out.npy")]
    subprocess.run([sys.executable, "-c", PLAIN_PYTHON, ",".join(NAMES), *files], check=True,
                   env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
    plain = np.load(tmp_path / "out.npy")
    for name, column in zip(NAMES, plain, strict=False):
        assert_same_bits(column, [getattr(arithmetic, name)(value) for value in x.tolist()])
    assert_same_bits(plain[-1], [power(base, exponent) for base, exponent in np.stack([x, y], axis=1).tolist()])


@pytest.mark.parametrize("value, bits", [
    (exp(0.1), "3ff1aec7b35a00d4"), (exp(-3.7), "3f99511fc6871044"), (log(0.1), "c0026bb1bbb55515"),
    (log(12345.678), "4022d79559791e31"), (sigmoid(-1.3), "3fcb69c25fe3c688"), (logit(0.9), "400193ea7aad030b"),
    (normal_cdf(-1.96), "3f99990c58859310"), (power(0.2, 0.7), "3fd4be914a0ac752"),
])
def test_bits_are_frozen(value, bits):
    """An edit that moves a bit changes every trajectory, and says so under "Results change"."""
    assert struct.pack(">d", value).hex() == bits
