"""OCPP 1.6J: its shapes, what they mean to us, how our orders are said."""
