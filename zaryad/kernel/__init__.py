"""Words without I/O: money, energy, ids, time, errors. Imports the standard library and msgspec only."""
