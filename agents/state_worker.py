"""A state worker: a citizen whose job can be used against him."""

from __future__ import annotations

from agents import decisions
from agents.citizen import Choice, Citizen
from agents.compiled.arithmetic import log
from agents.compiled.draws import uniform
from agents.rules import job_pressure, participation, walkout
from agents.vocabulary import NO_SITE, Activity


class StateWorker(Citizen):
    """A citizen employed by the state, at a plant or elsewhere."""

    @property
    def is_plant_worker(self) -> bool:
        """Say whether the employer is a plant."""
        return self.model.is_plant_group(self.employer)

    @property
    def has_job(self) -> bool:
        """Say whether the worker has not been dismissed."""
        return self.is_dismissed == 0

    def is_ordered_to_rally(self) -> bool:
        """Say whether the worker is ordered to the rally of the hour, and has a seat if it is in another city."""
        s, p, seed = self.signals, self.p.job_pressure, self.model.seed
        if not (s.rally_intensity > 0.0 and self.has_job):
            return False
        order_draw = uniform(seed, decisions.ORDERED, self.person, s.luck_day)
        if not job_pressure.is_ordered(order_draw, p.order_share, s.rally_intensity, p.strength):
            return False
        if s.rally_is_here == 1:
            return True
        return job_pressure.is_bussed(uniform(seed, decisions.BUSSED, self.person, s.luck_day), p.bus_share)

    def order_push(self) -> float:
        """Return what an order adds to the index of a rally."""
        p = self.p.job_pressure
        return job_pressure.order_push(p.threat, self.job_dependence, p.order_weight, p.order_threat_weight)

    def workplace_cost(self) -> float:
        """Return what the job takes off the index of a protest."""
        p = self.p.job_pressure
        if not self.has_job:
            return 0.0
        return job_pressure.workplace_cost(p.threat, self.job_dependence, p.protest_threat_weight, p.strength)

    def walk_out(self) -> Choice | None:
        """Walk out of the plant, and perhaps join the column to the square."""
        s, p, model = self.signals, self.p.walkout, self.model
        if not (s.shift_open == 1 and self.is_plant_worker and self.has_job):
            return None
        index = walkout.walkout_index(
            self.grievance, self.anger, model.plant_share_out(self), model.plant_threat(self), self.job_dependence,
            p.walkout_intercept, p.walkout_grievance_weight, p.walkout_anger_weight, p.plant_share_weight,
            p.walkout_threat_weight, log(p.strength),
        )  # fmt: skip
        if not self.luck < index:
            return None
        if s.march_site != NO_SITE:
            marching = walkout.march_index(self.join_index(0.0, s.march_hour_offset), p.march_offset)
            if participation.joins(self.private_preference, self.luck, marching):
                return Choice(Activity.PROTESTING, s.march_site)
        return Choice(Activity.STRIKING)
