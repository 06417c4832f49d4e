"""What a run's panel tells at each instant: figures, mode, the message in the middle, faults, the strip of time."""

from dataclasses import dataclass
from math import isfinite

from analysis.checks import contact_speed_mps
from analysis.encounters import ego_contact
from analysis.interventions import EMERGENCY_DEMAND_MPS2, BrakingEpisode, applied_requests, intervention
from analysis.moments import fault_windows
from analysis.plots.birdseye import Bird
from analysis.plots.overlay import Entry, Gauge, Panel, Strip
from scenarios.viewing.heard import Heard
from sim.recording import RunRecord
from sim.truth import BRAKE, EGO, SPEED, TruthFrame
from stack.vocabulary import NS_PER_MS, NS_PER_S, Mode, SimNs, s_from_ns, topics

KMH_PER_MPS = 3.6
URGENT_TTC_S = 3.0  # own: what is drawn as danger
LATE_MS, OLD_MS = 300.0, 500.0  # own: figures that want attention
AT_REST_MPS = 0.05
BEYOND_MPS2 = 15.0  # no road vehicle brakes harder: the figure says no more than that
DEADMAN_SHOWN_NS = 2 * NS_PER_S
_MODE_MEANING = {Mode.NOMINAL: "good", Mode.OFF: "danger", Mode.MINIMAL_RISK: "danger"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A message and how long it stands; `end` is not part of it."""

    begin: SimNs
    end: SimNs
    text: str
    meaning: str


class Story:
    """Everything about a run's panel that needs its record only once."""

    def __init__(self, record: RunRecord, heard: Heard, brake_max_mps2: float) -> None:
        self._record, self._heard, self._brake_max_mps2 = record, heard, brake_max_mps2
        self._spells = spells_of(record)
        self._windows = fault_windows(record)
        self._braked_at = min((one.began_at for one in intervention(record).braking), default=None)
        self._strip = _strip(record)

    def panel(self, frame: TruthFrame, at: SimNs, bird: Bird | None) -> Panel:
        """The panel of an instant."""
        change = self._heard.payload(topics.MODE_CHANGE, at)
        mode = change.after if change is not None else Mode.NOMINAL
        text, meaning = self._message(frame, at)
        whole = max(int(self._record.ended_at), 1)
        return Panel(
            title=self._record.run_id,
            clock=f"{s_from_ns(at):.2f} s",
            mode=mode.value.replace("_", " "),
            mode_meaning=_MODE_MEANING.get(mode, "hazard"),
            entries=self._entries(frame, at),
            message=text,
            message_meaning=meaning,
            faults=tuple(name for name, begin, end in self._windows if begin <= at < end),
            strip=Strip(now=at / whole, windows=self._strip.windows, events=self._strip.events),
            bird=bird,
        )

    def _message(self, frame: TruthFrame, at: SimNs) -> tuple[str, str]:
        """What stands in the middle: contact, braking, a warning, or that the vehicle has come to rest."""
        for spell in self._spells:
            if spell.begin <= at < spell.end:
                return spell.text, spell.meaning
        resting = abs(float(frame.state[EGO, SPEED])) < AT_REST_MPS
        if resting and self._braked_at is not None and self._braked_at <= at:
            return "AT REST", "good"
        return "", "good"

    def _entries(self, frame: TruthFrame, at: SimNs) -> tuple[Entry, ...]:
        """The figures at the foot of the picture, the most important first."""
        hazards = self._heard.payload(topics.HAZARDS, at)
        worst = hazards.hazards[0] if hazards is not None and hazards.hazards else None
        ttc_s = worst.time_to_collision_s if worst is not None else float("inf")
        needed_mps2 = worst.required_deceleration_mps2 if worst is not None else 0.0
        request = self._heard.latest(topics.BRAKE_REQUEST, at)
        demand_mps2 = request.payload.demand_mps2 if request is not None else 0.0
        braking_mps2, most_mps2 = float(frame.state[EGO, BRAKE]), self._brake_max_mps2
        latency_ms = (request.published_at - request.true_at) / NS_PER_MS if request is not None else 0.0
        age_ms = (at - request.true_at) / NS_PER_MS if request is not None else 0.0
        needed = "danger" if needed_mps2 > 0.5 * most_mps2 else "hazard" if needed_mps2 > 0.0 else ""
        return (
            Entry(name="speed", value=f"{float(frame.state[EGO, SPEED]) * KMH_PER_MPS:.0f} km/h"),
            Entry(
                name="time to collision", short="TTC", value=f"{ttc_s:.1f} s" if isfinite(ttc_s) else "none",
                meaning="danger" if ttc_s < URGENT_TTC_S else "",
            ),
            Entry(
                name="risk: braking needed", short="needed", meaning=needed,
                value=f"{needed_mps2:.1f} m/s²" if needed_mps2 < BEYOND_MPS2 else f"over {BEYOND_MPS2:.0f} m/s²",
                gauge=Gauge(share=needed_mps2 / most_mps2, meaning=needed),
            ),
            Entry(
                name=f"braking, of {demand_mps2:.1f} asked", short="braking", value=f"{braking_mps2:.1f} m/s²",
                gauge=Gauge(
                    share=braking_mps2 / most_mps2, meaning="track",
                    notch=demand_mps2 / most_mps2 if demand_mps2 > 0.0 else None,
                ),
            ),
            Entry(
                name="seen to decided", short="latency", value=f"{latency_ms:.0f} ms",
                meaning="danger" if latency_ms > LATE_MS else "",
            ),
            Entry(
                name="age of what it knows", short="age", value=f"{age_ms:.0f} ms",
                meaning="danger" if age_ms > OLD_MS else "",
            ),
        )  # fmt: skip


def spells_of(record: RunRecord) -> tuple[Spell, ...]:
    """Messages and when they stand, the weightiest first."""
    acted = intervention(record)
    after = SimNs(int(record.ended_at) + 1)
    spells = []
    contact = ego_contact(record)
    if contact is not None:
        kmh = contact_speed_mps(record, contact) * KMH_PER_MPS
        spells.append(Spell(begin=contact.at, end=after, text=f"CONTACT at {kmh:.0f} km/h", meaning="danger"))
    for episode in acted.braking:
        spells += _braking(record, episode, after)
    for warning in acted.warnings:
        end = after if warning.ended_at >= record.ended_at else warning.ended_at
        spells.append(Spell(begin=warning.shown_at, end=end, text="COLLISION WARNING", meaning="hazard"))
    spells += [
        Spell(begin=at, end=SimNs(at + DEADMAN_SHOWN_NS), text="COMMANDS LOST, BRAKES HELD", meaning="hazard")
        for at in record.deadman_at
    ]
    return tuple(spells)


def _braking(record: RunRecord, episode: BrakingEpisode, after: SimNs) -> list[Spell]:
    """Emergency braking from the first strong request of an episode on; slight braking before it."""
    end = after if episode.ended_at >= record.ended_at else episode.ended_at
    strong = [
        entry.applied_at
        for entry in applied_requests(record)
        if episode.began_at <= entry.applied_at < end and entry.demand_mps2 >= EMERGENCY_DEMAND_MPS2
    ]
    spells = [Spell(begin=strong[0], end=end, text="EMERGENCY BRAKING", meaning="danger")] if strong else []
    return [*spells, Spell(begin=episode.began_at, end=end, text="BRAKING", meaning="hazard")]


def _strip(record: RunRecord) -> Strip:
    """The run's time: fault windows, and when the mode changed, the driver was warned, the brakes came, it touched."""
    whole = max(int(record.ended_at), 1)
    acted = intervention(record)
    events = [(message.published_at / whole, "track") for message in record.modes]
    events += [(warning.shown_at / whole, "hazard") for warning in acted.warnings[:3]]
    events += [(episode.began_at / whole, "danger") for episode in acted.braking[:3]]
    windows = tuple((begin / whole, end / whole, name) for name, begin, end in fault_windows(record))
    return Strip(now=0.0, windows=windows, events=tuple(events))
