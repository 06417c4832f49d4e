"""Which variant and which colour an entity has: chance from its hash alone, the same in every run.

Colours are linear RGB reflectance.
"""

from collections.abc import Sequence

from sim.randomness import stream_key, uniform

Colour = tuple[float, float, float]
Shares = Sequence[tuple[float, Colour]]

VARIANT, COLOUR = 0, 1  # blocks of an entity's draws
VARIANTS = 12  # of a mesh, at most; kinds with two, three or four take the remainder
_KEY = stream_key(0, "body")

# Shares of new cars in Europe in 2022 (Axalta, Global Automotive Color Popularity Report, 70th edition,
# read in the trade press): grey 27, black 22, white 21, blue 11, silver 9; the rest shared out (own).
# Reflectances are judged.
CAR_PAINTS: Shares = (
    (0.27, (0.105, 0.110, 0.120)),
    (0.22, (0.014, 0.014, 0.016)),
    (0.21, (0.700, 0.700, 0.690)),
    (0.06, (0.025, 0.060, 0.210)),
    (0.05, (0.060, 0.160, 0.380)),
    (0.09, (0.400, 0.410, 0.420)),
    (0.06, (0.330, 0.020, 0.020)),
    (0.02, (0.030, 0.090, 0.050)),
    (0.01, (0.240, 0.170, 0.110)),
    (0.01, (0.480, 0.140, 0.020)),
)
VAN_PAINTS: Shares = (  # own: most vans are white
    (0.62, (0.700, 0.700, 0.690)),
    (0.14, (0.380, 0.390, 0.400)),
    (0.08, (0.080, 0.085, 0.095)),
    (0.06, (0.030, 0.080, 0.260)),
    (0.05, (0.620, 0.420, 0.020)),
    (0.05, (0.330, 0.025, 0.020)),
)
LORRY_PAINTS: Shares = (  # own: cabs and tarpaulins
    (0.30, (0.660, 0.660, 0.650)),
    (0.20, (0.030, 0.090, 0.300)),
    (0.15, (0.320, 0.025, 0.025)),
    (0.10, (0.025, 0.140, 0.080)),
    (0.10, (0.420, 0.430, 0.440)),
    (0.08, (0.560, 0.330, 0.020)),
    (0.07, (0.060, 0.065, 0.075)),
)
BUS_PAINTS: Shares = (  # own: liveries
    (0.35, (0.660, 0.660, 0.640)),
    (0.20, (0.400, 0.025, 0.025)),
    (0.15, (0.560, 0.400, 0.030)),
    (0.15, (0.040, 0.150, 0.330)),
    (0.15, (0.060, 0.220, 0.120)),
)
CLOTHES: Shares = (  # own: jackets and coats, mostly dark
    (0.22, (0.020, 0.021, 0.026)),
    (0.16, (0.030, 0.045, 0.110)),
    (0.13, (0.110, 0.110, 0.115)),
    (0.10, (0.280, 0.030, 0.030)),
    (0.09, (0.075, 0.085, 0.040)),
    (0.09, (0.260, 0.190, 0.120)),
    (0.08, (0.550, 0.540, 0.510)),
    (0.07, (0.060, 0.200, 0.340)),
    (0.06, (0.520, 0.360, 0.040)),
)
TUBES: Shares = (  # own: frames, tanks and fairings of two-wheelers
    (0.35, (0.018, 0.018, 0.020)),
    (0.20, (0.360, 0.025, 0.020)),
    (0.15, (0.030, 0.080, 0.300)),
    (0.12, (0.420, 0.430, 0.440)),
    (0.10, (0.080, 0.240, 0.060)),
    (0.08, (0.600, 0.250, 0.020)),
)


def share(entity: int, block: int) -> float:
    """A value from 0 to below 1 for one of an entity's choices."""
    return float(uniform(_KEY, entity & 0xFFFFFFFF, 0, block))


def pick(entity: int, block: int, count: int) -> int:
    """One of `count` variants, all alike likely."""
    return min(int(share(entity, block) * count), count - 1)


def colour(entity: int, shares: Shares, block: int = COLOUR) -> Colour:
    """A colour, as likely as its share."""
    left = share(entity, block) * sum(weight for weight, _ in shares)
    for weight, tone in shares:
        left -= weight
        if left < 0.0:
            return tone
    return shares[-1][1]
