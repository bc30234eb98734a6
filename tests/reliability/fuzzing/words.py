"""Cases of words: overrides of a run, a sweep or a sensitivity analysis; and whatever else is typed behind a verb."""

import shutil

from fuzzing.case import DRY, FIT, NAMES, SMALL, TARGETS, TEXTS, Case, finished, misspelt, numbers, own_case

SETTINGS = ["anger.strength", "anger.stength", "hours", "seed", "scenario", "population.n_online_ties",
            "forcings.call.value", "anger", "hour", "peak_turnout", "", "a b", "out", "+name", "~anger",
            "anger@fear", "hydra/launcher", "design", "replicates", "forcings.closed_places", "regime", "turnout",
            "forcings.call.add", "save_state", "start", "space", "posterior", "draws", "persons_per_agent",
            "scenario.start", "scenario.cities", "scenario.main_day", "threads", "engine"]  # fmt: skip
NO_NUMBER = ["[a", "{a:1}", "'x", "${nosuch}", "²", "٣", "NA", "true", "latin", ";", '"', "\x00", "é", "nan", "1e999",
             "inf", "", "[1]", "[[1]]", "1,", "1e400", "--1", "0x1", "∞", "½", "1 2", "None"]  # fmt: skip


def override(luck):
    """A word, whether it is wrong, what is named if so, and the value that is meant."""
    name = luck.choice(sorted(numbers()))
    value, limits = numbers()[name]
    how = luck.random()
    if how < 0.4:
        return f"{name}={value}", False, name, value
    if how < 0.55 and limits:
        bound = luck.choice(sorted(limits))
        beyond = limits[bound] + (luck.choice([0.1, 1, 1e9]) if bound.startswith("l") else -luck.choice([0.1, 1, 1e9]))
        return f"{name}={beyond}", True, name, None
    if how < 0.7:
        return f"{misspelt(luck, name)}={value}", True, "", None
    if how < 0.85:
        return f"{name}={luck.choice(NO_NUMBER)}", True, name, None
    return f"{luck.choice(SETTINGS)}={luck.choice(TEXTS)}", None, "", None


def overrides(luck, folder):
    """A run, a sweep or a sensitivity analysis with odd words among sound ones."""
    found = [override(luck) for _ in range(luck.randint(1, 3))]
    if len({word.partition("=")[0] for word, *_ in found}) < len(found):
        found = found[:1]
    words, wrong, names, values = zip(*found, strict=True)
    is_wrong = True if True in wrong else None if None in wrong else False
    # Any of several faults may be told; a name that is added is told without its sign.
    named = tuple((name or word.partition("=")[0]).lstrip("+~") for word, bad, name, _ in found if bad is not False)
    verb = luck.choice(["run", "run", "sweep", "sensitivity", "run -m"])
    if verb == "run":
        effects = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        return Case(["run", *SMALL, *words, "out=out"], is_wrong, named, effects if is_wrong is False else {})
    lever = {"sweep": ["anger.outrage_gain=0,0.1"], "run -m": ["seed=1,2", "out=out"],
             "sensitivity": ["method=morris", "n=4", "anger.outrage_gain=interval(0,0.1)"]}[verb]  # fmt: skip
    twice = any("outrage_gain" in word for word in words)
    named = (*named, "outrage_gain") if twice else named
    return Case([*verb.split(), *SMALL, *lever, *words, *([] if verb == "run -m" else DRY)],
                None if twice else is_wrong, named)  # fmt: skip


# verb: folders that it needs, and sound words behind them
VERBS = {
    "view": (["run"], ["city=Alvena", "hour=1", "people=0"]),
    "map": (["run"], ["city=Tarnel", "film=false"]),
    "why": (["run", "other"], ["city=Alvena", "hour=1"]),
    "status": (["sweep"], []),
    "plot": (["sweep"], []),
    "resume": (["sweep"], []),
    "replay": (["sweep"], ["--run=1"]),
    "cite": (["run"], []),
    "list": ([], ["scenarios"]),
    "show": ([], ["fear.fear_weight"]),
    "show config": ([], [*SMALL, "regime=rule", "turnout=learning"]),
    "completion": ([], ["bash"]),
    "calibrate": ([], ["case=mine", "free=[participation.intercept]", *FIT, "out=new"]),
    "forecast": (["fit"], ["scenario=mine", "origin=2031-05-03", "draws=2", "replicates=1", *FIT[:2], FIT[-1],
                          "out=new"]),
    "sweep": (["fit"], [*SMALL, "anger.strength=0,1", "draws=2", *DRY]),
    "crossvalidate": (["fit"], ["n=50", "seed=1", "rivals=[a:b]", "ablation=false", "out=new"]),
    "run": (["state"], [*SMALL, "hours=3", "out=new"]),
}
OF_CASE = ("calibrate", "forecast")


def verbs(luck, folder):
    """A verb with the folders that it works on, under odd names, and up to two words that are odd."""
    verb = luck.choice(sorted(VERBS))
    needed, words = VERBS[verb]
    words, folders = list(words), []
    for kind in needed:
        name = luck.choice(NAMES) if luck.random() < 0.5 else kind
        if (folder / name).exists():
            name = f"{name}2"
        shutil.copytree(finished(kind), folder / name)
        fit = "fit" if verb == "crossvalidate" else "posterior"
        folders.append({"fit": f"{fit}={name}", "state": f"start={name}/state_1.npz"}.get(kind, name))
    if verb in OF_CASE:
        own_case(folder, TARGETS)
        words += ["--config-dir", "cfg"]
    # a sweep's posterior may fit nothing of it; a fit of one case has no other to be forecast from
    is_wrong, named = {"sweep": None, "crossvalidate": True}.get(verb, False), []
    for _ in range(luck.randint(0, 2)):
        at, how = luck.randrange(len(words) or 1), luck.random()
        word = words[at] if words else ""
        name, equals, _ = word.partition("=")
        if not equals or word.startswith("-") or how > 0.8:
            words.insert(at, luck.choice(["--nope", "-x", "nosuch=1", "", "x", "=", "é=1", "seed=1", "out=b", "-"]))
            is_wrong = None if is_wrong is not True else True
        elif how < 0.3 and name:
            words[at] = f"{misspelt(luck, name)}={word.partition('=')[2]}"
            is_wrong = True
        else:
            words[at] = f"{name}={luck.choice(TEXTS)}"
            is_wrong = None if is_wrong is not True else True
    return Case([*verb.split(), *folders, *words], is_wrong, tuple(named))
