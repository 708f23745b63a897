"""How a station that nobody knows becomes one of ours: the inbox, registration tokens, CSV, or at its first knock."""
