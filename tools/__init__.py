"""Programs for developers; nothing the platform runs."""
