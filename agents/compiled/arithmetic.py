r"""Transcendental functions that give the same bits everywhere.

The exponential and the logarithm of the C library differ in the last bit between processors, NumPy's more
often. Here they are built from operations that IEEE 754 rounds correctly (+ - * / sqrt and comparisons) and
from exact handling of the binary exponent. No product is fused with a sum: Numba allows that only with
`fastmath`. So compiled rules and plain Python (``NUMBA_DISABLE_JIT=1``) agree bit for bit, on any machine;
a NaN is a NaN, whatever its sign.

Arguments called `probability` lie in [0, 1]; ``draws.uniform`` lies in [0, 1), ``draws.uniform_open`` in
(0, 1), where ``log``, ``logit`` and ``normal_quantile`` are finite.

Sources: exp and log: Sun Microsystems, fdlibm 5.3, e_exp.c and e_log.c. normal_cdf: Cody (1969),
doi:10.1090/S0025-5718-1969-0247736-4, in the form of ANORM (1993), doi:10.1145/151271.151273.
normal_quantile: Wichura (1988), Algorithm AS 241, PPND16, doi:10.2307/2347330.
"""

import math
from collections.abc import Callable
from typing import Any

from agents.compiled.rule import MET_ONLY, before_compiling, rule

INF, NAN = math.inf, math.nan
LARGEST = 1.7976931348623157e308
SMALLEST_NORMAL = 2.2250738585072014e-308
LOG2_E = 1.4426950408889634
# ln 2 in two parts; the first has 33 bits, so that its product with an exponent is exact.
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
ROUNDER = 6755399441055744.0  # 1.5 * 2^52: adding and subtracting it rounds to a whole number, ties to even
ROUNDER_16TH = 422212465065984.0  # 1.5 * 2^48: the same, to a multiple of 1/16
SQRT_HALF = 0.7071065902709961  # a little below sqrt(1/2): its low word is zero
SQRT_HALF_BITS = 0x3FE6A09E00000000
ONE_BITS = 0x3FF0000000000000


# --- exact handling of the binary exponent: in Python, and for the compiler ---


def _power_of_two(exponent: float) -> float:
    """Return 2^exponent, exponent a whole number in [-1022, 1023]."""
    return math.ldexp(1.0, int(exponent)) if exponent == exponent else NAN


def _split(x: float) -> tuple[float, float]:
    """Return (k, m) with x = 2^k m exactly, m in [SQRT_HALF, 2 SQRT_HALF), for x positive, normal, finite."""
    fraction, exponent = math.frexp(x)
    return (float(exponent), fraction) if fraction >= SQRT_HALF else (float(exponent - 1), 2.0 * fraction)


@before_compiling
def _tell_of_exponents() -> None:
    """Let the compiler read and write the exponent's bits."""
    from numba import types
    from numba.extending import intrinsic, overload

    @intrinsic
    def bits(typing_context, x):
        """Read the 64 bits of a float as an integer."""
        return types.int64(types.float64), _cast_to(types.int64)

    @intrinsic
    def from_bits(typing_context, whole):
        """Read 64 bits as a float."""
        return types.float64(types.int64), _cast_to(types.float64)

    def power_of_two(exponent):
        # The low bits of exponent + ROUNDER are the exponent, in two's complement.
        return from_bits((bits(exponent + ROUNDER) << 52) + ONE_BITS)

    def split(x):
        shifted = bits(x) + (ONE_BITS - SQRT_HALF_BITS)
        # A whole number below 2^52 is made a float by its bits: faster than a conversion, as exact.
        exponent = from_bits((shifted >> 52) + 0x4330000000000000) - 4503599627371519.0  # 2^52 + 1023
        return exponent, from_bits((shifted & 0x000FFFFFFFFFFFFF) + SQRT_HALF_BITS)

    overload(_power_of_two, jit_options=MET_ONLY | {"_nrt": False})(lambda exponent: power_of_two)
    overload(_split, jit_options=MET_ONLY | {"_nrt": False})(lambda x: split)


