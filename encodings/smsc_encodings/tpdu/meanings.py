"""The words for the numbers of a TPDU: TP-PID, TP-ST, TP-FCS, TP-CT (3GPP TS 23.040, 9.2.3)."""

from bisect import bisect_right
from typing import NamedTuple


class _Ranges(NamedTuple):
    """Where each range begins, and what it means unless a number has a meaning of its own."""

    firsts: tuple[int, ...]
    meanings: tuple[str, ...]
    own: dict[int, str]

    def __call__(self, value: int) -> str:
        return self.own.get(value) or self.meanings[bisect_right(self.firsts, value) - 1]


def _ranges(ranges: dict[int, str], own: dict[int, str]) -> _Ranges:
    return _Ranges(tuple(ranges), tuple(ranges.values()), own)


_STATUSES = _ranges(
    {
        0x00: "completed: reserved",
        0x10: "completed: specific to the SMSC",
        0x20: "temporary error, the SMSC is still trying: reserved",
        0x30: "temporary error, the SMSC is still trying: specific to the SMSC",
        0x40: "permanent error: reserved",
        0x50: "permanent error: specific to the SMSC",
        0x60: "temporary error, the SMSC has given up: reserved",
        0x70: "temporary error, the SMSC has given up: specific to the SMSC",
        0x80: "reserved",
    },
    {
        0x00: "completed: received by the SME",
        0x01: "completed: forwarded to the SME, delivery not confirmed",
        0x02: "completed: replaced by the SMSC",
        0x20: "temporary error, the SMSC is still trying: congestion",
        0x21: "temporary error, the SMSC is still trying: SME busy",
        0x22: "temporary error, the SMSC is still trying: no response from the SME",
        0x23: "temporary error, the SMSC is still trying: service rejected",
        0x24: "temporary error, the SMSC is still trying: quality of service not available",
        0x25: "temporary error, the SMSC is still trying: error in the SME",
        0x40: "permanent error: remote procedure error",
        0x41: "permanent error: incompatible destination",
        0x42: "permanent error: connection rejected by the SME",
        0x43: "permanent error: not obtainable",
        0x44: "permanent error: quality of service not available",
        0x45: "permanent error: no interworking available",
        0x46: "permanent error: validity period expired",
        0x47: "permanent error: deleted by the originating SME",
        0x48: "permanent error: deleted by the SMSC's administration",
        0x49: "permanent error: the message does not exist",
        0x60: "temporary error, the SMSC has given up: congestion",
        0x61: "temporary error, the SMSC has given up: SME busy",
        0x62: "temporary error, the SMSC has given up: no response from the SME",
        0x63: "temporary error, the SMSC has given up: service rejected",
        0x64: "temporary error, the SMSC has given up: quality of service not available",
        0x65: "temporary error, the SMSC has given up: error in the SME",
    },
)

_CAUSES = _ranges(
    {
        0x00: "reserved",
        0xE0: "specific to an application",
        0xFF: "unspecified error cause",
    },
    {
        0x80: "telematic interworking not supported",
        0x81: "short message type 0 not supported",
        0x82: "cannot replace short message",
        0x8F: "unspecified TP-PID error",
        0x90: "data coding scheme (alphabet) not supported",
        0x91: "message class not supported",
        0x9F: "unspecified TP-DCS error",
        0xA0: "command cannot be actioned",
        0xA1: "command unsupported",
        0xAF: "unspecified TP-command error",
        0xB0: "TPDU not supported",
        0xC0: "SMSC busy",
        0xC1: "no subscription at the SMSC",
        0xC2: "SMSC system failure",
        0xC3: "invalid SME address",
        0xC4: "destination SME barred",
        0xC5: "rejected as a duplicate",
        0xC6: "TP-VPF not supported",
        0xC7: "TP-VP not supported",
        0xD0: "(U)SIM SMS storage full",
        0xD1: "no SMS storage capability in the (U)SIM",
        0xD2: "error in the phone",
        0xD3: "memory capacity exceeded",
        0xD4: "(U)SIM application toolkit busy",
        0xD5: "(U)SIM data download error",
    },
)

_COMMANDS = _ranges(
    {0x00: "enquiry", 0x04: "reserved", 0xE0: "specific to the SMSC"},
    {
        0x00: "enquiry about a message that was submitted",
        0x01: "cancel the request for a status report",
        0x02: "delete a message that was submitted",
        0x03: "ask for a status report",
    },
)

_TELEMATIC = {
    0x00: "implicit, or specific to the SMSC",
    0x01: "telex",
    0x02: "group 3 telefax",
    0x03: "group 4 telefax",
    0x04: "voice telephone",
    0x05: "ERMES",
    0x06: "national paging system",
    0x07: "videotex",
    0x08: "teletex, carrier unspecified",
    0x09: "teletex in PSPDN",
    0x0A: "teletex in CSPDN",
    0x0B: "teletex in analog PSTN",
    0x0C: "teletex in digital ISDN",
    0x0D: "UCI",
    0x10: "a message handling facility",
    0x11: "a public X.400 message handling system",
    0x12: "Internet electronic mail",
    0x1F: "a GSM/UMTS mobile station",
}

_SHORT_MESSAGE = {
    0x40: "short message type 0: acknowledge and discard",
    0x48: "device triggering",
    0x5E: "enhanced message service (obsolete)",
    0x5F: "return call message",
    0x7C: "ANSI-136 R-DATA",
    0x7D: "ME data download",
    0x7E: "ME de-personalization",
    0x7F: "(U)SIM data download",
}
_SHORT_MESSAGE |= {0x40 + kind: f"replace short message type {kind}" for kind in range(1, 8)}


def status_meaning(status: int) -> str:
    """Say what a TP-ST means (9.2.3.15)."""
    return _STATUSES(status)


def cause_meaning(cause: int) -> str:
    """Say what a TP-FCS means (9.2.3.22)."""
    return _CAUSES(cause)


def command_meaning(command: int) -> str:
    """Say what a TP-CT means (9.2.3.19)."""
    return _COMMANDS(command)


def pid_meaning(pid: int) -> str:
    """Say what a TP-PID means (9.2.3.9)."""
    if pid >= 0xC0:
        return "specific to the SMSC"
    if pid >= 0x80:
        return "reserved"
    if pid >= 0x40:
        return _SHORT_MESSAGE.get(pid, "reserved")
    if not pid & 0x20:
        return "SME to SME, no interworking" if not pid else f"SME to SME, protocol {pid}"
    kind = pid & 0x1F
    specific = "specific to the SMSC" if 0x18 <= kind <= 0x1E else "reserved"
    return f"telematic interworking: {_TELEMATIC.get(kind, specific)}"
