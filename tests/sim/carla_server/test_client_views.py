"""What cameras and lidars show the genuine client: a car ahead, its label, its id, its distance, and motion."""

import numpy as np
import pytest

from tests.sim.carla_server.processes import in_client, until
from tests.sim.carla_server.scenes import spawned, ticking, ticks
from tests.sim.carla_server.test_client_sensors import (
    CAR,
    NOSE,
    SMALL,
    car_ahead,
    forward,
    grid,
    heard,
    metres,
    mounted,
)


def views(client, kinds, bearers):
    """One picture or cloud of each kind of the same place, from a car and from a free place."""
    import carla

    with ticking(client) as world:
        own, far = car_ahead(world)
        found = {}
        where = own.get_transform()
        free = carla.Transform(where.transform(carla.Location(NOSE, 0.0, 1.2)), where.rotation)
        for kind in kinds:
            size = {"image_size_x": 320, "image_size_y": 192} if kind.startswith("camera") else {}
            if kind.startswith("lidar"):
                size = {"channels": 64, "points_per_second": 640_000, "rotation_frequency": 20, "range": 60}
                size |= {"upper_fov": 20, "lower_fov": -20}
            if kind == "lidar.ray_cast":
                size |= {"dropoff_general_rate": 0.0, "dropoff_intensity_limit": 0.0, "dropoff_zero_intensity": 0.0}
            sensor = mounted(world, kind, own if "car" in bearers else None, **size)
            if "car" not in bearers:
                sensor.set_transform(free)
            found[kind] = heard(sensor, lambda data: data)
        ticks(world, 3)
        until(lambda: all(len(one) >= 3 for one in found.values()), 20.0)
        gap = where.location.distance(far.get_transform().location) - NOSE - far.bounding_box.extent.x
        return far.id, gap, {kind: rows[-1] for kind, rows in found.items()}


def pictures(client, bearer):
    kinds = ("rgb", "depth", "semantic_segmentation", "instance_segmentation", "normals")
    far, gap_m, seen = views(client, [f"camera.{kind}" for kind in kinds], bearer)
    rgb, depth, semantic, instance, normals = (seen[f"camera.{kind}"] for kind in kinds)
    label = grid(semantic)[:, :, 2]
    owner = grid(instance)
    of_far = owner[:, :, 1] + owner[:, :, 0] * 256 == far & 0xFFFF
    on_car = label == CAR
    facing = grid(normals)[:, :, 2::-1] / 127.5 - 1.0
    return {
        "sizes": [[one.width, one.height, round(one.fov), len(one.raw_data)] for one in seen.values()],
        "gap_m": gap_m, "depth_m": float(metres(depth)[on_car].min()), "centre": int(label[96, 160]),
        "same": int((on_car == (owner[:, :, 2] == CAR)).sum()), "owned": int(of_far[on_car].sum()),
        "car": int(on_car.sum()), "elsewhere": int(of_far[~on_car].sum()), "labels": np.unique(label).tolist(),
        "spread": float(grid(rgb)[:, :, :3].std()), "mean": float(grid(rgb)[:, :, :3].mean()),
        "unit": float(np.abs(np.linalg.norm(facing[label != 11], axis=1) - 1.0).max()),
        "road_up": float(facing[label == 1][:, 2].mean()),
    }  # fmt: skip


@pytest.mark.parametrize("bearer", ["car", "free"])
def test_cameras_show_a_car_ahead_with_its_label_its_id_and_its_distance(server, bearer):
    answer = in_client(server, pictures, bearer)
    assert answer["sizes"] == [[320, 192, 90, 320 * 192 * 4]] * 5
    assert answer["centre"] == CAR
    assert answer["same"] == 320 * 192
    assert answer["car"] > 600
    assert answer["owned"] == answer["car"]
    assert answer["elsewhere"] == 0
    assert answer["depth_m"] == pytest.approx(answer["gap_m"], abs=0.05)
    assert {1, 11, CAR} <= set(answer["labels"])
    assert answer["spread"] > 15.0
    assert 20.0 < answer["mean"] < 235.0
    assert answer["unit"] < 0.02
    assert answer["road_up"] > 0.98


