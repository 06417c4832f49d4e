"""What all parts of a fault file's schema share: strictness, units, and turning into a frozen fault."""

from abc import abstractmethod
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from faults.plan import LocatedFault
from stack.vocabulary import NS_PER_MS

Ratio = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]


def ns_from_ms(milliseconds: float) -> int:
    """Nanoseconds nearest to a span given in milliseconds."""
    return round(milliseconds * NS_PER_MS)


class Schema(BaseModel):
    """What all parts of a fault file share: frozen, strict, no unknown keys, finite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Effect(Schema):
    """An effect that can become a fault."""

    @abstractmethod
    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
