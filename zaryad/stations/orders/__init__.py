"""Orders that staff give stations: checked, written down, followed to their end."""
