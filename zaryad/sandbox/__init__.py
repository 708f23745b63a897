"""Virtual stations and drivers: the demo network, swarms for load, and the twins of outside systems."""
