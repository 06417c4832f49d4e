"""A distribution with stacks from elsewhere, installed for one test: dist-info, entry points and a module."""

import importlib
import sys

STACKS = '''
"""Stacks from elsewhere."""

from stack.vocabulary import COUNTER_STATES, BrakeRequest, Output, demand_steps, ns_from_s, request_checksum, topics

MADE = []


class Quiet:
    def __init__(self):
        MADE.append(self)

    def step(self, now, messages):
        return ()


class Raises(Quiet):
    """Falls over at three seconds."""

    def step(self, now, messages):
        if now >= ns_from_s(3.0):
            raise ValueError("no more")
        return ()


class Wrong(Quiet):
    def __init__(self, output):
        self.output = output

    def step(self, now, messages):
        return self.output


class Drifting(Quiet):
    """Remembers across runs what it must not: never twice the same."""

    steps = 0

    def step(self, now, messages):
        Drifting.steps += 1
        if Drifting.steps % 3:
            return ()
        raw = demand_steps(0.0)
        counter = Drifting.steps % COUNTER_STATES
        request = BrakeRequest(raw_demand=raw, counter=counter, checksum=request_checksum(raw, counter))
        return (Output(topic=topics.BRAKE_REQUEST, payload=request),)


def quiet(briefing):
    return Quiet()


def raises(briefing):
    return Raises()


def gives_nothing(briefing):
    return Wrong(None)


def gives_strangers(briefing):
    return Wrong(("brake!",))


def gives_unknown_topics(briefing):
    return Wrong((Output(topic="tracks", payload=None),))


def gives_wrong_payloads(briefing):
    return Wrong((Output(topic=topics.BRAKE_REQUEST, payload=7),))


def drifting(briefing):
    return Drifting()


def nonsense(briefing):
    return 42


def strange_tuple(briefing):
    return ("stage",)


def cannot_be_made(briefing):
    raise RuntimeError("no licence")


not_a_factory = 7
'''
NAMES = (
    "quiet", "raises", "gives_nothing", "gives_strangers", "gives_unknown_topics", "gives_wrong_payloads",
    "drifting", "nonsense", "strange_tuple", "cannot_be_made", "not_a_factory", "is_not_there",
)  # fmt: skip
MODULE = "stacks_from_elsewhere"


def plug_in(folder, monkeypatch, names=NAMES):
    """Install the distribution; returns its module's path, so that a test can change the source."""
    about = folder / "elsewhere-2.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 2.0\n")
    (about / "RECORD").write_text(f"{MODULE}.py,,\n")
    lines = "".join(f"{name} = {MODULE}:{name}\n" for name in names)
    (about / "entry_points.txt").write_text(f"[faultline.stacks]\n{lines}")
    module = folder / f"{MODULE}.py"
    module.write_text(STACKS)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    importlib.invalidate_caches()
    return module
