"""OCPP 2.0.1 messages exactly as they are on the wire, by functional block. Shapes only, under the standard's names.

Meaning is in facts and orders. What a station sends is read as these shapes when it can be, and repaired towards them
(`zaryad.ocpp.repair`) when it cannot: a repaired message may hold texts that are longer, or words that are other, than
its annotations say.
"""

# ruff: noqa: F403  # a front of three hundred names, which the blocks keep

from zaryad.ocpp.v2.wire.authorization import *
from zaryad.ocpp.v2.wire.availability import *
from zaryad.ocpp.v2.wire.base import *
from zaryad.ocpp.v2.wire.certificates import *
from zaryad.ocpp.v2.wire.cost import *
from zaryad.ocpp.v2.wire.data import *
from zaryad.ocpp.v2.wire.diagnostics import *
from zaryad.ocpp.v2.wire.display import *
from zaryad.ocpp.v2.wire.firmware import *
from zaryad.ocpp.v2.wire.meter import *
from zaryad.ocpp.v2.wire.monitoring import *
from zaryad.ocpp.v2.wire.needs import *
from zaryad.ocpp.v2.wire.parts import *
from zaryad.ocpp.v2.wire.profiles import *
from zaryad.ocpp.v2.wire.provisioning import *
from zaryad.ocpp.v2.wire.remote import *
from zaryad.ocpp.v2.wire.reservation import *
from zaryad.ocpp.v2.wire.security import *
from zaryad.ocpp.v2.wire.smart_charging import *
from zaryad.ocpp.v2.wire.tables import *
from zaryad.ocpp.v2.wire.transactions import *
