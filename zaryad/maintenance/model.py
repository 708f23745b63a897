"""Section `[maintenance]` of the configuration: a part for each thing that is kept in order."""

from __future__ import annotations

import msgspec

from zaryad.maintenance.files.model import Settings as Files
from zaryad.maintenance.firmware.model import Settings as Firmware
from zaryad.maintenance.settings.model import Settings as Configurations
from zaryad.maintenance.watch.model import Settings as Watch


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How stations are kept in order."""

    settings: Configurations = Configurations()
    watch: Watch = Watch()
    files: Files = Files()
    firmware: Firmware = Firmware()
