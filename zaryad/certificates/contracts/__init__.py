"""Plug & Charge: whom we trust, what responders say, whether a contract is good, where contracts come from."""
