"""How a station proves itself, and how that is changed without losing it: passwords, security profiles."""
