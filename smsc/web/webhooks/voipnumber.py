"""The shape of VoIP Number: received SMS and MMS are posted, with the headers of its proxy.

An MMS is told from an SMS by what announces it: a WAP push to port 2948 whose content is that of
MMS (WAP-209 7.1, WAP-230 8.2.1). Its body is where the MMS can be fetched, if that is said.
Receipts aren't told.
"""

import re
from typing import Final

from smsc.message import Address
from smsc.web.data_record import mdr_id
from smsc.web.webhooks.event import Call, Content, Event, content, json, second, text_or_hex
from smsc.web.webhooks.signing import standard_headers
from smsc_encodings.elements import Ports16
from smsc_routing.number import is_number, is_short_code

PUSH_PORT: Final = 2948

_DATE: Final = "%d %b %Y %H:%M:%S"
_PUSH: Final = 0x06
_MMS: Final = b"application/vnd.wap.mms-message"
_MMS_CODE: Final = 0xBE
"""The same as a well-known content type (WAP-230, table 40)."""
_LONGEST_CONTENT_TYPE: Final = 48
_CONTENT_LOCATION: Final = re.compile(rb"\x83([!-~]{1,512})\x00")


def call(event: Event, now_s: int) -> Call | None:
    """Return the call that tells of a message."""
    message = event.message
    if message.receipt is not None:
        return None
    found = content(message)
    mms = announces_mms(found)
    body = json(
        {
            "status": "received",
            "from": plus(message.source),
            "to": plus(message.dest),
            "type": "mms" if mms else "sms",
            "body": location(found) if mms else text_or_hex(found),
            "mdr_timestamp_s": message.accepted_at // 1000,
            "mdr_created": second(message.accepted_at, _DATE),
            "mdr_id": str(mdr_id(message.id)),
        }
    )
    headers = standard_headers(event.key, now_s, body, event.hook.secrets)
    headers["X-Forwarded-Port"] = "443"
    headers["X-Forwarded-Proto"] = "https"
    return Call("POST", headers, body)


def plus(address: Address) -> str:
    """Write an address in E.164, with a plus; short codes and names stay as they are."""
    digits = address.digits
    if not is_number(digits) or is_short_code(digits):
        return digits
    return f"+{digits}"


def announces_mms(found: Content) -> bool:
    """Whether user data announces an MMS."""
    ports = found.header.ports
    if not isinstance(ports, Ports16) or ports.destination != PUSH_PORT:
        return False
    octets = found.body
    if len(octets) < 4 or octets[1] != _PUSH:
        return False
    return _is_mms(octets[2 + _length_of_uintvar(octets, 2) :])


def _length_of_uintvar(octets: bytes, at: int) -> int:
    """Return how many octets a number takes that goes on while bit 7 is set (WAP-230, 8.1.2)."""
    end = at
    while end < len(octets) - 1 and octets[end] & 0x80:
        end += 1
    return end + 1 - at


def _is_mms(headers: bytes) -> bool:
    """Whether the content type, which is the first header, is that of MMS.

    It is a code, or text, or either behind its length and followed by parameters.
    """
    if headers[:1] and headers[0] < 32:
        headers = headers[1 + (headers[0] == 31) :]
    head = headers[:_LONGEST_CONTENT_TYPE]
    return head[:1] == bytes((_MMS_CODE,)) or head.startswith(_MMS)


def location(found: Content) -> str:
    """Return where the MMS that user data announces can be fetched, "" if that isn't said."""
    match = _CONTENT_LOCATION.search(found.body)
    return match[1].decode("ascii") if match is not None else ""
