"""Messages to people. Import from here; what is inside is the module's own affair."""

from zaryad.notify.phones import masked

__all__ = ["masked"]
