"""An address is read whole or refused with the mend."""

import pytest

from sim.carla_client.address import Address, address_of
from stack.vocabulary import InputError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("carla://127.0.0.1:2000", "127.0.0.1", 2000),
        ("carla://gpu-box", "gpu-box", 2000),
        ("localhost:3000", "localhost", 3000),
        ("carla://[::1]:2500", "::1", 2500),
    ],
)
def test_an_address_names_host_and_port(text, host, port):
    assert address_of(text) == Address(host=host, port=port)


def test_how_long_an_answer_may_take_can_be_said():
    assert address_of("carla://h:1?timeout_s=2.5").timeout_s == 2.5


@pytest.mark.parametrize(
    "text",
    ["carla://", "http://h:1", "carla://h:port", "carla://h:70000", "carla://h:1/town", "carla://h:1?wait=3",
     "carla://h:1?timeout_s=never", "carla://h:1?timeout_s=-1", "carla://me@h:1"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="carla://HOST:PORT"):
        address_of(text)
