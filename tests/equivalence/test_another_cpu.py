"""Another CPU in effect: the same bits with libm's, NumPy's and Numba's CPU-specific variants switched off."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys

import numpy as np
import pytest

# A run for each line of input; then what libm and NumPy make of exp, log and sin in this process.
SCRIPT = """
import hashlib, math, sys
import numpy as np
from sim import run
from sim.parameters import Parameters
for text in sys.stdin.read().splitlines():
    result, digest = run(Parameters.model_validate_json(text)), hashlib.sha256()
    for name, values in sorted(result.curves_columns.items()):
        digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
    print(digest.hexdigest())
x = np.random.default_rng(1).uniform(0.01, 5.0, 100_000)
libm = np.array([[f(v) for v in x.tolist()] for f in (math.exp, math.log, math.sin)])
for foreign in (libm, np.array([np.exp(x), np.log(x), np.sin(x)])):
    print(hashlib.sha256(foreign.tobytes()).hexdigest())
"""

LIBM_VARIANTS = ("AVX2_Usable", "FMA_Usable", "FMA4_Usable", "AVX2", "FMA", "FMA4", "AVX512F", "AVX512VL", "AVX512DQ")


def environment(cache):
    """Settings under which a process uses none of the CPU's later instructions in the libraries named."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join(f"-{name}" for name in LIBM_VARIANTS),
        "NPY_DISABLE_CPU_FEATURES": " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name)),
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(cache),
    }


def digests(parameters, extra):
    """Run SCRIPT on parameters in a process of its own and return what it prints, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input="\n".join(each.model_dump_json() for each in parameters),
        capture_output=True, text=True, timeout=500, env=os.environ | extra,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the variants to switch off are those of x86-64")
def test_another_cpu_gives_the_same_bits(settings, simulate, tmp_path):
    """Curves of short runs, everything compiled afresh for a generic CPU, against this process's."""
    parameters = [settings("vyraj", {"persons_per_agent": 50}, lively=True),
                  settings("minsk_2020", {"persons_per_agent": 1000, "hours": 60})]  # fmt: skip
    *there, libm, numpy = digests(parameters, environment(tmp_path / "cache"))
    libraries_here = digests([], {})
    for each, found in zip(parameters, there, strict=True):
        digest = hashlib.sha256()
        for name, values in sorted(simulate(each).curves_columns.items()):
            digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
        assert found == digest.hexdigest(), f"{each.scenario.name}: the curves depend on the CPU"
    if [libm, numpy] == libraries_here:
        pytest.skip("this machine's libm and NumPy have no CPU-specific variants to switch off: nothing was tested")
