"""``ploshcha bench``: the contract's fields, sane numbers, and one line for bad input."""

import json
import subprocess
import sys

import pytest

FIELDS = ("engine", "scenario", "agents", "steps", "agent_steps_per_second", "agent_steps_per_cpu_second",
          "occasion_agent_steps_per_cpu_second", "first_step_s")  # fmt: skip


def bench(*words: str) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    command = [sys.executable, "-c", "import sys; from experiments.cli import main; sys.exit(main())", "bench", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_a_line_per_case_with_the_fields_of_the_contract():
    done = bench("agents=2000", "hours=30")
    assert done.returncode == 0, done.stderr
    (line,) = map(json.loads, done.stdout.splitlines())
    assert set(FIELDS) <= set(line)
    assert line["steps"] == 30
    assert 2000 <= line["agents"] <= 2000 + 17_000  # officers and officials of Minsk are 1:1
    # idle hours cost almost nothing: counting all hours can only look faster
    assert line["agent_steps_per_cpu_second"] > line["occasion_agent_steps_per_cpu_second"] > 0
    # columns, ties and the citizens' share of the grid: the promise of docs/performance.md
    assert line["state_bytes_per_agent"] <= 128


@pytest.mark.parametrize(("times", "code"), [(3.0, 1), (0.3, 0)])
def test_a_fall_is_told(tmp_path, times, code):
    """Against lines of three times, and of a third of, the speed: only the first is a fall, on any machine."""
    words = ("agents=2000", "hours=12")
    line = json.loads(bench(*words).stdout)
    assert line["reference_s"] > 0
    line["occasion_agent_steps_per_cpu_second"] *= times
    before = tmp_path / "before.jsonl"
    before.write_text(json.dumps(line) + "\n")
    done = bench(*words, f"check={before}")
    assert done.returncode == code
    assert ("times the agent-steps per reference loop" in done.stderr) == (code == 1)


@pytest.mark.parametrize(
    ("word", "told"),
    [("check=none.jsonl", "check=none.jsonl"), ("agents=5", "agents=5"), ("peer=maybe", "peer=maybe"),
     ("engines=fast", "engine=fast")],
)
def test_bad_input_is_one_line(word, told):
    done = bench(word)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr
    assert done.stdout == ""
