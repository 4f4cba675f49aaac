"""Takes messages to their targets beside the requests, several at once; a target that stalls holds up no other."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from service.context import Context
from service.errors import StoreUnavailableError
from service.logs import describe_fault
from service.messages.leasing import MAX_AT_ONCE, Demand, Parcel, Result, is_due, lease, plan_next, settle
from service.messages.mail import Postman, compose
from service.messages.sending import Outcome, Sender, sign
from service.messages.states import DEAD, MAIL

# At a stop, tries that are nearly through may end.
GRACE_S: Final = 2.0


class Deliverer:
    """Tries what is due, with a sender for webhooks and a postman for mail."""

    def __init__(self, context: Context, sender: Sender, postman: Postman) -> None:
        self._context = context
        self._log = context.log
        self._sender = sender
        self._postman = postman
        self._running: dict[asyncio.Task[None], str] = {}

    async def run(self) -> bool:
        """Begin the tries that are due, without waiting for them; whether there were any."""
        if self._context.is_demo:
            # What an older release addressed stays where it is.
            return False
        now = datetime.now(UTC)
        n_free = MAX_AT_ONCE - len(self._running)
        if n_free <= 0 or not await self._context.reader.read(lambda connection: is_due(connection, now)):
            return False
        demand = Demand(now, n_free, Counter(self._running.values()))
        parcels = await self._context.writer.write(lease, demand)
        for parcel in parcels:
            task = asyncio.create_task(self._deliver(parcel))
            self._running[task] = parcel.target
            task.add_done_callback(self._running.pop)
        return bool(parcels)

    async def wait(self) -> None:
        """Wait for the tries that run."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Let the tries that run end soon, then give them up; their leases end by themselves."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, parcel: Parcel) -> None:
        context = self._context
        try:
            outcome = await self._try(parcel)
        except Exception as error:  # noqa: BLE001  # whatever one message meets, it is a try that failed
            self._log.error("delivery failed", fault=describe_fault(error))
            outcome = Outcome(fault=f"a defect of Pilah: {type(error).__name__}")
        now = datetime.now(UTC)
        result = Result(parcel, outcome, now, plan_next(parcel.n_tries, outcome, now))
        try:
            state = await context.writer.write(settle, result)
        except StoreUnavailableError as error:
            # It is tried again, under the same id, when the lease has ended.
            self._log.error("delivery not recorded", fault=describe_fault(error))
            return
        if state == DEAD:
            self._log.error("delivery dead", target=parcel.target, status=outcome.status, fault=outcome.fault)
        context.metrics.count_delivery("mail" if parcel.target == MAIL else "webhook", state)

    async def _try(self, parcel: Parcel) -> Outcome:
        settings = self._context.settings
        if parcel.webhook is None:
            is_second = parcel.letter.is_escalated
            recipients = settings.escalation_recipients if is_second else settings.emergency_recipients
            mail = compose(parcel.letter, settings.mail_from, recipients, settings.base_url, datetime.now(UTC))
            return await self._postman.send(mail, recipients)
        now = datetime.now(UTC)
        body = json.dumps(parcel.letter.to_json(settings.base_url), ensure_ascii=False, separators=(",", ":"))
        headers = sign(parcel.letter.id, body, parcel.webhook.signers(self._context.secret, now), now)
        return await self._sender.send(parcel.webhook.url, headers, body)
