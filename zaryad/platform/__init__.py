"""Mechanisms without business: database, jobs, bus, outbound HTTP, the HTTP edge, logs, metrics, processes."""
