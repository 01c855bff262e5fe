"""A message as a submit_sm to another SMSC (3.4 clause 4.4.1).

- The road has decided when and whether: it goes at once, in the other SMSC's default mode, and
  is valid for as long as it still is here. Up to 30 days that is a relative time, so that the two
  clocks need not agree.
- A receipt of its end is asked for, whatever the sender asked of us: we have to know it. But none
  of a datagram's or transaction's, which is forgotten here when it is taken.
  Acknowledgements by the recipient (3.4 clause 5.2.17) are asked for if the sender did.
- Where it has been goes along in a TLV of ours, `smsc.smpp.tlv.TRAIL`.
"""

from typing import Final

from smsc.delivery.transient import transient
from smsc.message import Message
from smsc.smpp import times
from smsc.smpp.commands import ACKNOWLEDGEMENT_MASK, ESM_MODE_MASK, RECEIPT_ALWAYS
from smsc.smpp.pdu import SubmitSm
from smsc.smpp.tlv import TRAIL, Tag, Tlv

LONGEST_SHORT_MESSAGE: Final = 254
"""Octets of a short_message; longer ones are a message_payload (3.4 clause 5.2.22)."""
HIGHEST_PRIORITY: Final = 3
"""Of 3.4 (clause 5.2.14)."""

_ESM_KEPT: Final = 0xFF & ~ESM_MODE_MASK
_DAY: Final = 24 * 3600
_LONGEST_RELATIVE: Final = 30 * _DAY


def submit_sm(message: Message, sequence_number: int, now: int) -> SubmitSm:
    """Write a message as a submit_sm that leaves at `now`, in milliseconds since the epoch."""
    source, dest, payload = message.source, message.dest, message.payload
    tlvs: tuple[Tlv, ...] = ()
    if len(payload) > LONGEST_SHORT_MESSAGE:
        tlvs, payload = (Tlv(Tag.message_payload, payload),), b""
    if message.trail:
        tlvs += (Tlv(TRAIL, message.trail.encode("ascii", "replace")),)
    return SubmitSm(
        sequence_number,
        message.service_type,
        source.ton,
        source.npi,
        source.digits,
        dest.ton,
        dest.npi,
        dest.digits,
        message.esm_class & _ESM_KEPT,
        message.protocol_id,
        min(message.priority, HIGHEST_PRIORITY),
        "",
        validity_period(message.expires_at, now),
        _receipt(message) | message.registered_delivery & ACKNOWLEDGEMENT_MASK,
        0,
        message.data_coding,
        0,
        payload,
        tlvs,
    )


def _receipt(message: Message) -> int:
    return 0 if transient(message.esm_class) else RECEIPT_ALWAYS


def validity_period(expires_at: int, now: int) -> str:
    """Write how long a message is still worth anything (3.4 clause 7.1.1)."""
    seconds = max(1, (expires_at - now) // 1000)
    if seconds > _LONGEST_RELATIVE:
        return times.format_absolute(expires_at)
    days, seconds = divmod(seconds, _DAY)
    hours, seconds = divmod(seconds, 3600)
    return f"0000{days:02d}{hours:02d}{seconds // 60:02d}{seconds % 60:02d}000R"
