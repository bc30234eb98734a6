"""A rule replaced by the user's own: on both engines, only while asked for, never unnoticed."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
import pytest

from agents import choices
from agents.choices import STAYS
from agents.citizen import Citizen
from agents.compiled.decision import decision
from agents.compiled.rule import MODULES, kernel, rule
from agents.rules import rates
from experiments import load_scenario
from sim import run
from sim.errors import InputError
from sim.model import ProtestModel
from sim.rulebook import Rulebook, rule_names

# Many arrests, so that there is anger whose decay can differ.
MANY_ARRESTS = ("repression.arrest_constant=1", "participation.intercept=-3")
compiled_only = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
SETTINGS = ("vyraj", "persons_per_agent=60", "hours=44", *MANY_ARRESTS)


@rule
def linear_fear(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
    """Fear without the logarithm."""
    return strength * min(6.0, risk * sanction / risk_scale / 20.0)


@rule
def straight_decay(decay_per_day: float, n_hours: float) -> float:
    """A daily decay that is linear in hours."""
    return max(0.0, 1.0 - decay_per_day * n_hours / 24.0)


@rule
def all_alike(trait_normal: float) -> float:
    """Everybody in the middle."""
    return 0.5


@rule
def steep(risk: float, sanction: float, risk_scale: float, strength: float) -> int:
    """Fear in whole numbers."""
    return int(risk > 0.1)


@numba.njit
def without_types(decay_per_day, n_hours):
    return 1.0


def plain(decay_per_day, n_hours):
    return 1.0


def same(one, other):
    pairs = ((values, other.curves_columns[name]) for name, values in one.curves_columns.items())
    return all(np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in pairs)


@pytest.mark.parametrize(
    ("name", "mine"), [("fear.felt_fear", linear_fear), ("rates.kept_share", straight_decay)], ids=["called", "nested"]
)
def test_both_engines_follow_and_the_shipped_rule_comes_back(name, mine):
    """rates.kept_share is called by other rules too: they have to be made anew."""
    shipped = run(load_scenario(*SETTINGS))
    compiled = run(load_scenario(*SETTINGS), rules={name: mine})
    by_agents = run(load_scenario(*SETTINGS, "engine=mesa"), rules={name: mine})
    assert not same(shipped, compiled)
    assert same(compiled, by_agents)
    assert same(shipped, run(load_scenario(*SETTINGS)))
    assert compiled.stats["replaced_rules"][0].startswith(name)
    assert shipped.stats["replaced_rules"] == []


def test_the_hash_of_a_replacement_follows_its_source():
    (one,) = Rulebook({"fear.felt_fear": linear_fear}).names
    (again,) = Rulebook({"fear.felt_fear": linear_fear}).names

    @rule
    def other(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
        """Fear, twice as steep."""
        return strength * min(6.0, risk * sanction / risk_scale / 10.0)

    (changed,) = Rulebook({"fear.felt_fear": other}).names
    assert one == again != changed


@pytest.mark.parametrize("engine", ["compiled", "mesa"])
def test_a_model_builds_its_population_by_the_replacement_too(engine):
    replaced = {"traits.uniform_trait": all_alike}
    protest = ProtestModel(load_scenario(*SETTINGS, f"engine={engine}"), rules=replaced)
    assert (protest.world.citizens.hardship == np.float32(0.5)).all()
    assert same(protest.run(), run(load_scenario(*SETTINGS), rules=replaced))


def test_two_models_with_different_rules_do_not_mix():
    parameters = load_scenario(*SETTINGS)
    shipped, own = ProtestModel(parameters), ProtestModel(parameters, rules={"fear.felt_fear": linear_fear})
    for _ in range(parameters.hours):
        shipped.step()
        own.step()
    assert same(shipped.run(), run(parameters))
    assert same(own.run(), run(parameters, rules={"fear.felt_fear": linear_fear}))


@pytest.fixture
def spare(monkeypatch):
    """A second shipped rule with the arguments of rates.kept_share."""
    from agents.rules import rates

    @rule
    def halved(decay_per_day: float, n_hours: float) -> float:
        """One half."""
        return 0.5

    halved.py_func.__module__ = rates.__name__
    monkeypatch.setattr(rates, "spare", halved, raising=False)


@pytest.mark.parametrize("is_shipped", [True, False], ids=["a shipped rule", "one function for two rules"])
def test_replacements_that_are_in_use_elsewhere_come_back_too(spare, is_shipped):
    """Names are swapped back by identity: two that lead to one function would both get the same rule."""
    before = rule_names()
    mine = {"rates.kept_share": before["rates.spare"]}
    with Rulebook(mine if is_shipped else {"rates.kept_share": straight_decay, "rates.spare": straight_decay}):
        from agents.rules import rates

        assert rates.kept_share(0.2, 24.0) == rates.spare(0.2, 24.0) == pytest.approx(0.5 if is_shipped else 0.8)
    assert rule_names() == before


def test_a_replacement_that_breaks_off_leaves_the_shipped_rules(monkeypatch):
    """Such as Ctrl-C while the passes are compiled anew."""
    before = rule_names()

    def interrupted(old):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.rulebook._again", interrupted)
    rulebook = Rulebook({"rates.kept_share": straight_decay})
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), rulebook:
            pass
        assert rule_names() == before


# --- passes are found by themselves ---


PASS = """
@kernel(cache=False)
def kept(n, out):
    out[0] = kept_share(0.5, n)
    out[1] = rates.kept_share(0.5, n)
