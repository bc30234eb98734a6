r"""Luck as a function: the draw of a person, for a decision, at a step.

Every draw comes from a counter-based generator, Philox4x64-10, with the key (seed, 0) and the counter
(person, decision, step, 0): it is exactly the first block of
``numpy.random.Philox(key=[seed, 0], counter=[person, decision, step, 0])``. Nothing is stored and nothing is
used up: no draw depends on the order of persons, on threads, or on whether another decision was taken, and
two policies meet the same luck.

``person`` >= 0 is the city's code x 2^32 + the number in the city; ``decision`` is an id of the vocabulary,
never reused; ``step`` is the step, day or occasion in which the draw begins to hold. Each is read modulo
2^64.
(For person = -1 alone NumPy would carry into the next word; nobody has that number.)

Source: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3,
doi:10.1145/2063384.2063405.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload, register_jitable

from agents.compiled.arithmetic import log, normal_quantile
from agents.compiled.rule import MET_ONLY, kernel, rule

ROUNDS = 10
MULTIPLIER_0, MULTIPLIER_1 = 0xD2E7470EE14C6C93, 0xCA5A826395121157
# Each round adds to the key the golden ratio and sqrt(3) - 1, in units of 2^-64.
WEYL_0, WEYL_1 = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
WORD_MASK, HALF_MASK = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF
TWO_TO_MINUS_53 = 1.1102230246251565e-16


# --- arithmetic modulo 2^64: in Python, and for the compiler ---


def _word(n: int) -> int:
    """Return n modulo 2^64, an unsigned word."""
    return int(n) & WORD_MASK


def _add(a: int, b: int) -> int:
    """Return a + b modulo 2^64."""
    return (a + b) & WORD_MASK


def _multiply(a: int, b: int) -> tuple[int, int]:
    """Return the high and the low word of the 128-bit product a b."""
    return (a * b) >> 64, (a * b) & WORD_MASK


def _top_53_bits(word: int) -> float:
    """Return the 53 high bits of a word as a float: exact."""
    return float(word >> 11)


def _low_word(a: int, b: int) -> int:
    """Return the low word of a b."""
    return (a * b) & WORD_MASK


def _low_half(word: int) -> int:
    """Return the low 32 bits of a word."""
    return word & HALF_MASK


def _high_half(word: int) -> int:
    """Return the high 32 bits of a word."""
    return word >> 32


@intrinsic
def _wide_product(typing_context, a, b):
    """Multiply two words in 128 bits: one instruction gives both halves."""
    result = types.UniTuple(types.uint64, 2)

    def generate(context, builder, sig, args):
        wide, narrow = ir.IntType(128), ir.IntType(64)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), narrow)
        return context.make_tuple(builder, result, [high, builder.trunc(product, narrow)])

    return result(types.uint64, types.uint64), generate


OPTIONS = MET_ONLY | {"_nrt": False}
# Compiled, unsigned words wrap by themselves. A signed integer becomes a float faster than an unsigned one.
overload(_word, jit_options=OPTIONS)(lambda n: lambda n: types.uint64(n))
overload(_add, jit_options=OPTIONS)(lambda a, b: lambda a, b: a + b)
overload(_multiply, jit_options=OPTIONS)(lambda a, b: lambda a, b: _wide_product(a, b))
overload(_low_word, jit_options=OPTIONS)(lambda a, b: lambda a, b: types.uint64(a) * b)
overload(_low_half, jit_options=OPTIONS)(lambda word: lambda word: types.uint64(word) & types.uint64(HALF_MASK))
overload(_high_half, jit_options=OPTIONS)(lambda word: lambda word: types.uint64(word) >> types.uint64(32))
overload(_top_53_bits, jit_options=OPTIONS)(lambda word: lambda word: float(types.int64(word >> types.uint64(11))))


# --- the generator ---


@register_jitable(inline="always")
def _block(seed, decision, person, step):
    """Return the four words of Philox4x64-10 for one counter; NumPy increments the counter first."""
    a, b, c, d = _add(_word(person), _word(1)), _word(decision), _word(step), _word(0)
    key_0, key_1 = _word(seed), _word(0)
    for _ in range(ROUNDS):
        high_0, low_0 = _multiply(MULTIPLIER_0, a)
        high_1, low_1 = _multiply(MULTIPLIER_1, c)
        a, b, c, d = high_1 ^ b ^ key_0, low_1, high_0 ^ d ^ key_1, low_0
        key_0, key_1 = _add(key_0, WEYL_0), _add(key_1, WEYL_1)
    return a, b, c, d


# The first word alone, for many persons at once: products are taken in halves of 32 bits, and the rounds stand one
# after another, which the compiler does for four or eight persons in one instruction.


@register_jitable(inline="always")
def _high_word(a, b):
    """Return the high word of the 128-bit product of two words."""
    low_a, high_a, low_b, high_b = _low_half(a), _high_half(a), _low_half(b), _high_half(b)
    middle = high_a * low_b + _high_half(low_a * low_b)
    other = low_a * high_b + _low_half(middle)
    return high_a * high_b + _high_half(middle) + _high_half(other)


@register_jitable(**OPTIONS, forceinline=True)
def _two_rounds(a, b, c, d, key_0, key_1):
    """Return the words and the key two rounds later."""
    a, b, c, d = (_high_word(MULTIPLIER_1, c) ^ b ^ key_0, _low_word(MULTIPLIER_1, c),
                  _high_word(MULTIPLIER_0, a) ^ d ^ key_1, _low_word(MULTIPLIER_0, a))  # fmt: skip
    key_0, key_1 = _add(key_0, WEYL_0), _add(key_1, WEYL_1)
    a, b, c, d = (_high_word(MULTIPLIER_1, c) ^ b ^ key_0, _low_word(MULTIPLIER_1, c),
                  _high_word(MULTIPLIER_0, a) ^ d ^ key_1, _low_word(MULTIPLIER_0, a))  # fmt: skip
    return a, b, c, d, _add(key_0, WEYL_0), _add(key_1, WEYL_1)


# --- the draws ---


@rule
def uniform(seed: int, decision: int, person: int, step: int) -> float:
    r"""Uniform draw in [0, 1), a multiple of 2^-53.

    .. math:: u = \lfloor w_0 / 2^{11} \rfloor \, 2^{-53}

    w_0 is the first word of the block; person >= 0, the other integers any. ``uniform(...) < p`` happens with
    probability p: never for p = 0, always for p = 1.
    Source: Salmon et al. (2011), doi:10.1145/2063384.2063405; numpy.random.Generator.random.
    """
    return _top_53_bits(_block(seed, decision, person, step)[0]) * TWO_TO_MINUS_53


@kernel(is_counted=False)
def n_below(seed, decision, person, n_persons, step, bound):
    """Return of how many persons, numbered from `person` on, the `uniform` is below a bound: half the time of each."""
    n = 0
    for k in range(n_persons):
        a, b, c, d = _add(_word(person), _word(k + 1)), _word(decision), _word(step), _word(0)
        key_0, key_1 = _word(seed), _word(0)
        a, b, c, d, key_0, key_1 = _two_rounds(a, b, c, d, key_0, key_1)
        a, b, c, d, key_0, key_1 = _two_rounds(a, b, c, d, key_0, key_1)
        a, b, c, d, key_0, key_1 = _two_rounds(a, b, c, d, key_0, key_1)
        a, b, c, d, key_0, key_1 = _two_rounds(a, b, c, d, key_0, key_1)
        a, b, c, d, key_0, key_1 = _two_rounds(a, b, c, d, key_0, key_1)
        n += _top_53_bits(a) * TWO_TO_MINUS_53 < bound
    return n


@rule
def uniform4(seed: int, decision: int, person: int, step: int) -> tuple[float, float, float, float]:
    r"""Four independent uniform draws in [0, 1) for the price of one; the first is `uniform`.

    .. math:: u_i = \lfloor w_i / 2^{11} \rfloor \, 2^{-53}, \quad i = 0, \dots, 3

    w_0..w_3 are the words of the block; domains as for `uniform`.
    Source: Salmon et al. (2011), doi:10.1145/2063384.2063405.
    """
    a, b, c, d = _block(seed, decision, person, step)
    return (_top_53_bits(a) * TWO_TO_MINUS_53, _top_53_bits(b) * TWO_TO_MINUS_53,
            _top_53_bits(c) * TWO_TO_MINUS_53, _top_53_bits(d) * TWO_TO_MINUS_53)


@rule
def opened(unit: float) -> float:
    r"""Move a draw from [0, 1) into (0, 1), to the middle of its 2^-53 wide step.

    .. math:: u' = u + 2^{-54}

    unit u is a result of `uniform` or `uniform4`. In the upper half the sum is no float and is rounded to
    even; the largest would become 1 and is kept at 1 - 2^-53. Source: definition.
    """
    middle = unit + 0.5 * TWO_TO_MINUS_53
    return middle if middle < 1.0 else 1.0 - TWO_TO_MINUS_53


@rule
def uniform_open(seed: int, decision: int, person: int, step: int) -> float:
    r"""Uniform draw in (0, 1), for functions that are infinite at 0 or 1.

    .. math:: u' = (\lfloor w_0 / 2^{11} \rfloor + \tfrac{1}{2}) \, 2^{-53}

    The same luck as `uniform`; domains as there. Source: Salmon et al. (2011), doi:10.1145/2063384.2063405.
    """
    return opened(uniform(seed, decision, person, step))


@rule
def normal(seed: int, decision: int, person: int, step: int) -> float:
    r"""Standard normal draw, increasing in `uniform_open` of the same arguments.

    .. math:: x = \Phi^{-1}(u')

    Domains as for `uniform`; the result lies in [-8.3, 8.3].
    Source: inversion; Wichura (1988), doi:10.2307/2347330.
    """
    return normal_quantile(uniform_open(seed, decision, person, step))


@rule
def exponential(seed: int, decision: int, person: int, step: int) -> float:
    r"""Exponential draw of mean 1, decreasing in `uniform_open` of the same arguments.

    .. math:: x = -\ln u'

    Domains as for `uniform`; the result lies in (0, 37.5].
    Source: inversion; Salmon et al. (2011), doi:10.1145/2063384.2063405.
    """
    return -log(uniform_open(seed, decision, person, step))


@kernel
def pick(cumulated, draw):
    """Return the index that a draw in [0, 1) picks from cumulated weights, -1 if all weights are 0."""
    total = cumulated[-1]
    if total <= 0.0:
        return -1
    aim = draw * total
    for k in range(len(cumulated)):
        if aim < cumulated[k]:
            return k
    return len(cumulated) - 1
