"""What the inputs of a decision are called where people read: on the page, in the table of ``ploshcha why``."""

from __future__ import annotations

SHARED = {
    "street_offset": "the city's day and hour", "chain_offset": "the city's day and hour (chains)",
    "march_hour_offset": "the city's day and hour (column)", "lesson": "what the last occasions taught",
    "credibility": "credibility of the call", "reach": "reach of the call", "connectivity": "internet",
    "support": "Russian support", "main_share": "kind of day", "crowd_share_media": "crowd, as independent media tell",
    "crowd_share_state": "crowd, as state media tell", "state_media_silent_share": "silence of state media",
    "march_site": "where the column goes", "group_out": "colleagues on strike", "plant_threat": "threat at the plant",
    "n_agents": "number of colleagues", "is_state": "employer", "is_plant": "employer",
}  # fmt: skip
OWN = {
    "company": "company of friends and neighbours", "luck": "luck of the day",
    "company_main": "company remembered of main days", "company_minor": "company remembered of minor days",
    "is_bound": "bound by having been there with friends",
    "media_diet": "media diet", "russia_affinity": "affinity to Russia", "is_dismissed": "dismissed from the job",
}  # fmt: skip
ELSEWHERE = {
    "quiet": "at home in the other run", "striking": "on strike in the other run",
    "rallying": "at the rally in the other run", "detained": "in custody in the other run",
    "protesting": "protesting in both runs",
}  # fmt: skip


def input_label(name: str) -> str:
    """Return an input in words.

    Parameters
    ----------
    name : str
        From `experiments.analysis.changed_minds.input_name`: ``fear``, ``signals.lesson``, ``anger.anger_weight``.

    Returns
    -------
    str
        Of a setting its name, which is what one types, after the word setting.
    """
    kind, _, rest = name.partition(".")
    if not rest:
        return OWN.get(name, words(name))
    if kind in ("signals", "around"):
        return SHARED.get(rest, words(rest))
    return f"setting {name}"


def words(name: str) -> str:
    """Return a name of the program with blanks."""
    return name.replace("_", " ").replace(".", " ")
