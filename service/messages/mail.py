"""Mail about emergencies, in Indonesian: that one waits, where it is and how to open it; never what was written.

A restricted report is only said to wait.
"""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.mail_server import MailServer
from service.messages.payload import Letter
from service.messages.sending import Outcome

TIMEOUT_S: Final = 10.0
WAIT_MINUTES: Final = 15
ZONE: Final = ZoneInfo("Asia/Jakarta")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_WAITING = "Laporan darurat menunggu"
_UNSEEN = f"BELUM ADA YANG MELIHAT: laporan darurat menunggu lebih dari {WAIT_MINUTES} menit"
_OPENING = "Pilah membaca sebuah laporan sebagai keadaan darurat. Pilah bukan layanan darurat; periksalah sekarang."
_RESTRICTED = "Sebuah laporan darurat yang dibatasi menunggu. Hanya yang berwenang yang dapat membukanya di Pilah."
_CLOSING = (
    "Nyatakan sudah melihatnya dengan mengambil laporan itu dari antrean, mencatat kejadian ditangani_darurat, "
    "atau memanggil acknowledge."
)
_WARNING = f" Tanpa itu, surel kedua dikirim setelah {WAIT_MINUTES} menit."


def compose(letter: Letter, sender: str, recipients: Sequence[str], public_url: str, now: datetime) -> EmailMessage:
    """The mail for a message about an emergency."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = f"[Pilah] {_UNSEEN if letter.is_escalated else _WAITING}"
    mail["Date"] = format_datetime(now.astimezone(ZONE))
    # The same on every try, so that a mail that came twice is known to be one.
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_write(letter, public_url), cte="8bit")
    return mail


class Postman:
    """Hands mail to one server."""

    def __init__(
        self, server: MailServer | None, *, timeout_s: float = TIMEOUT_S, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._tls = tls
        self._timeout_s = timeout_s

    async def send(self, mail: EmailMessage, recipients: Sequence[str]) -> Outcome:
        """One try, in a thread."""
        if self._server is None or not recipients:
            return Outcome(fault="no mail server or no recipient is set (PILAH_SMTP_URL, PILAH_EMERGENCY_MAIL)")
        return await asyncio.to_thread(self._hand_in, self._server, mail, list(recipients))

    def _hand_in(self, server: MailServer, mail: EmailMessage, recipients: list[str]) -> Outcome:
        try:
            with self._connect(server) as connection:
                refused = connection.send_message(mail, to_addrs=recipients)
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            return Outcome(codes[0], "every recipient was refused")
        except smtplib.SMTPResponseException as error:
            return Outcome(error.smtp_code, f"{type(error).__name__}: status {error.smtp_code}")
        except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
            return Outcome(fault=f"no mail was handed in: {type(error).__name__}")
        # Those who got it must not get it again.
        return Outcome(250, note=f"{len(refused)} of {len(recipients)} recipients were refused" if refused else None)

    def _connect(self, server: MailServer) -> smtplib.SMTP:
        name = socket.gethostname() or "pilah"
        tls = self._tls or ssl.create_default_context()
        if server.is_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=name, timeout=self._timeout_s, context=tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=self._timeout_s)
        try:
            self._greet(connection, server, tls)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP, server: MailServer, tls: ssl.SSLContext) -> None:
        connection.ehlo()
        is_safe = server.is_tls
        if not is_safe and connection.has_extn("starttls"):
            connection.starttls(context=tls)
            connection.ehlo()
            is_safe = True
        if server.user is not None:
            if not is_safe and server.host not in _LOOPBACK:
                raise smtplib.SMTPNotSupportedError("a password is not sent in the open")
            connection.login(server.user, server.password)


def _write(letter: Letter, public_url: str) -> str:
    if letter.report["restriction"] is not None:
        return f"{_RESTRICTED}\n\n{public_url}\n"
    received_at = letter.report["received_at"]
    lines = [_OPENING, ""]
    if isinstance(received_at, datetime):
        lines.append(f"Diterima: {received_at.astimezone(ZONE):%d-%m-%Y %H.%M} WIB")
    lines += [
        f"{word}: {letter.report[name]}"
        for word, name in (("Instansi", "agency"), ("Topik", "topic"), ("Nomor laporan", "id"))
        if letter.report[name] is not None
    ]
    lines.append(f"Alamat: {public_url}/v1/feedback/{letter.report['id']}")
    if letter.report["source_url"] is not None:
        lines.append(f"Di aplikasi: {letter.report['source_url']}")
    return "\n".join([*lines, "", _CLOSING + ("" if letter.is_escalated else _WARNING), ""])
