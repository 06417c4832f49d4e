"""The `effect` of a fault file that acts on messages: one schema per kind, severities in physical units."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from faults.blackout import Blackout
from faults.burst_loss import SLOT_NS, BurstLoss
from faults.corrupt import CODED_TOPICS, MEASURED_TOPICS, Alteration, Corrupt, FlippedBits, NotANumber, Scaled
from faults.delay import Delay, Jitter
from faults.drop import Drop
from faults.duplicate import Duplicate
from faults.freeze import Freeze
from faults.plan import LocatedFault
from faults.reorder import Reorder
from faults.schema import Effect, NotNegative, Ratio, Schema, ns_from_ms
from faults.stamps import StampOffset
from stack.vocabulary import NS_PER_MS

Topic = Literal[
    "radar", "camera", "ego_motion", "actuator_status", "brake_request", "driver_warning",
    "camera_image", "lidar", "gnss", "inertial",
]  # fmt: skip


class DropEffect(Effect):
    """Single messages are lost."""

    kind: Literal["drop"]
    topic: Topic
    loss_ratio: Ratio

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Drop(name=name, topic=self.topic, loss_ratio=self.loss_ratio)


class BurstLossEffect(Effect):
    """Messages are lost in bursts."""

    kind: Literal["burst_loss"]
    topic: Topic
    loss_ratio: Annotated[float, Field(gt=0.0, lt=1.0)]
    mean_burst_ms: Annotated[float, Field(ge=SLOT_NS / NS_PER_MS)]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.loss_ratio / (1.0 - self.loss_ratio) > self.mean_burst_ms * NS_PER_MS / SLOT_NS:
            raise ValueError("bursts this short cannot lose so much: raise mean_burst_ms or lower loss_ratio")
        return self

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        burst_ns = ns_from_ms(self.mean_burst_ms)
        return BurstLoss(name=name, topic=self.topic, loss_ratio=self.loss_ratio, mean_burst_ns=burst_ns)


class DelayEffect(Effect):
    """Messages come late by a fixed time."""

    kind: Literal["delay"]
    topic: Topic
    delay_ms: NotNegative

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Delay(name=name, topic=self.topic, delay_ns=ns_from_ms(self.delay_ms))


class JitterEffect(Effect):
    """Messages come late by a drawn time."""

    kind: Literal["jitter"]
    topic: Topic
    jitter_ms: NotNegative

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Jitter(name=name, topic=self.topic, jitter_ns=ns_from_ms(self.jitter_ms))


class FreezeEffect(Effect):
    """Old data under fresh stamps."""

    kind: Literal["freeze"]
    topic: Topic

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Freeze(name=name, topic=self.topic)


class StampOffsetEffect(Effect):
    """Messages say they were true at another instant (later if positive)."""

    kind: Literal["stamp_offset"]
    topic: Topic
    offset_ms: Annotated[float, Field(ge=-60_000.0, le=60_000.0)]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return StampOffset(name=name, topic=self.topic, offset_ns=ns_from_ms(self.offset_ms))


class ReorderEffect(Effect):
    """Messages arrive in the wrong order."""

    kind: Literal["reorder"]
    topic: Topic
    reorder_ratio: Ratio

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Reorder(name=name, topic=self.topic, reorder_ratio=self.reorder_ratio)


class DuplicateEffect(Effect):
    """Messages arrive more than once."""

    kind: Literal["duplicate"]
    topic: Topic
    repeat_ratio: Ratio
    copies: Annotated[int, Field(ge=1, le=100)] = 1
    spacing_ms: NotNegative = 1.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        spacing_ns = ns_from_ms(self.spacing_ms)
        return Duplicate(
            name=name, topic=self.topic, repeat_ratio=self.repeat_ratio, copies=self.copies, spacing_ns=spacing_ns
        )


class BlackoutEffect(Effect):
    """Nothing arrives."""

    kind: Literal["blackout"]
    topic: Topic

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Blackout(name=name, topic=self.topic)


class FlipBits(Schema):
    """Bits of a coded value are inverted; checksums stay as they were."""

    kind: Literal["flip_bits"]
    bits: Annotated[int, Field(ge=1, le=16)]

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics with coded values."""
        return CODED_TOPICS

    def alteration(self) -> Alteration:
        """The frozen value."""
        return FlippedBits(bits=self.bits)


class MakeNotANumber(Schema):
    """Measured numbers become NaN."""

    kind: Literal["not_a_number"]

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics with measured numbers."""
        return MEASURED_TOPICS

    def alteration(self) -> Alteration:
        """The frozen value."""
        return NotANumber()


class Scale(Schema):
    """Measured numbers are multiplied by a factor."""

    kind: Literal["scale"]
    scale_ratio: float

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics with measured numbers."""
        return MEASURED_TOPICS

    def alteration(self) -> Alteration:
        """The frozen value."""
        return Scaled(scale_ratio=self.scale_ratio)


class CorruptEffect(Effect):
    """Contents arrive altered."""

    kind: Literal["corrupt"]
    topic: Topic
    corrupt_ratio: Ratio = 1.0
    alteration: Annotated[FlipBits | MakeNotANumber | Scale, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.topic not in self.alteration.topics:
            fitting = ", ".join(self.alteration.topics)
            raise ValueError(f"{self.alteration.kind} has no meaning on {self.topic}; it fits {fitting}")
        return self

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        alteration = self.alteration.alteration()
        return Corrupt(name=name, topic=self.topic, corrupt_ratio=self.corrupt_ratio, alteration=alteration)
