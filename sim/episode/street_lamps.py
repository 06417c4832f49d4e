"""The street lamps of a map as CARLA's lights: where they hang, whether they burn, how bright and in which colour.

States carry CARLA's axes and units. Until a client takes a lamp in hand it follows the sun, as the lamps in
pictures do.
"""

from math import cos, sin
from typing import Final

from sim import left_handed
from sim.episode.structs import Color, LightState, Vector3D
from sim.scenery.materials import MATERIAL
from sim.scenery.poles import street_lamp
from sim.scenery.still import Fixture

STREET: Final = 2  # CARLA's group of street lights
NAMED: Final = "street_lamp_"  # what `sim.scenery.town` calls them
LUMEN: Final = 5500.0  # own: a common luminaire at 8 m (EN 13201 asks for illuminance, not for this)
WARM: Final = Color(255, 214, 170)  # own: about 3000 K
NIGHT_DEG: Final = 0.0  # own: they burn while the sun is below the horizon


def street_lamps_of(fixtures: tuple[Fixture, ...]) -> tuple[LightState, ...]:
    """All lamps of a map, by day: numbered from 1, each at its luminaire."""
    mesh = street_lamp()
    glowing = mesh.vertices[mesh.triangles[mesh.materials == MATERIAL["street_lamp"]].reshape(-1)].mean(axis=0).tolist()
    middle_m = 0.5 * float(mesh.vertices[:, 0].min() + mesh.vertices[:, 0].max())
    lamps: list[LightState] = []
    for each in fixtures:
        if each.kind != "pole" or not each.name.startswith(NAMED):
            continue
        out_m = glowing[0] - middle_m  # the fixture's box lies about the whole mesh
        x_m, y_m = each.x_m + out_m * cos(each.yaw_rad), each.y_m + out_m * sin(each.yaw_rad)
        place = Vector3D(*left_handed.mirrored(x_m, y_m, each.z_m + glowing[2]))
        lamps.append(LightState(len(lamps) + 1, place, LUMEN, STREET, WARM, False))
    return tuple(lamps)


class StreetLamps:
    """The lamps of one episode."""

    def __init__(self, lamps: tuple[LightState, ...]) -> None:
        self._lamps = {lamp.id: lamp for lamp in lamps}
        self._by_hand: set[int] = set()
        self.day_night = True  # whether lamps that no client took in hand follow the sun

    def states(self) -> tuple[LightState, ...]:
        """All lamps as they are."""
        return tuple(self._lamps.values())

    def update(self, states: tuple[LightState, ...]) -> None:
        """Take over what a client set; lamps that are not of this map are ignored, places stay."""
        for state in states:
            known = self._lamps.get(state.id)
            if known is not None:
                self._lamps[state.id] = state._replace(location=known.location)
                self._by_hand.add(state.id)

    def follow_sun(self, altitude_deg: float) -> bool:
        """Switch the lamps that no client took in hand by the sun's height; returns whether any changed."""
        if not self.day_night:
            return False
        night = altitude_deg < NIGHT_DEG
        turned = [lamp for lamp in self._lamps.values() if lamp.id not in self._by_hand and lamp.active != night]
        for lamp in turned:
            self._lamps[lamp.id] = lamp._replace(active=night)
        return bool(turned)
