"""What is told while compiling takes long: a bar on a terminal, else a line now and then."""

import pytest
from numba.core import event

from experiments.printing import compiling


@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("seconds", [0.0, 1000.0])
def test_compiling_that_takes_long_is_told(monkeypatch, capsys, is_terminal, seconds):
    monkeypatch.setattr(compiling, "LINE_SECONDS", seconds)
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    with compiling.compile_clock(has_bar=True) as spent:
        for _ in range(3):
            event.start_event("numba:compile", {})
            event.end_event("numba:compile", {})
    told = capsys.readouterr().err
    assert len(spent) == 1 and spent[0] > 0
    assert ("compiling the rules" in told) == (seconds == 0.0), told
    if seconds == 0.0:
        assert ("functions so far" in told) != is_terminal, "lines are for where there is no terminal"
