"""OCPP 1.6J messages, with the security extension, exactly as they are on the wire.

Shapes only: meaning is in `facts` and `orders`.
What we send is these shapes and nothing else. What a station sends is read as these shapes when it can be,
and repaired towards them (`zaryad.ocpp.repair`) when it cannot: a repaired message may hold texts that are
longer, or words that are other, than its annotations say.
"""

# ruff: noqa: F403  # a front of some hundred names, which the files keep

from zaryad.ocpp.v16.wire.base import *
from zaryad.ocpp.v16.wire.core import *
from zaryad.ocpp.v16.wire.firmware import *
from zaryad.ocpp.v16.wire.lists import *
from zaryad.ocpp.v16.wire.profiles import *
from zaryad.ocpp.v16.wire.security import *
from zaryad.ocpp.v16.wire.tables import *
from zaryad.ocpp.v16.wire.triggers import *
