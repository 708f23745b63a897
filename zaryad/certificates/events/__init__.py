"""What stations tell about their security: kept, listed, and shown to a person where it matters."""

from zaryad.certificates.events.note import note_event, tidy_events

__all__ = ["note_event", "tidy_events"]
