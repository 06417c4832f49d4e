"""A car under CARLA's Traffic Manager drives its lane past cones at its side, towards a parked truck in the other lane."""

param map = localPath('../../../scenarios/maps/urban.xodr')
param carla_map = 'urban'
param map_options = {'useCache': False, 'writeCache': False}
param render = 0
param weather = 'WetCloudySunset'
model scenic.simulators.carla.model

road = Uniform(*[road for road in network.roads if all(len(lane.maneuvers) > 0 for lane in road.lanes)])
lane = road.lanes[0]
start = new OrientedPoint following roadDirection from lane.centerline[0] for Range(20, 30)

ego = new Car at start,
    with blueprint 'vehicle.lincoln.mkz_2020',
    with behavior AutopilotBehavior(speed=8, ignore_lights_percentage=100)

first = new OrientedPoint following roadDirection from start for 25
second = new OrientedPoint following roadDirection from start for 29
new Cone right of first by 1.6, with regionContainedIn None
new Cone right of second by 1.6, with regionContainedIn None
parked = new Truck left of second by 3.5,
    facing 180 deg relative to second.heading,
    with blueprint 'vehicle.carlamotors.carlacola',
    with regionContainedIn None

record ego.speed as ego_speed
record (distance from ego to parked) as gap
terminate after 10 seconds
