"""OCPP 2.0.1 and 2.1: `wire` and `wire21` are what is said, `facts` and `orders` what it means."""
