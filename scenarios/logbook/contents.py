"""What stands where in a recording: channels, metadata records and the schema number.

Channels of the form `faultline/...` hold values as in `scenarios.logbook.values`, in the order in which
the run told them; their log time is the virtual instant of the telling. Every other channel is drawn
from the same values for people and viewers. Metadata values are JSON texts.
"""

SCHEMA = 1
SUFFIX, UNFINISHED = ".mcap", ".part"
PACKED = "msgpack"

# Channels of values.
SCENE = "faultline/scene"  # once: roster and conditions
TRUTH = "faultline/truth"  # instant and state of a grid instant
WORLD_EVENT = "faultline/world_event"
SENSED = "faultline/sensed"  # a message as published, without its payload
DELIVERED = "faultline/delivered"  # a message as it arrived, at the stack or at the vehicle
DELIVERED_RAW = "faultline/delivered_raw"  # the same of pictures, point clouds and positions
PUBLISHED = "faultline/published"  # a message as a stage published it
JOB = "faultline/job"
HOST_EVENT = "faultline/host_event"
VALUES = (SCENE, TRUTH, WORLD_EVENT, SENSED, DELIVERED, DELIVERED_RAW, PUBLISHED, JOB, HOST_EVENT)

# Metadata records.
BEGUN = "faultline.begun"  # schema, run_id, request, key, key_hash, pair_key, fingerprint, code_version
ENDED = "faultline.ended"  # record_hash, ended_at, ending, costs_ns, faults, stack_crashes
