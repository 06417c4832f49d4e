"""Every stage of the reference stack by itself, on readings made by hand."""
