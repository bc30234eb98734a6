"""The compiled engine's passes in plain Python (NUMBA_DISABLE_JIT=1): the same bits, so what is read is what is run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A few hundred citizens of Vyraj, election night and the morning after.
RUN = """
import hashlib
from experiments import load_scenario
from sim import run
result = run(load_scenario("vyraj", "persons_per_agent=2000", "hours=25", "participation.intercept=-2",
                           "participation.intercept_elsewhere=0", "repression.arrest_constant=50",
                           "repression.garrison=0", "fear.strength=0"))
curves = result.curves_columns
print(hashlib.sha256(b"".join(curves[name].tobytes() for name in sorted(curves))).hexdigest(),
      curves["protesting"].max() > 0, curves["detained"].max() > 0)
"""


def test_plain_python_gives_the_bits_of_the_compiled_passes():
    found = []
    for is_plain in ("0", "1"):
        done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, cwd=ROOT,
                              env=os.environ | {"NUMBA_DISABLE_JIT": is_plain})  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.append(done.stdout.split())
    assert found[0] == found[1]
    assert found[0][1:] == ["True", "True"], "nothing happened: the comparison would be empty"
    assert len(found[0][0]) == hashlib.sha256().digest_size * 2
