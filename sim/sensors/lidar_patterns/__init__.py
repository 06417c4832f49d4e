"""Pattern files of spinning lidars: beams, rate, ranges and errors. `sim.sensors.lidar_pattern` reads them."""
