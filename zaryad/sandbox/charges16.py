"""Transactions of a 1.6 station: what is told of them, in which order, and how often until it is heard.

StartTransaction, the readings of a transaction and StopTransaction form one queue (OCPP 1.6, 4.6 and 4.8):
kept through power cuts, sent in order, each until answered. Their content never changes, only the message id
and the transaction's id, which the central system gives in its answer to the start.
"""

from __future__ import annotations

import datetime as dt
import random

import msgspec

from zaryad.sandbox import limits, reserve
from zaryad.sandbox.configuration16 import Configuration
from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.model import KnownToken, Message, StationMemory, StationModel, Transaction
from zaryad.sandbox.outlet import Outlet, Permission
from zaryad.sandbox.samples import sampled
from zaryad.sandbox.timekeeping import parse, read, stamp

NEVER_HEARD = -1  # OCPP-J errata 3.18: the id of a transaction whose start got no answer


class Charges:
    """The transactions of one station and the messages that tell of them."""

    def __init__(
        self, model: StationModel, memory: StationMemory, configuration: Configuration, chance: random.Random
    ) -> None:
        self._model = model
        self._memory = memory
        self._configuration = configuration
        self._chance = chance

    def at(self, outlet: Outlet) -> Transaction | None:
        """Return the transaction running on the outlet."""
        number = outlet.memory.transaction
        return None if number is None else self._memory.transactions[number]

    def with_id(self, id: int) -> Transaction | None:
        """Return the running transaction that the central system knows by this id."""
        return next((t for t in self._memory.transactions.values() if t.id == id and not t.ended), None)

    def begin(self, outlet: Outlet, permission: Permission, now: dt.datetime) -> Transaction:
        """Energy may flow: note the register and queue StartTransaction."""
        began = read(self._memory, now)
        transaction = Transaction(
            number=self._memory.next_transaction,
            connector=outlet.model.number,
            token=permission.token,
            group=permission.group,
            began_at=began,
            meter_start_wh=outlet.register_wh,
            next_sample=self._next_sample(now),
        )
        self._memory.next_transaction += 1
        self._memory.transactions[transaction.number] = transaction
        outlet.memory.transaction = transaction.number
        body: dict[str, object] = {
            "connectorId": outlet.model.number,
            "idTag": permission.token,
            "meterStart": transaction.meter_start_wh,
            "timestamp": stamp(began),
        }
        for it in list(self._memory.reservations.values()):
            if it.connector in (0, outlet.model.number) and reserve.may_use(it, permission.token, permission.group):
                del self._memory.reservations[it.id]
                body["reservationId"] = it.id
                break
        if permission.profile is not None:
            bound = limits.for_transaction(permission.profile, str(transaction.number))
            self._memory.profiles = limits.placed(self._memory.profiles, bound, began)
        self._push(Message(action="StartTransaction", transaction=transaction.number, body=body))
        return transaction

    def sample(
        self, outlet: Outlet, transaction: Transaction, now: dt.datetime, context: str = "Sample.Periodic"
    ) -> None:
        """Queue MeterValues of this moment."""
        transaction.next_sample = self._next_sample(now)
        body: dict[str, object] = {
            "connectorId": outlet.model.number,
            "meterValue": [self.reading(outlet, now, "MeterValuesSampledData", context)],
        }
        self._push(Message(action="MeterValues", transaction=transaction.number, body=body))

    def reading(self, outlet: Outlet, now: dt.datetime, key: str, context: str) -> dict[str, object]:
        """Return one MeterValue with the measurands that the configuration key names."""
        names = self._configuration.words(key)
        values = sampled(outlet, names, context, self._model.quirks, self._chance)
        return {"timestamp": stamp(read(self._memory, now)), "sampledValue": values}

    def end(self, outlet: Outlet, reason: str, now: dt.datetime, *, token: str | None = None) -> None:
        """Cut the energy, note the register and queue StopTransaction; nothing when nothing runs."""
        transaction = self.at(outlet)
        if transaction is None:
            return
        transaction.ended = True
        outlet.memory.transaction = None
        outlet.memory.spent = outlet.memory.car is not None
        outlet.power_mw = 0
        self._memory.profiles = limits.without_transaction(self._memory.profiles, str(transaction.number))
        body: dict[str, object] = {"idTag": token} if token is not None else {}
        body |= {"meterStop": outlet.register_wh, "timestamp": stamp(read(self._memory, now)), "reason": reason}
        if self._configuration.words("StopTxnSampledData"):
            body["transactionData"] = [self.reading(outlet, now, "StopTxnSampledData", "Transaction.End")]
        self._push(Message(action="StopTransaction", transaction=transaction.number, body=body))
        if outlet.memory.operative_next is not None:
            outlet.memory.operative, outlet.memory.operative_next = outlet.memory.operative_next, None

    def due(self, now: dt.datetime) -> Message | None:
        """Return the message at the head of the queue when it may go out."""
        queue = self._memory.queue
        if queue and (queue[0].not_before is None or queue[0].not_before <= now):
            return queue[0]
        return None

    @property
    def due_at(self) -> dt.datetime | None:
        """When the head of the queue may go out again; None when the queue is empty or it may go at once."""
        return self._memory.queue[0].not_before if self._memory.queue else None

    def body(self, message: Message) -> dict[str, object]:
        """Return the message as it goes out now."""
        if message.action == "StartTransaction":
            return message.body
        transaction = self._memory.transactions[message.transaction]
        id = NEVER_HEARD if transaction.id is None else transaction.id
        return {"transactionId": id, **message.body}

    def told(self, message: Message, reply: Reply, now: dt.datetime) -> Transaction | None:
        """Take the outcome of a message; return the transaction whose token was refused, if it still runs."""
        match reply.outcome:
            case Outcome.ANSWERED:
                self._drop(message)
                return self._heard(message, reply)
            case Outcome.CUT if not self._forgets(message):
                message.not_before = None  # at once when the link is back
            case Outcome.CUT | Outcome.SILENT if self._forgets(message):
                self._give_up(message)
            case _:
                message.attempts += 1
                if message.attempts >= self._configuration.number("TransactionMessageAttempts"):
                    self._memory.given_up += 1
                    self._give_up(message)
                else:
                    wait = message.attempts * self._configuration.number("TransactionMessageRetryInterval")
                    message.not_before = now + dt.timedelta(seconds=wait)
        return None

    def remember(self, token: str, info: object) -> KnownToken:
        """Put an idTagInfo into the cache and return it."""
        fields = info if isinstance(info, dict) else {}
        group = fields.get("parentIdTag")
        known = KnownToken(
            status=str(fields.get("status", "Invalid")),
            expires_at=parse(fields.get("expiryDate")),
            group=group if isinstance(group, str) else None,
        )
        if self._configuration.on("AuthorizationCacheEnabled"):
            self._memory.cache[token.upper()] = known
        return known

    def known(self, token: str, now: dt.datetime) -> KnownToken | None:
        """Return what the local list says of a token, else what the cache says; nothing when both are silent."""
        if self._configuration.on("LocalAuthListEnabled"):
            listed = reserve.listed(self._memory, token, read(self._memory, now))
            if listed is not None:
                return listed
        known = self._memory.cache.get(token.upper())
        if known is None or not self._configuration.on("AuthorizationCacheEnabled"):
            return None
        expired = known.expires_at is not None and known.expires_at <= read(self._memory, now)
        return msgspec.structs.replace(known, status="Expired") if expired else known

    def _heard(self, message: Message, reply: Reply) -> Transaction | None:
        transaction = self._memory.transactions[message.transaction]
        if message.action == "StopTransaction":
            del self._memory.transactions[message.transaction]
            if "idTagInfo" in reply.body:
                self.remember(str(message.body.get("idTag", transaction.token)), reply.body["idTagInfo"])
            return None
        if message.action != "StartTransaction":
            return None
        id = reply.body.get("transactionId")
        transaction.id = id if isinstance(id, int) else NEVER_HEARD
        known = self.remember(transaction.token, reply.body.get("idTagInfo"))
        transaction.group = known.group or transaction.group
        return None if known.status == "Accepted" or transaction.ended else transaction

    def _forgets(self, message: Message) -> bool:
        return self._model.quirks.minus_one_stop and message.action == "StartTransaction"

    def _give_up(self, message: Message) -> None:
        self._drop(message)
        if message.action == "StartTransaction":
            self._memory.transactions[message.transaction].id = NEVER_HEARD
        elif message.action == "StopTransaction":
            del self._memory.transactions[message.transaction]

    def _drop(self, message: Message) -> None:
        self._memory.queue.remove(message)

    def _push(self, message: Message) -> None:
        queue = self._memory.queue
        queue.append(message)
        if len(queue) > self._model.queue_max:  # 1.6, 4.7: readings in between may go, ends never
            readings = [m for m in queue[1:] if m.action == "MeterValues"][::2]
            given_up = {id(m) for m in readings}
            queue[:] = [m for m in queue if id(m) not in given_up]

    def _next_sample(self, now: dt.datetime) -> dt.datetime | None:
        """Return when to measure next: as often per kilowatt-hour as configured, but no more than once a second."""
        interval = self._configuration.number("MeterValueSampleInterval")
        return now + dt.timedelta(seconds=max(1, interval // self._memory.speed)) if interval else None
