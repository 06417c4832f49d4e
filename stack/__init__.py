"""The system under test: from sensor messages to brake requests and warnings.

This room turns what sensors deliver into tracks, hazards, decisions and commands. It imports no
other room, so it can be lifted out and run in a vehicle unchanged; whoever feeds it speaks the
words of `stack.vocabulary`. It never sees the truth, never reads a clock, never draws chance.
"""
