"""The blueprint library: CARLA's ids and attributes, each with a body and the physics of its class, as data.

May import the truth's kinds, the layout's vehicle model, and the twin's vehicle files and usual hulls. It
never spawns anything. `blueprint` has the types, `library` the rows, `descriptions` what goes over the
wire, `classes` which blueprint stands for an actor of a scenario.
"""
