"""OCPP 2.1 messages, as a difference to 2.0.1: a block here has what is new or other; the rest is `same`."""

# ruff: noqa: F403  # a front of three hundred names, which the blocks keep

from zaryad.ocpp.v2.wire21.authorization import *
from zaryad.ocpp.v2.wire21.battery import *
from zaryad.ocpp.v2.wire21.bidirectional import *
from zaryad.ocpp.v2.wire21.certificates import *
from zaryad.ocpp.v2.wire21.cost import *
from zaryad.ocpp.v2.wire21.der import *
from zaryad.ocpp.v2.wire21.diagnostics import *
from zaryad.ocpp.v2.wire21.display import *
from zaryad.ocpp.v2.wire21.firmware import *
from zaryad.ocpp.v2.wire21.meter import *
from zaryad.ocpp.v2.wire21.monitoring import *
from zaryad.ocpp.v2.wire21.needs import *
from zaryad.ocpp.v2.wire21.parts import *
from zaryad.ocpp.v2.wire21.payment import *
from zaryad.ocpp.v2.wire21.prices import *
from zaryad.ocpp.v2.wire21.profiles import *
from zaryad.ocpp.v2.wire21.provisioning import *
from zaryad.ocpp.v2.wire21.remote import *
from zaryad.ocpp.v2.wire21.reservation import *
from zaryad.ocpp.v2.wire21.same import *
from zaryad.ocpp.v2.wire21.security import *
from zaryad.ocpp.v2.wire21.smart_charging import *
from zaryad.ocpp.v2.wire21.streams import *
from zaryad.ocpp.v2.wire21.tables import *
from zaryad.ocpp.v2.wire21.transactions import *
