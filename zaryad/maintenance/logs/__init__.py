"""Logs and diagnostics that stations send when they are asked."""
