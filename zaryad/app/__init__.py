"""Composition: the only place that knows everyone."""
