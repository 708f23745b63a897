"""What stations tell of themselves unasked: events, monitors, displays, and notices that are kept as they were said."""
