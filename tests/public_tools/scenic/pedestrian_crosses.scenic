"""A pedestrian walks across the road in front of a car, which brakes for them."""

param map = localPath('../../../scenarios/maps/urban.xodr')
param carla_map = 'urban'
param map_options = {'useCache': False, 'writeCache': False}
param render = 0
param weather = 'CloudyNoon'
model scenic.simulators.carla.model

behavior DriveAndBrakeFor(speed_mps, distance_m):
    try:
        do FollowLaneBehavior(target_speed=speed_mps)
    interrupt when (distance from self to person) < distance_m:
        take SetThrottleAction(0), SetBrakeAction(1)

behavior CrossWhenClose(distance_m, speed_mps):
    while (distance from self to ego) > distance_m:
        wait
    while True:
        take SetWalkingDirectionAction(self.heading), SetWalkingSpeedAction(speed_mps)

lane = Uniform(*[lane for road in network.roads for lane in road.lanes if len(lane.maneuvers) > 0])
start = new OrientedPoint following roadDirection from lane.centerline[0] for Range(25, 35)
spot = new OrientedPoint following roadDirection from start for 45

ego = new Car at start,
    with blueprint 'vehicle.tesla.model3',
    with behavior DriveAndBrakeFor(8, 15)
person = new Pedestrian right of spot by Range(3, 3.5),
    facing 90 deg relative to spot.heading,
    with regionContainedIn None,
    with behavior CrossWhenClose(30, 1.4)

record (distance from ego to person) as gap
record ego.speed as ego_speed
record person.speed as walking_speed
terminate after 14 seconds
