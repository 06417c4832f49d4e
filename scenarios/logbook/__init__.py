"""A run written down while it goes, and what is made of it afterwards.

`writing` is an observer that writes one MCAP file per run: for people, in the schemas that Foxglove
draws (pictures with boxes, point clouds, the road and who is on it, decisions in words, signals to
plot); for machines, every message with every bit (`values`). `reading` reads such a file back, also one
that was cut short. `replay` feeds its deliveries to a stack in open loop and says which outputs differ.
`trace` draws a run's timing for the Perfetto viewer. This folder imports `scenarios.assembly` and the
simulator's plain values; nothing below the command line imports it.
"""
