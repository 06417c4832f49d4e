"""The twin behind CARLA 0.9.16's wire protocol: sockets, the table of calls, streams, and the serving process.

May import the episode and the CARLA sensors; nobody in `sim` imports it. Beside `carla_client` it is the
only room of `sim` that may use sockets and asyncio; it gets its wall time as a `Pace`.
"""
