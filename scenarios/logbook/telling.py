"""A replay in words and as a document: what was fed, what differs, which threshold decided."""

from collections.abc import Iterable, Sequence
from typing import Any

from scenarios.keys import plain
from scenarios.logbook.comparing import Aspect, Difference
from scenarios.logbook.replay import Replay
from stack.vocabulary import (
    BrakeRequest,
    Decision,
    DiagnosisReport,
    DriverWarning,
    HostEvent,
    Message,
    ModeChange,
    s_from_ns,
    topics,
)

LABEL_WIDTH = 8
MOST_TOLD = 12  # differences told one by one; a document has them all
_INDENT = " " * LABEL_WIDTH
_ASPECTS = {
    Aspect.WHAT: "decided otherwise",
    Aspect.WHEN: "at another instant",
    Aspect.WHY: "with another reason",
    Aspect.COUNT: "under another number",
}


def told_replay(result: Replay) -> list[str]:
    """A replay's lines: verdict first, counts, then the differences with what decided them."""
    compared = sum(one.recorded for one in result.counts)
    head = f"{result.run_id}  {result.fed} deliveries fed up to {s_from_ns(result.until):.3f} s"
    if result.same:
        lines = [f"{'SAME':<{LABEL_WIDTH}}{head}, {compared} outputs compared: no difference"]
        return [*lines, *_circumstances(result)]
    lines = [f"{'DIFFERS':<{LABEL_WIDTH}}{head}: {len(result.differences)} differences in {compared} outputs"]
    lines += [f"{_INDENT}{text}" for text in _counted(result)]
    groups = grouped(result.differences)
    for group in groups[:MOST_TOLD]:
        lines += [f"{_INDENT}{text}" for text in _told_group(group, result)]
    if len(groups) > MOST_TOLD:
        lines.append(f"{_INDENT}and {len(groups) - MOST_TOLD} more")
    if result.inside:
        first = result.inside[0]
        lines.append(f"{_INDENT}the first difference between stages: {first.topic} at {s_from_ns(first.at):.3f} s")
    return [*lines, *_circumstances(result)]


def _circumstances(result: Replay) -> list[str]:
    """What else a reader must know: the code, the platform, a file that was cut, a stack that crashed."""
    texts = [result.cut] if result.cut else []
    texts += [*result.reasons, *(f"the stack crashed: {crash}" for crash in result.stack_crashes)]
    return [f"{_INDENT}{text}" for text in texts]


def _counted(result: Replay) -> list[str]:
    """One line per topic that differs, by what differs."""
    lines = []
    for count in result.counts:
        if not count.differ:
            continue
        ours = [one for one in result.differences if one.topic == count.topic]
        both = [one for one in ours if one.recorded is not None and one.replayed is not None]
        parts = [(words, sum(1 for one in both if one.aspect is aspect)) for aspect, words in _ASPECTS.items()]
        parts += [("only recorded", count.only_recorded), ("only replayed", count.only_replayed)]
        words = ", ".join(f"{number} {text}" for text, number in parts if number)
        lines.append(f"{count.topic}: {words}; {count.recorded} recorded, {count.replayed} replayed")
    return lines


def grouped(differences: Iterable[Difference]) -> list[list[Difference]]:
    """Differences one by one, but brake requests, which repeat every cycle, in stretches of one kind."""
    groups: list[list[Difference]] = []
    open_group: list[Difference] | None = None
    for one in differences:
        if one.topic != topics.BRAKE_REQUEST:
            groups.append([one])
        elif open_group is not None and _kind(open_group[-1]) == _kind(one):
            open_group.append(one)
        else:
            open_group = [one]
            groups.append(open_group)
    return groups


def _kind(one: Difference) -> tuple[bool, bool, Aspect]:
    return one.recorded is None, one.replayed is None, one.aspect


def _told_group(group: Sequence[Difference], result: Replay) -> list[str]:
    first, last = group[0], group[-1]
    at = f"{s_from_ns(first.at):.3f} s"
    if len(group) > 1:
        at = f"{s_from_ns(first.at):.3f} to {s_from_ns(last.at):.3f} s, {len(group)} messages"
    fields = f" ({', '.join(first.fields)})" if first.fields and first.aspect is not Aspect.WHAT else ""
    lines = [f"{at}  {first.topic}{', ' + _ASPECTS[first.aspect] if fields else ''}{fields}"]
    if first.recorded is not None and first.replayed is not None and first.aspect is Aspect.WHY:
        before, after = first.recorded.payload, first.replayed.payload
        if isinstance(before, Decision) and isinstance(after, Decision):
            return [*lines, *(f"  {text}" for text in _told_reasons(before, after))]
    lines += [f"  recorded  {text}" for text in _side([one.recorded for one in group], first, result.recorded)]
    lines += [f"  replayed  {text}" for text in _side([one.replayed for one in group], first, result.replayed)]
    return lines


