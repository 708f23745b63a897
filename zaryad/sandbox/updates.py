"""A firmware update, from the order to the boot with the new version (1.6, 4.5 and 6.19; 2.x, block L).

The steps are in the memory: a power cut begins the step again. The words are 2.x's; a speaker leaves out what its
version has none for.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from zaryad.sandbox import keys
from zaryad.sandbox.errands import CONTENT_MAX, Done, Fetch
from zaryad.sandbox.kept import Update

if TYPE_CHECKING:
    from zaryad.sandbox.body import Body

VERSION = re.compile(rb"version\s*[:=]\s*([\w.+-]{1,50})", re.IGNORECASE)
NAMED = re.compile(r"(\d+\.\d+[\w.-]*?)(?:\.(?:bin|img|fw|zip|tar|gz|sig))*$", re.IGNORECASE)


class Updates:
    """The update of one station: at most one is on its way."""

    def __init__(self, station: Body) -> None:
        self._station = station
        self._content = b""
        self._broke = False

    @property
    def due_at(self) -> dt.datetime | None:
        """When the next step is due."""
        update = self._station.memory.update
        return None if update is None else update.next_at

    def order(self, update: Update, now: dt.datetime) -> str:
        """Take an order: Accepted, AcceptedCanceled (instead of the one before), Rejected, InvalidCertificate."""
        before = self._station.memory.update
        if before is not None and before.step in ("installing", "rebooting"):
            return "Rejected"
        if update.certificate is not None and not keys.trusts(self._station.memory, update.certificate, now):
            self._station.security_event("InvalidFirmwareSigningCertificate", "", now)
            return "InvalidCertificate"
        self._station.memory.update, self._content, self._broke = update, b"", False
        update.next_at = max(update.retrieve_at, now)
        return "Accepted" if before is None else "AcceptedCanceled"

    def begun(self, now: dt.datetime) -> None:
        """The order's answer is out."""
        update = self._station.memory.update
        if update is not None and update.next_at is not None and update.next_at > now:
            self._tell("DownloadScheduled")

    def status(self) -> tuple[str, Update | None]:
        """Return what a trigger gets."""
        update = self._station.memory.update
        words = {"downloading": "Downloading", "downloaded": "Downloaded", "installing": "Installing"}
        return ("Idle", None) if update is None else (words.get(update.step, "DownloadScheduled"), update)

    def tick(self, now: dt.datetime) -> None:
        """Take the next step when it is due."""
        update = self._station.memory.update
        if update is None or update.next_at is None or now < update.next_at:
            return
        match update.step:
            case "waiting":
                self._download(update)
            case "downloaded":
                self._install(update, now)
            case "installing":
                self._installed(update, now)

    def came_up(self, now: dt.datetime) -> None:
        """After a boot: the new version runs, or the step that was cut begins again."""
        update = self._station.memory.update
        if update is None:
            return
        if update.step == "rebooting":
            self._tell("Installed")
            self._station.security_event("FirmwareUpdated", self._station.memory.firmware or "", now)
            self._station.memory.update = None
        else:
            update.step, update.next_at = "waiting", max(now, update.retrieve_at)

    def _download(self, update: Update) -> None:
        update.step, update.next_at = "downloading", None
        if not self._content:
            self._tell("Downloading")
        self._station.errand(lambda number: Fetch(number, update.url, len(self._content)), self._fetched)

    def _fetched(self, done: Done, now: dt.datetime) -> None:
        update, behaviour = self._station.memory.update, self._station.memory.behaviour
        if update is None or update.step != "downloading":
            return
        self._content += done.content[: CONTENT_MAX - len(self._content)]
        ok = done.ok and behaviour.download != "fails"
        if ok and behaviour.download == "breaks_once" and not self._broke:
            self._broke, ok = True, False
            self._content = self._content[: len(self._content) // 2]
        if not ok:
            self._again_or_never(update, now)
            return
        self._tell("Downloaded")
        if update.signature is not None and not self._signature_holds(update):
            self._tell("InvalidSignature")
            self._station.security_event("InvalidFirmwareSignature", "", now)
            self._station.memory.update = None
            return
        if update.signature is not None:
            self._tell("SignatureVerified")
        update.version = self._version(update)
        update.step, update.next_at = "downloaded", max(now, update.install_at or now)
        if update.next_at > now:
            self._tell("InstallScheduled")

    def _again_or_never(self, update: Update, now: dt.datetime) -> None:
        if update.retries > 0:
            update.retries -= 1
            update.step, update.next_at = "waiting", now + dt.timedelta(seconds=update.retry_s)
        else:
            self._tell("DownloadFailed")
            self._station.memory.update = None

    def _install(self, update: Update, now: dt.datetime) -> None:
        if self._station.charging:  # L01: not while somebody charges
            update.next_at = now + dt.timedelta(seconds=self._station.model.step_s)
            return
        self._tell("Installing")
        update.step = "installing"
        update.next_at = now + dt.timedelta(seconds=self._station.memory.behaviour.step_s)

    def _installed(self, update: Update, now: dt.datetime) -> None:
        behaviour = self._station.memory.behaviour
        if behaviour.install != "works" or not self._content:
            word = "InstallVerificationFailed" if behaviour.install == "verification_fails" else "InstallationFailed"
            self._tell(word)
            self._station.memory.update = None
            return
        self._tell("InstallRebooting")
        update.step, update.next_at = "rebooting", None
        self._station.memory.firmware = update.version
        self._station.restart("FirmwareUpdate", now)

    def _signature_holds(self, update: Update) -> bool:
        if self._station.memory.behaviour.signature == "refused" or update.certificate is None:
            return False
        return keys.verifies(update.certificate, update.signature or "", self._content)

    def _version(self, update: Update) -> str:
        """Return the version that the file says of itself, or its name, or that it is one later than ours."""
        told = VERSION.search(self._content[:4_096])
        if told is not None:
            return told[1].decode("ascii", "replace")
        named = NAMED.search(update.url.partition("?")[0].rpartition("/")[2])
        return named[1][:50] if named is not None else f"{self._station.firmware[:48]}+"

    def _tell(self, status: str) -> None:
        update = self._station.memory.update
        assert update is not None
        self._station.tell_update(status, update)
