"""What a job costs on a modelled device: drawn from its profile, by chance that knows only the slot."""

from collections.abc import Callable
from math import exp, log
from typing import Any, NamedTuple

from numba import njit

from sim.device_profile import DeviceProfile
from sim.ports import Charge
from sim.randomness import entity_id, normal, stream_key, uniform
from stack.vocabulary import NS_PER_MS, SimNs, Stage, StageInput
from stack.vocabulary.construction import maker

_Z99 = 2.3263478740408408  # 99 % quantile of the standard normal law
_TIMER = entity_id("timer")
_charge = maker(Charge)


@njit(cache=True, error_model="numpy")
def _drawn(key, entity, slot):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - numba kernel
    """The two draws of a job: normal for its work, uniform for its spike; one call, as calls cost more than draws."""
    return normal(key, entity, slot, 0), uniform(key, entity, slot, 1)


class _Law(NamedTuple):
    """What one stage's jobs cost on a device: a lognormal law in ms, a share per content, and a spike."""

    key: Any
    log_median: float
    sigma: float
    per_content_ms: float
    spike_ratio: float
    spike_ms: float


class ModelledCosts:
    """A CostSource that draws each job's work from a device profile.

    The draw depends on seed, stage, triggering topic and the triggering message's sensing slot, so
    a fault that adds, removes or delays other jobs leaves this job's cost as it was.
    """

    def __init__(self, profile: DeviceProfile, seed: int) -> None:
        self._profile = profile
        self._seed = seed
        self._laws: dict[str, _Law] = {}
        self._topics: dict[str, int] = {}

    def charge(self, stage: Stage, given: StageInput, slot: SimNs, run: Callable[[], Any]) -> Charge:
        """Run the job's function and draw its work in nanoseconds at full speed."""
        law = self._laws.get(stage.name)
        if law is None:
            law = self._law_of(stage.name)
        key, log_median, sigma, per_content_ms, spike_ratio, spike_ms = law
        normal_draw, uniform_draw = _drawn(key, self._entity_of(given), slot)
        work_ms = exp(log_median + sigma * normal_draw)
        if per_content_ms:
            work_ms += per_content_ms * stage.content(given)
        if uniform_draw < spike_ratio:
            work_ms += spike_ms
        return _charge(result=run(), work_ns=max(1, round(work_ms * NS_PER_MS)))

    def _law_of(self, stage_name: str) -> _Law:
        demand = self._profile.demand.get(stage_name, self._profile.demand["default"])
        law = _Law(
            key=stream_key(self._seed, f"cost:{stage_name}"),
            log_median=log(demand.median_ms),
            sigma=log(demand.p99_ms / demand.median_ms) / _Z99,
            per_content_ms=demand.per_content_ms,
            spike_ratio=demand.spike.share_ratio,
            spike_ms=demand.spike.extra_ms,
        )
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
