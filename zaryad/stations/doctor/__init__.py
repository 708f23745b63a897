"""The connection doctor: what came of a station's tries to connect, and what to do about it, in plain words."""
