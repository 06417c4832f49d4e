"""A symptom: what speaks for a diagnosis at this instant, with the number and its limit."""

from typing import NamedTuple

from stack.vocabulary import Diagnosis, Reading


class Symptom(NamedTuple):
    """One finding of a watch: `name` is what was measured, `value` against `limit`, in `unit`."""

    diagnosis: Diagnosis
    name: str
    value: float
    limit: float
    unit: str

    @property
    def reason(self) -> str:
        """The symptom in words."""
        return f"{self.name} is {self.value:.2f} {self.unit}, limit {self.limit:.2f} {self.unit}"

    @property
    def seen(self) -> Reading:
        """What was measured."""
        return Reading(name=self.name, value=self.value, unit=self.unit)

    @property
    def threshold(self) -> Reading:
        """The limit that was passed."""
        return Reading(name=f"limit of {self.name}", value=self.limit, unit=self.unit)


Symptoms = tuple[Symptom, ...]
