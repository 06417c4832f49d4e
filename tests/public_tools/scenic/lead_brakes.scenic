"""A car follows another along a lane of the urban map; the car in front brakes to a standstill."""

param map = localPath('../../../scenarios/maps/urban.xodr')
param carla_map = 'urban'
param map_options = {'useCache': False, 'writeCache': False}
param render = 0
param weather = 'ClearNoon'
model scenic.simulators.carla.model

BLUEPRINT = 'vehicle.tesla.model3'

behavior Follow(speed_mps, gap_m):
    try:
        do FollowLaneBehavior(target_speed=speed_mps)
    interrupt when (distance from self to lead) < gap_m:
        take SetThrottleAction(0), SetBrakeAction(1)

behavior DriveThenBrake(speed_mps, after_s):
    do FollowLaneBehavior(target_speed=speed_mps) for after_s seconds
    while True:
        take SetThrottleAction(0), SetBrakeAction(1)

lane = Uniform(*[lane for road in network.roads for lane in road.lanes if len(lane.maneuvers) > 0])
start = new OrientedPoint following roadDirection from lane.centerline[0] for Range(25, 35)

ego = new Car at start, with blueprint BLUEPRINT, with behavior Follow(8, 16)
lead = new Car following roadDirection from ego for Range(20, 24),
    with blueprint BLUEPRINT,
    with behavior DriveThenBrake(7, 4)

record (distance from ego to lead) as gap
record ego.speed as ego_speed
record lead.speed as lead_speed
terminate after 14 seconds