def _told_reasons(before: Decision, after: Decision) -> list[str]:
    """The same decision for other reasons: only what changed in them."""
    old, new = before.evidence, after.evidence
    lines = [f"{before.stage.value}, {before.demand_mps2:.2f} m/s², {before.mode.value}: {old.rule}"]
    if new.rule != old.rule:
        lines.append(f"now by the rule  {new.rule}")
    readings = {one.name: one for one in (*new.saw, new.threshold)}
    for one in (*old.saw, old.threshold):
        other = readings.get(one.name)
        if other is not None and other.value != one.value:
            before_text, after_text = (f"{value:.6g}" for value in (one.value, other.value))
            if before_text == after_text:
                before_text, after_text = repr(one.value), repr(other.value)
            lines.append(f"{one.name} {before_text} {one.unit} recorded, {after_text} replayed")
    if new.counterfactual != old.counterfactual:
        lines.append(f"replayed  {new.counterfactual}")
    return lines


def _side(messages: Sequence[Message | None], difference: Difference, outputs: Sequence[Message]) -> list[str]:
    """One side of a group in words; where it has nothing, what stood there then."""
    demands = sorted(one.payload.demand_mps2 for one in messages if one and isinstance(one.payload, BrakeRequest))
    if len(demands) > 1 and demands[0] != demands[-1]:
        return [f"{demands[0]:.2f} to {demands[-1]:.2f} m/s²"]
    message = messages[0]
    if message is not None:
        return told_payload(message.payload)
    if difference.topic != topics.DECISION:
        return ["nothing"]
    before = [one for one in outputs if one.topic == topics.DECISION and one.published_at <= difference.at]
    if not before:
        return ["nothing; no decision had been made"]
    standing = before[-1]
    return [f"nothing; since {s_from_ns(standing.published_at):.3f} s: {told_payload(standing.payload)[0]}"]


def told_payload(payload: object) -> list[str]:
    """An output in words; a decision with the threshold that decided and what would have turned it."""
    if isinstance(payload, Decision):
        why = payload.evidence
        seen = f"{why.saw[0].name} {why.saw[0].value:.2f} {why.saw[0].unit}, " if why.saw else ""
        limit = f"{why.threshold.name} {why.threshold.value:.2f} {why.threshold.unit}"
        head = f"{payload.stage.value}, {payload.demand_mps2:.2f} m/s², {payload.mode.value}: {why.rule}"
        return [f"{head} ({seen}{limit})", why.counterfactual]
    if isinstance(payload, BrakeRequest):
        return [f"{payload.demand_mps2:.2f} m/s²"]
    if isinstance(payload, DriverWarning):
        return [f"{payload.kind.value}: {payload.reason}"]
    if isinstance(payload, ModeChange):
        return [f"{payload.before.value} to {payload.after.value}: {payload.reason}"]
    if isinstance(payload, DiagnosisReport):
        return [f"{payload.diagnosis.value} {'stands' if payload.present else 'is gone'}: {payload.reason}"]
    if isinstance(payload, HostEvent):
        return [f"{payload.kind.value} {payload.stage}".strip()]
    return [str(payload)]


def replay_document(result: Replay) -> dict[str, Any]:
    """A replay as plain JSON, every difference in it."""
    return {
        "run_id": result.run_id,
        "file": str(result.path),
        "same": result.same,
        "sets": list(result.sets),
        "fed": result.fed,
        "until_s": s_from_ns(result.until),
        "cut": result.cut,
        "reasons": list(result.reasons),
        "stack_crashes": list(result.stack_crashes),
        "compared": {
            one.topic: {
                "recorded": one.recorded,
                "replayed": one.replayed,
                "otherwise": one.otherwise,
                "only_recorded": one.only_recorded,
                "only_replayed": one.only_replayed,
            }
            for one in result.counts
        },
        "differences": [_document(one) for one in result.differences],
        "first_inside": _document(result.inside[0]) if result.inside else None,
    }


def _document(one: Difference) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "at_s": s_from_ns(one.at),
        "aspect": one.aspect.value,
        "fields": list(one.fields),
        "recorded": _message_document(one.recorded),
        "replayed": _message_document(one.replayed),
    }


def _message_document(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    return {"published_at_s": s_from_ns(message.published_at), "payload": _finite(plain(message.payload))}


def _finite(value: Any) -> Any:
    """JSON has no infinities: as text."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
