"""Cases of folders that the program wrote, and others edited or damaged: manifests, tables, chunks, fits, states."""

import json
import shutil

import numpy as np
from fuzzing.case import FIT, ODD, SMALL, TARGETS, Case, cut, finished, own_case


def places(found, path=()):
    """Every place in a manifest, by its keys."""
    for key, value in found.items() if isinstance(found, dict) else enumerate(found):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def manifest(luck, folder):
    """A finished sweep, run, fit or forecast whose manifest was edited by another program, or damaged."""
    kind = luck.choice(["sweep", "sweep", "run", "fit", "forecast"])
    shutil.copytree(finished(kind), folder / "out")
    path = folder / "out" / "manifest.json"
    text = path.read_bytes()
    if luck.random() < 0.2:
        at = luck.randrange(len(text))
        text = text[:at] + bytes([luck.randrange(256)]) * luck.randint(0, 1) + text[at + luck.randint(0, 3) :]
    else:
        found = json.loads(text)
        for _ in range(luck.randint(1, 2)):
            *above, last = luck.choice(list(places(found)))
            inner = found
            for key in above:
                inner = inner[key]
            if luck.random() < 0.3:
                del inner[last]
            else:
                inner[last] = luck.choice(ODD)
        text = json.dumps(found).encode()
    path.write_bytes(text)
    if kind == "fit":
        verb = luck.choice(["status", "cite", "plot", "forecast"])
        return _over_fit(folder, verb) if verb == "forecast" else Case([verb, "out"], named=("out",))
    verb = luck.choice({"sweep": ["status", "cite", "resume", "plot", "replay"],
                        "run": ["cite", "view", "map", "replay"],
                        "forecast": ["status", "cite", "plot", "replay"]}[kind])  # fmt: skip
    return Case([verb, "out", *(["--run", "1"] if verb == "replay" and kind == "sweep" else [])], named=("out",))


def results(luck, folder):
    """A folder whose tables or chunks were damaged, emptied, or have other columns."""
    kind = luck.choice(["sweep", "run", "run", "fit", "forecast"])
    shutil.copytree(finished(kind), folder / "out")
    home = folder / "out"
    path = luck.choice(sorted(home.rglob("*.parquet")))
    if kind == "fit":
        path = home / "posterior.parquet"
    if luck.random() < 0.4:
        path.write_bytes(luck.choice([b"", b"PAR1", cut(luck, path.read_bytes())]))
    elif luck.random() < 0.2:
        path.unlink()
        luck.choice([path.mkdir, lambda: path.symlink_to("nowhere"), lambda: None])()
    else:
        _change_table(luck, path)
    verb = luck.choice({"sweep": ["status", "resume", "plot", "replay"], "run": ["view", "map", "why", "cite"],
                        "fit": ["sweep", "forecast"], "forecast": ["status", "plot", "replay"]}[kind])  # fmt: skip
    if verb == "why":
        shutil.copytree(finished("other"), folder / "other")
    if kind == "fit":
        return _over_fit(folder, verb)
    run = [] if kind == "forecast" else ["--run", "1"]
    more = {"replay": run, "why": ["other", "hour=1"], "view": ["people=0"]}.get(verb, [])
    return Case([verb, "out", *more])


def _over_fit(folder, verb):
    """A sweep or a forecast at draws of the fit in `out`."""
    own_case(folder, TARGETS)
    more = ["scenario=mine", *FIT[:1], "posterior=out", "draws=2", "replicates=1", "--config-dir", "cfg", "out=new"]
    own = ["dry_run=true", "anger.strength=0,1"] if verb == "sweep" else ["origin=2031-05-03", FIT[1], FIT[-1]]
    return Case([verb, *more, *own])


def _change_table(luck, path):
    """A table with a column less, of another name or kind, with blanks, without rows, or with odd values."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path, partitioning=None)
    how, at = luck.randrange(5), luck.randrange(table.num_columns)
    name = table.column_names[at]
    if how == 0:
        table = table.drop_columns([name])
    elif how == 1:
        table = table.rename_columns([f"{other}x" if other == name else other for other in table.column_names])
    elif how == 2:
        table = table.slice(0, luck.choice([0, 0, 1]))
    else:
        value = luck.choice([None, "x", -1, 1e300, float("nan"), float("inf"), True])
        table = table.set_column(at, name, pa.array([value] * table.num_rows))
    pq.write_table(table, path)


def state(luck, folder):
    """A state to go on from that was damaged or edited."""
    content = (finished("state") / "state_1.npz").read_bytes()
    path, how = folder / "state.npz", luck.random()
    path.write_bytes(content)
    if how < 0.3:
        path.write_bytes(luck.choice([b"", b"PK", cut(luck, content)]))
    elif how < 0.9:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        if luck.random() < 0.5:
            about = json.loads(arrays["about"].tobytes())
            *above, last = luck.choice([("hour",), ("code",), ("data",), *places(about)])
            inner = about
            for key in above:
                inner = inner[key]
            inner[last] = luck.choice([*ODD, 2, 10**9, -(10**30)])
            arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        else:
            name = luck.choice(sorted(arrays))
            arrays[name] = luck.choice([lambda a: a[:0], lambda a: a[:-1], lambda a: a.astype("U3"), lambda a: a[None],
                                        lambda a: np.full_like(a, 255 if a.dtype.kind == "u" else -1),
                                        lambda a: a.astype(complex), lambda a: np.array([{}], object)])(arrays[name])
            if luck.random() < 0.3:
                del arrays[name]
        np.savez(path, **arrays)
    words = ["run", *SMALL, "hours=3", "start=state.npz", "out=out"]
    return Case(words, False if how >= 0.9 else None, ("start", "state", "code"))
