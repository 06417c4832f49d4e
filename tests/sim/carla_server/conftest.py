import pytest

from tests.sim.carla_server.processes import serving


@pytest.fixture(scope="session")
def server():
    """`faultline serve` on a free pair of ports, for tests that leave the world as they found it."""
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    with serving(args=("--map", "urban")) as running:
        yield running
