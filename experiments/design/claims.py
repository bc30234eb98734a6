"""Published answers: what a claim of an experiment file says, and what would have counted against it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from experiments.design.levers import Lever
from experiments.outcomes import OUTCOMES
from experiments.settings.complaints import told_in_one_line
from sim.errors import InputError, not_allowed

SIGNS = (1, 0, -1, "both")
COULD_FAIL = ("by construction", "tuned for", "free")


class Claim(BaseModel):
    """A published answer, about a difference between two points of a sweep or, without `against`, about a value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    claim: str
    outcome: str
    at: dict[str, Any]  # levers of the point; those not named are the baseline's
    against: dict[str, Any] | None = None
    sign: Literal[1, 0, -1, "both"] | None = None  # both: among the runs, outcomes above and below 0
    smallest: float | None = Field(default=None, gt=0, allow_inf_nan=False)  # effect of interest, share of the baseline
    between: tuple[float, float] | None = None  # share of the baseline; of a value, in its own unit
    could_fail: Literal["by construction", "tuned for", "free"] | None = None
    why: str | None = None  # what could_fail rests on
    cannot_answer: str | None = None  # why the sweep does not ask what the source asked

    @field_validator("sign", mode="before")
    @classmethod
    def _sign(cls, found: Any) -> Any:
        if found is not None and (isinstance(found, bool) or found not in SIGNS):
            raise not_allowed("", "sign", found, "one of 1, 0, -1, both")
        return found

    @field_validator("outcome")
    @classmethod
    def _outcome(cls, found: str) -> str:
        if found not in OUTCOMES and not found.startswith(("peak_", "final_")):
            raise not_allowed("", "outcome", found, "one of " + ", ".join(OUTCOMES), OUTCOMES)
        return found

    @model_validator(mode="after")
    def _answer(self) -> Self:
        """Refuse a claim of which it is not said what would be an answer, or what it could have been."""
        is_range, is_sign = self.between is not None, self.sign is not None
        if is_range == is_sign:
            raise InputError("sign or between is missing, or both are there: one of them is needed")
        if is_sign != (self.smallest is not None):
            raise InputError("smallest is missing: the smallest effect of interest, with sign" if is_sign
                             else "smallest is not allowed with between")  # fmt: skip
        if self.between is not None and not self.between[0] < self.between[1]:
            raise not_allowed("", "between", list(self.between), "[low, high], low < high")
        if self.against is None and self.sign in (1, 0, -1):
            raise InputError(f"against is missing: sign={self.sign} is that of a difference; of a value give between")
        if self.against is not None and self.sign == "both":
            raise InputError("against is not allowed with sign=both, which is about the values of runs")
        if self.cannot_answer is None and (self.could_fail is None or not self.why):
            missing = "could_fail" if self.could_fail is None else "why"
            raise InputError(f"{missing} is missing: could_fail is one of {', '.join(COULD_FAIL)}, why says the reason")
        return self

    @property
    def published(self) -> tuple[float, float]:
        """Answers that agree: shares of the baseline, a value's own unit, or, of both signs, the rarer's share."""
        if self.between is not None:
            return self.between
        assert self.smallest is not None
        return {1: (self.smallest, math.inf), -1: (-math.inf, -self.smallest),
                0: (-self.smallest, self.smallest), "both": (self.smallest, 1.0)}[self.sign or 0]  # fmt: skip

    @property
    def is_free(self) -> bool:
        """Whether neither rules nor parameters were bound to give the published answer."""
        return self.cannot_answer is None and self.could_fail == "free"


def read_claims(where: str, found: Any, levers: Sequence[Lever]) -> tuple[Claim, ...]:
    """Return the claims of an experiment file.

    Raises
    ------
    InputError
        One is incomplete, or is about something else than the experiment's levers.
    """
    if not isinstance(found or [], list):
        raise not_allowed(where, "published", found, "a list of claims")
    return tuple(_claim(f"{where}: published {k}", one, levers) for k, one in enumerate(found or [], start=1))


def _claim(where: str, found: Any, levers: Sequence[Lever]) -> Claim:
    if not isinstance(found, Mapping):
        raise not_allowed(where, "claim", found, "keys such as source, claim, outcome, at")
    try:
        claim = Claim.model_validate(found)
    except ValidationError as error:
        raise InputError(f"{where}: {told_in_one_line(error, dict.fromkeys(Claim.model_fields), Claim)}") from error
    names = [lever.name for lever in levers]
    for name in {**claim.at, **(claim.against or {})}:
        if name not in names:
            raise not_allowed(where, "lever", name, "one of " + ", ".join(names), names)
    return claim