def _cast_to(kind: Any) -> Callable:
    """Return what makes the compiler read the same bits as another type."""
    return lambda context, builder, sig, args: builder.bitcast(args[0], context.get_value_type(kind))


# --- the functions (a compiled rule calls only rules above it) ---


@rule
def exp(x: float) -> float:
    r"""Exponential function.

    .. math:: e^x = 2^k e^r, \quad k = [x / \ln 2], \quad
              e^r = 1 + 2r / (R(r^2) - r) = 1 + r + \frac{r c}{2 - c}, \; c = r - r^2 P(r^2)

    x any float; exp(x) = inf above 709.78, 0 below -745.13. Error below 1 ulp (subnormal results too).
    Source: fdlibm 5.3, e_exp.c.
    """
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    k = (x * LOG2_E + ROUNDER) - ROUNDER
    high, low = x - k * LN2_HIGH, k * LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (
        6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    half = (k * 0.5 + ROUNDER) - ROUNDER  # 2^k in two factors: 2^1024 and 2^-1075 are no normal numbers
    return y * _power_of_two(half) * _power_of_two(k - half)


@rule
def _log_series(z: float) -> float:
    r"""Return R(z) with ln((1 + s) / (1 - s)) = s (2 + R(s^2)).

    .. math:: R(z) \approx \tfrac{2}{3} z + \tfrac{2}{5} z^2 + \tfrac{2}{7} z^3 + \dots, \quad
              0 \le z \le 0.0295

    Source: fdlibm 5.3, e_log.c (Remez coefficients, error below 2^-58.45).
    """
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (6.666666666666735130e-01 + w * (
        2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    return odd + even


@rule
def log(x: float) -> float:
    r"""Natural logarithm.

    .. math:: \ln x = k \ln 2 + \ln(1 + f), \quad x = 2^k (1 + f), \quad
              \ln(1 + f) = f - s (f - R(s^2)), \quad s = f / (2 + f)

    x >= 0; log(0) = -inf, log(inf) = inf, nan below 0. Error below 1 ulp.
    Source: fdlibm 5.3, e_log.c.
    """
    if not x > 0.0:
        return -INF if x == 0.0 else NAN
    if x > LARGEST:
        return INF
    is_subnormal = x < SMALLEST_NORMAL
    k, m = _split(x * 18014398509481984.0 if is_subnormal else x)  # 2^54
    k = k - 54.0 if is_subnormal else k
    f = m - 1.0
    s = f / (2.0 + f)
    half_square = 0.5 * f * f
    return k * LN2_HIGH - ((half_square - (s * (half_square + _log_series(s * s)) + k * LN2_LOW)) - f)


@rule
def sigmoid(x: float) -> float:
    r"""Logistic function.

    .. math:: \sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^x}{1 + e^x}

    x any float; the result lies in [0, 1]. The form with the negative exponent is taken: nothing overflows.
    Error below 3 ulp. Source: Verhulst (1845), logistic curve.
    """
    e = exp(-x if x > 0.0 else x)
    return (1.0 if x > 0.0 else e) / (1.0 + e)


@rule
def logit(probability: float) -> float:
    r"""Log odds, the inverse of `sigmoid`.

    .. math:: \mathrm{logit}(p) = \ln \frac{p}{1 - p} = \ln \frac{1 + s}{1 - s}, \quad s = 2p - 1

    probability p in [0, 1]; -inf at 0, inf at 1, nan outside. The series in s is taken near p = 1/2, where
    the quotient loses digits. Error below 5 ulp.
    Source: Berkson (1944), doi:10.1080/01621459.1944.10500699; series: fdlibm 5.3, e_log.c.
    """
    if not 0.0 <= probability < 1.0:
        return INF if probability == 1.0 else NAN
    s = 2.0 * probability - 1.0
    if -0.17 < s < 0.17:
        return s * (2.0 + _log_series(s * s))
    return log(probability / (1.0 - probability))


@rule
def power(base: float, exponent: float) -> float:
    r"""Power of a base that is not negative.

    .. math:: b^y = e^{y \ln b}

    base b >= 0, exponent y any float; b^0 = 1 and b^1 = b exactly, nan for b < 0. The error is at most
    2 + 2 |y ln b| ulp, as the rounding of the logarithm is magnified. Source: definition.
    """
    result = exp(exponent * log(base))
    result = base if exponent == 1.0 and base >= 0.0 else result
    return 1.0 if exponent == 0.0 else result


@rule
def _normal_centre(z: float) -> float:
    r"""Return (Phi(x) - 1/2) / x as a function of z = x^2.

    .. math:: |x| \le 0.67448975, \quad \text{a rational function of degree } (4, 4)

    Source: Cody (1969), doi:10.1090/S0025-5718-1969-0247736-4.
    """
    numerator = 18154.981253343561249 + z * (1067.6894854603709582 + z * (161.02823106855587881 + z * (
        2.2352520354606839287 + z * 0.065682337918207449113)))
    denominator = 45507.789335026729956 + z * (10260.932208618978205 + z * (976.09855173777669322 + z * (
        47.20258190468824187 + z)))
    return numerator / denominator


@rule
def _normal_shoulder(y: float) -> float:
    r"""Return Mills' ratio of the normal distribution over sqrt(2 pi), nearer the centre.

    .. math:: (1 - \Phi(y)) \, e^{y^2 / 2}, \quad 0.67448975 < y \le \sqrt{32}

    Source: Cody (1969), doi:10.1090/S0025-5718-1969-0247736-4.
    """
    numerator = 9842.7148383839780218 + y * (11602.651437647350124 + y * (6848.1904505362823326 + y * (
        2494.5375852903726711 + y * (597.27027639480026226 + y * (93.506656132177855979 + y * (
            8.8831497943883759412 + y * (0.39894151208813466764 + y * 1.0765576773720192317e-8)))))))
    denominator = 19685.429676859990727 + y * (38912.003286093271411 + y * (34900.952721145977266 + y * (
        18615.571640885098091 + y * (6485.558298266760755 + y * (1519.377599407554805 + y * (
            235.38790178262499861 + y * (22.266688044328115691 + y)))))))
    return numerator / denominator


@rule
def _normal_tail(y: float) -> float:
    r"""Return Mills' ratio of the normal distribution over sqrt(2 pi), in the tail.

    .. math:: (1 - \Phi(y)) \, e^{y^2 / 2} = \frac{1}{y} \left( \frac{1}{\sqrt{2 \pi}} - z R(z) \right),
              \quad z = y^{-2}, \quad y > \sqrt{32}

    Source: Cody (1969), doi:10.1090/S0025-5718-1969-0247736-4.
    """
    z = 1.0 / (y * y)
    numerator = 2.9112874951168792e-5 + z * (1.421619193227893466e-3 + z * (2.2235277870649807e-2 + z * (
        0.1274011611602473639 + z * (0.21589853405795699 + z * 0.02307344176494017303))))
    denominator = 7.29751555083966205e-5 + z * (3.78239633202758244e-3 + z * (6.59881378689285515e-2 + z * (
        0.468238212480865118 + z * (1.28426009614491121 + z))))
    return (0.39894228040143267794 - z * (numerator / denominator)) / y


@rule
def normal_cdf(x: float) -> float:
    r"""Probability that a standard normal variable is at most x.

    .. math:: \Phi(x) = \frac{1}{\sqrt{2 \pi}} \int_{-\infty}^{x} e^{-t^2 / 2} \, dt

    x any float; 0 below -38.6. Relative error below 1e-15 for x > -37.5, where the result is a normal number.
    Source: Cody (1969), doi:10.1090/S0025-5718-1969-0247736-4; ANORM, doi:10.1145/151271.151273.
    """
    y = -x if x < 0.0 else x
    if not y > 0.67448975:
        return 0.5 + x * _normal_centre(x * x)
    if y > 38.6:
        return 0.0 if x < 0.0 else 1.0
    # exp(-y^2 / 2), y^2 split so that its first part is exact
    coarse = (y + ROUNDER_16TH) - ROUNDER_16TH
    density = exp(-0.5 * coarse * coarse) * exp(-0.5 * (y - coarse) * (y + coarse))
    tail = density * (_normal_shoulder(y) if y <= 5.656854249492381 else _normal_tail(y))
    return tail if x < 0.0 else 1.0 - tail


@rule
def _quantile_centre(r: float) -> float:
    r"""Return x / q for q = p - 1/2 as a function of r.

    .. math:: r = 0.425^2 - q^2, \quad |q| \le 0.425

    Source: Wichura (1988), doi:10.2307/2347330, coefficients A and B.
    """
    numerator = 3.3871328727963666080 + r * (1.3314166789178437745e2 + r * (1.9715909503065514427e3 + r * (
        1.3731693765509461125e4 + r * (4.5921953931549871457e4 + r * (6.7265770927008700853e4 + r * (
            3.3430575583588128105e4 + r * 2.5090809287301226727e3))))))
    denominator = 1.0 + r * (4.2313330701600911252e1 + r * (6.8718700749205790830e2 + r * (
        5.3941960214247511077e3 + r * (2.1213794301586595867e4 + r * (3.9307895800092710610e4 + r * (
            2.8729085735721942674e4 + r * 5.2264952788528545610e3))))))
    return numerator / denominator


@rule
def _quantile_shoulder(r: float) -> float:
    r"""Return the absolute quantile outside the centre.

    .. math:: r = \sqrt{-\ln \min(p, 1 - p)} - 1.6, \quad r \le 3.4

    Source: Wichura (1988), doi:10.2307/2347330, coefficients C and D.
    """
    numerator = 1.42343711074968357734 + r * (4.63033784615654529590 + r * (5.76949722146069140550 + r * (
        3.64784832476320460504 + r * (1.27045825245236838258 + r * (2.41780725177450611770e-1 + r * (
            2.27238449892691845833e-2 + r * 7.74545014278341407640e-4))))))
    denominator = 1.0 + r * (2.05319162663775882187 + r * (1.67638483018380384940 + r * (
        6.89767334985100004550e-1 + r * (1.48103976427480074590e-1 + r * (1.51986665636164571966e-2 + r * (
            5.47593808499534494600e-4 + r * 1.05075007164441684324e-9))))))
    return numerator / denominator


@rule
def _quantile_tail(r: float) -> float:
    r"""Return the absolute quantile far out.

    .. math:: r = \sqrt{-\ln \min(p, 1 - p)} - 5, \quad r > 0

    Source: Wichura (1988), doi:10.2307/2347330, coefficients E and F.
    """
    numerator = 6.65790464350110377720 + r * (5.46378491116411436990 + r * (1.78482653991729133580 + r * (
        2.96560571828504891230e-1 + r * (2.65321895265761230930e-2 + r * (1.24266094738807843860e-3 + r * (
            2.71155556874348757815e-5 + r * 2.01033439929228813265e-7))))))
    denominator = 1.0 + r * (5.99832206555887937690e-1 + r * (1.36929880922735805310e-1 + r * (
        1.48753612908506148525e-2 + r * (7.86869131145613259100e-4 + r * (1.84631831751005468180e-5 + r * (
            1.42151175831644588870e-7 + r * 2.04426310338993978564e-15))))))
    return numerator / denominator


@rule
def normal_quantile(probability: float) -> float:
    r"""Quantile of the standard normal distribution, the inverse of `normal_cdf`.

    .. math:: x = \Phi^{-1}(p)

    probability p in [0, 1]; -inf at 0, inf at 1, nan outside. Relative error below 1e-15.
    Source: Wichura (1988), Algorithm AS 241, PPND16, doi:10.2307/2347330.
    """
    if not 0.0 < probability < 1.0:
        return -INF if probability == 0.0 else (INF if probability == 1.0 else NAN)
    q = probability - 0.5
    if -0.425 <= q <= 0.425:
        return q * _quantile_centre(0.180625 - q * q)
    r = math.sqrt(-log(probability if q < 0.0 else 1.0 - probability))
    x = _quantile_shoulder(r - 1.6) if r <= 5.0 else _quantile_tail(r - 5.0)
    return -x if q < 0.0 else x
