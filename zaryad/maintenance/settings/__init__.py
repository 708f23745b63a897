"""A station's settings, of any version, as one configuration: what it reports, what we want, and the difference."""
