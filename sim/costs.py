"""What a job costs on a modelled device: drawn from its profile, by chance that knows only the slot."""

from collections.abc import Callable
from math import exp, log
from typing import Any

from sim.device_profile import Demand, DeviceProfile
from sim.ports import Charge
from sim.randomness import entity_id, normal, stream_key, uniform
from stack.vocabulary import NS_PER_MS, SimNs, Stage, StageInput

_Z99 = 2.3263478740408408  # 99 % quantile of the standard normal law
_TIMER = entity_id("timer")


class ModelledCosts:
    """A CostSource that draws each job's work from a device profile.

    The draw depends on seed, stage, triggering topic and the triggering message's sensing slot, so
    a fault that adds, removes or delays other jobs leaves this job's cost as it was.
    """

    def __init__(self, profile: DeviceProfile, seed: int) -> None:
        self._profile = profile
        self._seed = seed
        self._laws: dict[str, tuple[Any, float, float, Demand]] = {}
        self._topics: dict[str, int] = {}

    def charge(self, stage: Stage, given: StageInput, slot: SimNs, run: Callable[[], Any]) -> Charge:
        """Run the job's function and draw its work in nanoseconds at full speed."""
        law = self._laws.get(stage.name) or self._law_of(stage.name)
        key, log_median, sigma, demand = law
        entity = self._entity_of(given)
        work_ms = exp(log_median + sigma * normal(key, entity, slot, 0))
        if demand.per_content_ms:
            work_ms += demand.per_content_ms * stage.content(given)
        if demand.spike.share_ratio and uniform(key, entity, slot, 1) < demand.spike.share_ratio:
            work_ms += demand.spike.extra_ms
        return Charge(result=run(), work_ns=max(1, round(work_ms * NS_PER_MS)))

    def _law_of(self, stage_name: str) -> tuple[Any, float, float, Demand]:
        demand = self._profile.demand.get(stage_name, self._profile.demand["default"])
        sigma = log(demand.p99_ms / demand.median_ms) / _Z99
        law = (stream_key(self._seed, f"cost:{stage_name}"), log(demand.median_ms), sigma, demand)
        self._laws[stage_name] = law
        return law

    def _entity_of(self, given: StageInput) -> int:
        if not given.messages:
            return _TIMER
        topic = given.messages[-1].topic
        entity = self._topics.get(topic)
        if entity is None:
            entity = self._topics[topic] = entity_id(topic)
        return entity
