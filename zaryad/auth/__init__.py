"""Who may do what, and how people prove who they are. Import from here; what is inside is the module's own affair."""

from zaryad.auth.roles import PUBLIC, RULE, SIGNED_IN, Caller, Role, check, needs

__all__ = ["PUBLIC", "RULE", "SIGNED_IN", "Caller", "Role", "check", "needs"]
