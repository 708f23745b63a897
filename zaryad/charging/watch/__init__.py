"""Looking after sessions that nobody reports on any more, and the facts that must always hold."""
