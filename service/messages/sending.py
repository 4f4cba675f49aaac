"""Sends one signed message to one webhook (Standard Webhooks) and says what came of it; knows no store.

No redirect is followed, no cookie kept, no proxy asked, and nothing of the answer is read but its head.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

import httpx
from standardwebhooks import Webhook as Signer

from service.hosts import HostList
from service.messages.addresses import AddressRefusedError, Resolve, pin, resolve_name

TIMEOUT_S = 10.0
GONE = 410
_ASKS_TO_WAIT = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try.

    ``fault`` is None when the message arrived; ``wait_s`` is what the receiver asked for; ``note`` is worth keeping of
    what arrived.
    """

    status: int | None = None
    fault: str | None = None
    wait_s: float = 0.0
    note: str | None = None


def sign(message_id: str, body: str, signers: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of a message: its id, the time of this try, a signature of each secret that is valid."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(signer).sign(message_id, now.astimezone(UTC), body) for signer in signers),
        "content-type": "application/json",
        "user-agent": "Pilah",
    }


class Sender:
    """Sends to the hosts that may be reached."""

    def __init__(
        self,
        listed: HostList,
        *,
        resolve: Resolve = resolve_name,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listed = listed
        self._resolve = resolve
        self._timeout_s = timeout_s
        self._given_tls = tls

    async def send(self, url: str, headers: dict[str, str], body: str) -> Outcome:
        """One try."""
        try:
            # The limits of httpx hold for each read; this one also for a receiver that drips.
            async with asyncio.timeout(self._timeout_s):
                return await self._try_addresses(url, headers, body.encode())
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(fault=f"no answer within {self._timeout_s:g} s")
        except AddressRefusedError as error:
            return Outcome(fault=f"refused: the address {error}")
        except (httpx.HTTPError, OSError, ssl.SSLError, ValueError) as error:
            return Outcome(fault=_describe(error))

    async def _try_addresses(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
        pinned = await pin(url, self._listed, self._resolve)
        for address in pinned[:-1]:
            try:
                return await self._post(url, address, headers, body)
            except httpx.ConnectError:
                continue
        return await self._post(url, pinned[-1], headers, body)

    async def _post(self, url: str, pinned: httpx.URL, headers: dict[str, str], body: bytes) -> Outcome:
        named = httpx.URL(url)
        # Its own client for each try: a kept connection or cookie of one receiver must not reach another.
        client = httpx.AsyncClient(
            verify=self._tls if named.scheme == "https" else False,
            trust_env=False,
            follow_redirects=False,
            timeout=self._timeout_s,
        )
        async with client:
            request = client.build_request(
                "POST",
                pinned,
                headers={**headers, "host": named.netloc.decode("ascii")},
                content=body,
                extensions={"sni_hostname": named.raw_host.decode("ascii")},
            )
            answer = await client.send(request, stream=True)
            try:
                return _judge(answer)
            finally:
                await answer.aclose()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        if self._given_tls is not None:
            return self._given_tls
        context = httpx.create_ssl_context(trust_env=False)
        # A city may have an authority of its own, known to the system.
        context.load_default_certs()
        return context


def _judge(answer: httpx.Response) -> Outcome:
    status = answer.status_code
    if answer.is_success:
        return Outcome(status)
    if answer.has_redirect_location:
        return Outcome(status, "a redirect, which is not followed; give the webhook its final address")
    wait_s = _read_wait(answer.headers.get("retry-after", "")) if status in _ASKS_TO_WAIT else 0.0
    return Outcome(status, f"status {status}", wait_s)


def _read_wait(value: str) -> float:
    """Seconds of a ``Retry-After``: a number or a date (RFC 9110); 0 for what is neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _describe(error: Exception) -> str:
    """Its kind alone: a message may hold the address, which may hold a token."""
    cause = error.__cause__ or error.__context__
    inner = f" ({type(cause).__name__})" if cause is not None else ""
    return f"no connection: {type(error).__name__}{inner}"
