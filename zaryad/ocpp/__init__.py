"""OCPP, spoken: frames in, facts out; orders in, frames out. Imported by `app` and `sandbox` only."""
