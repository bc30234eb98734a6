"""A made-up folder of a fit of minsk_2020, as `ploshcha calibrate` writes it, for tests of what is made of fits."""

import json

import numpy as np

from experiments.store.tables import as_table, numbers, texts, write_table


def make_fit(folder):
    """Three draws, of which the last weighs nothing, of reports up to 10 August; return the folder."""
    folder.mkdir()
    asked = {"cases": ["minsk_2020"], "method": "abc_smc", "seed": 1,
             "priors": [["participation.intercept", "uniform", -6.0, 0.0]]}  # fmt: skip
    made = {"code_hash": "0", "versions": {}, "git_commit": None, "git_dirty": None}
    told = {"kind": "calibration", "calibration": asked, "until": "2020-08-10", **made}
    (folder / "manifest.json").write_text(json.dumps(told))
    columns = {"draw": numbers(np.arange(3, dtype=np.int32)), "weight": numbers(np.array([0.75, 0.25, 0.0])),
               "case": texts(["minsk_2020"] * 3),
               "participation.intercept": numbers(np.array([-4.0, -5.0, -1.0]))}  # fmt: skip
    write_table(as_table(columns), folder / "posterior.parquet")
    return folder
