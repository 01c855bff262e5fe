"""SMS TPDUs, what SMSC and phone say to each other: octets to values and back.

3GPP TS 23.040, 9.2.  `decode(octets, "mt")` reads what an SMSC sends (SMS-DELIVER,
SMS-STATUS-REPORT, SMS-SUBMIT-REPORT), `decode(octets, "mo")` what a phone sends
(SMS-SUBMIT, SMS-COMMAND, SMS-DELIVER-REPORT); the first octet alone doesn't tell
which.  `encode` writes either.  Whatever the octets or values are, nothing but
`EncodingError` is raised; it names the field and the offset.
"""

from smsc_encodings.tpdu.cursor import Span
from smsc_encodings.tpdu.pdus import (
    MO,
    MT,
    Command,
    Deliver,
    DeliverReport,
    Direction,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
)
from smsc_encodings.tpdu.reading import decode, spans
from smsc_encodings.tpdu.writing import encode

__all__ = [
    "MO",
    "MT",
    "Command",
    "Deliver",
    "DeliverReport",
    "Direction",
    "Span",
    "StatusReport",
    "Submit",
    "SubmitReport",
    "Tpdu",
    "decode",
    "encode",
    "spans",
]
