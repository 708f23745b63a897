"""What the driver's pages share: their templates, and what may be started where."""

from __future__ import annotations

from pathlib import Path

import msgspec

from zaryad import stations
from zaryad.stations import Shown
from zaryad.ui.i18n import t
from zaryad.ui.render import Frame, Templates

templates = Templates(Path(__file__).parents[1] / "templates")

STARTABLE = (Shown.AVAILABLE, Shown.PREPARING, Shown.FINISHING)


def why_not(language: str, connector: stations.Connector) -> str | None:
    """Return why nothing can be started here now; None when it can."""
    state = stations.shown(connector)
    return None if state in STARTABLE else t(language, f"driver.why_not.{state.value}")


def back_at(frame: Frame, path: str) -> Frame:
    """Return the frame of a form shown again: its own address takes no GET, so links come back to the page's."""
    return msgspec.structs.replace(frame, path=path)