def clouds(client):
    kinds = ("camera.depth", "camera.semantic_segmentation", "lidar.ray_cast", "lidar.ray_cast_semantic")
    far, gap_m, seen = views(client, kinds, "car")
    depth, label = metres(seen["camera.depth"]), grid(seen["camera.semantic_segmentation"])[:, :, 2]
    plain = np.array([[p.point.x, p.point.y, p.point.z, p.intensity] for p in seen["lidar.ray_cast"]])
    tagged = [
        [p.point.x, p.point.y, p.point.z, p.cos_inc_angle, p.object_idx, p.object_tag]
        for p in seen["lidar.ray_cast_semantic"]
    ]
    tagged = np.array(tagged)
    cloud = seen["lidar.ray_cast_semantic"]
    of_far = tagged[tagged[:, 4] == far]
    focal, ahead = 160.0, tagged[tagged[:, 0] > 1.0]
    column = 160.0 + focal * ahead[:, 1] / ahead[:, 0]
    row = 96.0 - focal * ahead[:, 2] / ahead[:, 0]
    inside = (column > 1) & (column < 318) & (row > 1) & (row < 190)
    ahead, column, row = ahead[inside], column[inside].astype(int), row[inside].astype(int)
    flat = np.ones(len(ahead), bool)  # the point's pixel and its neighbours belong to one thing
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            flat &= label[row + down, column + right] == ahead[:, 5]
    flat &= ahead[:, 5] == CAR
    off_m = np.abs(depth[row, column] - ahead[:, 0])[flat]
    return {
        "counts": [len(seen["lidar.ray_cast"]), len(tagged), cloud.channels],
        "by_channel": sum(cloud.get_point_count(k) for k in range(cloud.channels)),
        "range_m": float(np.linalg.norm(tagged[:, :3], axis=1).max()),
        "same_m": float(np.abs(plain[:, :3] - tagged[:, :3]).max()) if len(plain) == len(tagged) else -1.0,
        "intensity_off": float(np.abs(plain[:, 3] - np.exp(-0.004 * np.linalg.norm(plain[:, :3], axis=1))).max()),
        "cosines": [float(tagged[:, 3].min()), float(tagged[:, 3].max())],
        "tags": sorted(set(of_far[:, 5].astype(int).tolist())), "nearest_m": float(of_far[:, 0].min()), "gap_m": gap_m,
        "on_car": len(of_far), "compared": len(off_m), "off_m": float(np.median(off_m)),
    }  # fmt: skip


def test_lidars_agree_with_each_other_and_with_the_depth_camera(server):
    answer = in_client(server, clouds)
    plain, tagged, channels = answer["counts"]
    assert plain == tagged == answer["by_channel"]
    assert channels == 64
    assert 16_000 < tagged <= 32_000  # the lower half meets the ground, 500 rays a channel
    assert answer["range_m"] <= 60.0
    assert answer["same_m"] == pytest.approx(0.0, abs=1e-3)
    assert answer["intensity_off"] < 1e-4
    assert 0.0 <= answer["cosines"][0] <= answer["cosines"][1] <= 1.0 + 1e-6
    assert answer["tags"] == [CAR]
    assert answer["on_car"] > 100
    assert answer["nearest_m"] == pytest.approx(answer["gap_m"], abs=0.05)
    assert answer["compared"] > 50
    assert answer["off_m"] < 0.05


def moving_pictures(client):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        flow = heard(mounted(world, "camera.optical_flow", own, **SMALL), lambda image: image)
        dvs = heard(mounted(world, "camera.dvs", own, **SMALL), lambda events: events)
        ticks(world, 6)
        until(lambda: len(flow) >= 6 and len(dvs) >= 6)
        still = [as_flow(flow[-1]), dvs[-1]]
        own.enable_constant_velocity(forward(own, 8.0))
        ticks(world, 10)
        until(lambda: len(flow) >= 16 and len(dvs) >= 16)
        ahead = as_flow(flow[-1])
        events = dvs[-1]
        low = ahead[64:, :, :]
        return {
            "still": [float(np.abs(still[0]).max()), len(still[1])], "most": float(np.abs(ahead).max()),
            "left": float(low[:, :40, 0].mean()), "right": float(low[:, 120:, 0].mean()),
            "up": float(low[:, :, 1].mean()), "events": len(events),
            "inside": all(0 <= one.x < 160 and 0 <= one.y < 96 for one in events),
            "signs": sorted({bool(one.pol) for one in events}),
        }  # fmt: skip


def as_flow(image):
    return np.frombuffer(image.raw_data, np.float32).reshape(image.height, image.width, 2)


def test_what_moves_in_the_picture_shows_in_flow_and_events(server):
    answer = in_client(server, moving_pictures)
    assert answer["still"][0] < 1e-3
    assert answer["most"] <= 2.0
    assert answer["left"] < -0.005
    assert answer["right"] > 0.005  # the road flows apart
    assert answer["up"] < -0.005  # and downwards
    assert answer["events"] > max(50, 2 * answer["still"][1])
    assert answer["inside"]
    assert answer["signs"] == [False, True]
