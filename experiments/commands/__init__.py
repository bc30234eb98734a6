"""What is typed: a file for each verb of the command line."""

# verb: what it does; it is the `main` of the module of that name in this folder, imported only then
COMMANDS = {
    "run": "simulate one scenario and write its curves, figure and manifest",
    "sweep": "run a design many times over; the same command resumes",
    "sensitivity": "which levers matter: Sobol, Morris or PAWN indices",
    "calibrate": "fit parameters to the reports of past cases, and check the fit",
    "forecast": "forecast counts that were made later, and score the forecast",
    "crossvalidate": "forecast every case of a fit from the others, beside rivals",
    "list": "which scenarios, experiments, levers, outcomes there are",
    "show": "all about one of these; show config: all settings",
    "status": "how far a sweep is, and what failed",
    "plot": "draw the figures of a sweep again",
    "resume": "go on with a sweep; --failed tries failed runs again",
    "replay": "compute one run again and compare it bit for bit",
    "cite": "how to cite a sweep or a run",
    "view": "write a page with the map and curves of a run, or of two",
    "why": "who changed their mind between two runs, and why",
    "map": "draw the fullest hours of a run on the map of a city",
    "live": "Mesa's own page with sliders over the model, in the browser",
    "completion": "print a script that completes words: bash, zsh or fish",
    "bench": "time the engines on this machine",
}