"""


@pytest.mark.parametrize("name", ["sim.engines.passes_of_mine", "passes_of_mine"])
def test_a_pass_in_a_new_module_follows(name, monkeypatch):
    """Nobody has listed it, in our packages or outside of them; here it names the rule, there the rule's module."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    vars(module).update(kernel=kernel, rates=rates, kept_share=rates.kept_share)
    exec(PASS, vars(module))
    out = np.zeros(2)
    module.kept(24.0, out)
    assert out.tolist() == [0.5, 0.5]
    with Rulebook({"rates.kept_share": straight_decay}):
        module.kept(12.0, out)
        assert out.tolist() == [0.75, 0.75]
    module.kept(12.0, out)
    assert out == pytest.approx([0.5**0.5, 0.5**0.5])
    MODULES.discard(name)


# --- whole decisions ---

shipped_protest = choices.protest.again()


def timid(person, s, p):
    """Stay at home if afraid, else protest as everybody."""
    if person.fear > 0.5:
        return STAYS
    return shipped_protest(person, s, p)


class Timid(Citizen):
    """The same, as a subclass that overrides one step."""

    def protest(self):
        """Stay at home if afraid, else protest as everybody."""
        return None if self.fear > 0.5 else super().protest()


@pytest.mark.parametrize("mine", [timid, decision(timid)], ids=["plain function", "decision"])
def test_a_decision_replaced_by_name_or_overridden_by_a_subclass(mine):
    shipped = run(load_scenario(*SETTINGS))
    rules = {"choices.protest": mine}
    engines = (load_scenario(*SETTINGS, f"engine={name}") for name in ("compiled", "mesa"))
    compiled, by_agents = (run(parameters, rules=rules) for parameters in engines)
    subclass = ProtestModel(load_scenario(*SETTINGS, "engine=mesa"), classes={"Citizen": Timid}).run()
    assert not same(shipped, compiled)
    assert same(compiled, by_agents)
    assert same(compiled, subclass)
    assert same(shipped, run(load_scenario(*SETTINGS)))
    assert compiled.stats["replaced_rules"][0].startswith("choices.protest ")


def nobody_goes(person, s, p):
    return choices.Choice(person.activity if person.activity == 4 else 0, -1, False, False)


def test_the_whole_choice_replaced():
    for engine in ("compiled", "mesa"):
        result = run(load_scenario(*SETTINGS, f"engine={engine}"), rules={"choices.choose": nobody_goes})
        assert result.curves_columns["protesting"].max() == 0


def test_every_decision_can_be_replaced():
    names = rule_names()
    assert {"choices.choose", "choices.grievance", "attitudes.look_for_company", "sanctions.face_arrest",
            "hearing.next_anger", "officer_choices.defect", "official_choices.defect"} <= names.keys()  # fmt: skip


def without_signals(person, p):
    return STAYS


def calls_itself(person, s, p):
    return choices.protest(person, s, p)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"choices.protest": without_signals}, "arguments (person, p) are not allowed: (person, s, p)"),
        ({"choices.protest": calls_itself}, "choices.protest.again()"),
        ({"choices.protest": 3}, "a function"),
        ({"fear.felt_fera": linear_fear}, "did you mean fear.felt_fear"),
        ({"draws.uniform": linear_fear}, "draws.uniform"),
        ({"fear.felt_fear": straight_decay}, "(risk, sanction, risk_scale, strength)"),
        ({"fear.felt_fear": steep}, "-> int are not allowed"),
        ({"rates.kept_share": without_types}, "(decay_per_day: float, n_hours: float) -> float"),
        ({"rates.kept_share": plain}, "@rule"),
        ({"epstein.arrest_probability_floor": linear_fear}, "a rule of agents/rules"),
    ],
    ids=["a decision of other arguments", "a decision that calls what it replaces", "no function",
         "unknown name", "luck is no mechanism", "other arguments", "other types", "compiled, but without types",
         "no rule", "a classic keeps its rules"],
)
def test_bad_replacements_are_one_line(rules, told):
    with pytest.raises(InputError) as error:
        run(load_scenario(*SETTINGS), rules=rules)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


# A rule that somebody holds is first called while a rule that it calls is replaced; then again in a fresh process.
HELD = """
from agents.rules import anger
from agents.rules.rule import rule
from sim.rulebook import Rulebook

@rule
def all_kept(decay_per_day: float, n_hours: float) -> float:
    return 1.0

held, numbers = [anger.news_stock_next], (1.0, 0.0, 0.0, 0.0, 0.5, 0.0)
if {is_replaced}:
    with Rulebook({{"rates.kept_share": all_kept}}):
        print(held[0](*numbers) < 1.0, anger.news_stock_next(*numbers) == 1.0)
else:
    print(held[0](*numbers) < 1.0, held[0].compiled.stats.cache_hits.total() > 0)
"""


@compiled_only
def test_a_rule_first_called_in_an_open_rulebook_is_not_kept_with_a_replaced_one(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    for is_replaced in (True, False):
        done = subprocess.run([sys.executable, "-c", HELD.format(is_replaced=is_replaced)], capture_output=True,
                              text=True, env=environment, cwd=Path(__file__).resolve().parents[2])  # fmt: skip
        assert done.stdout.split() == ["True", "True"], done.stderr
