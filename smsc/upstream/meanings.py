"""What another SMSC's answer to a submit means: who is at fault, and so what comes next.

    ============  ==================================================================
    fault         what comes next
    ============  ==================================================================
    LINK          the other links of the order at once, and only then a later attempt
    DESTINATION   a later attempt, over any link
    MESSAGE       nothing: the message is refused for good
    ============  ==================================================================

A link that says it is throttled or full takes a rest besides. A status that isn't listed may
mean anything, and is taken for a fault of the destination: the message is tried again until it
expires, and nothing is lost by a word that we don't know.
"""

from enum import StrEnum
from typing import Final

from smsc.smpp.commands import CommandStatus
from smsc_routing.decision import Reason
from smsc_routing.failover import Fault


class Meaning(StrEnum):
    """How a submit was answered, as metrics name it."""

    TAKEN = "taken"
    THROTTLED = "throttled"
    LINK_FAULT = "link_fault"
    DESTINATION_FAULT = "destination_fault"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


FAULTS: Final[dict[Meaning, Fault]] = {
    Meaning.THROTTLED: Fault.LINK,
    Meaning.LINK_FAULT: Fault.LINK,
    Meaning.UNANSWERED: Fault.LINK,
    Meaning.DESTINATION_FAULT: Fault.DESTINATION,
    Meaning.REFUSED: Fault.MESSAGE,
}

_S = CommandStatus

MEANINGS: Final[dict[int | None, Meaning]] = {
    None: Meaning.UNANSWERED,
    _S.ESME_ROK: Meaning.TAKEN,
    **dict.fromkeys((_S.ESME_RTHROTTLED, _S.ESME_RMSGQFUL), Meaning.THROTTLED),
    **dict.fromkeys(
        (
            _S.ESME_RSYSERR,
            _S.ESME_RINVBNDSTS,
            _S.ESME_RINVCMDID,
            _S.ESME_RBINDFAIL,
            _S.ESME_RINVPASWD,
            _S.ESME_RINVSYSID,
            _S.ESME_RSERTYPUNAVAIL,
        ),
        Meaning.LINK_FAULT,
    ),
    **dict.fromkeys(
        (
            _S.ESME_RINVMSGLEN,
            _S.ESME_RINVCMDLEN,
            _S.ESME_RINVPRTFLG,
            _S.ESME_RINVREGDLVFLG,
            _S.ESME_RINVSRCADR,
            _S.ESME_RINVDSTADR,
            _S.ESME_RINVSRCTON,
            _S.ESME_RINVSRCNPI,
            _S.ESME_RINVDSTTON,
            _S.ESME_RINVDSTNPI,
            _S.ESME_RINVSERTYP,
            _S.ESME_RINVREPFLAG,
            _S.ESME_RINVESMCLASS,
            _S.ESME_RINVDCS,
            _S.ESME_RINVSCHED,
            _S.ESME_RINVEXPIRY,
            _S.ESME_RINVDFTMSGID,
            _S.ESME_RINVTLVSTREAM,
            _S.ESME_RTLVNOTALLWD,
            _S.ESME_RINVTLVLEN,
            _S.ESME_RMISSINGTLV,
            _S.ESME_RINVTLVVAL,
            _S.ESME_RX_P_APPN,
            _S.ESME_RX_R_APPN,
            _S.ESME_RSERTYPUNAUTH,
            _S.ESME_RSERTYPDENIED,
            _S.ESME_RPROHIBITED,
        ),
        Meaning.REFUSED,
    ),
}
"""What each command_status means (3.4 clause 5.1.3, 5.0 clause 4.7.6); None is no answer."""


def meaning(status: int | None) -> Meaning:
    """Return what an answer means."""
    return MEANINGS.get(status, Meaning.DESTINATION_FAULT)


_LATER: Final = _S.ESME_RX_T_APPN
_NEVER: Final = _S.ESME_RX_P_APPN
_REJECTED: Final = _S.ESME_RX_R_APPN

ANSWERS: Final[dict[Reason, CommandStatus]] = {
    Reason.ACCEPTED: _S.ESME_ROK,
    Reason.UNKNOWN_DESTINATION: _NEVER,
    Reason.MALFORMED_NUMBER: _NEVER,
    Reason.SOURCE_NOT_ALLOWED: _REJECTED,
    Reason.SWITCHED_OFF: _REJECTED,
    Reason.QUOTA: _LATER,
    Reason.RATE_LIMIT: _S.ESME_RTHROTTLED,
    Reason.STORE_BEHIND: _S.ESME_RTHROTTLED,
    Reason.TOO_LONG: _NEVER,
    Reason.BAD_UDH: _NEVER,
    Reason.BAD_DATA_CODING: _NEVER,
    Reason.BAD_VALIDITY: _NEVER,
    Reason.BAD_SCHEDULE: _NEVER,
    Reason.STORE_FAILED: _LATER,
    Reason.NOT_DELIVERED: _LATER,
}
"""How a deliver_sm from another SMSC is answered, by the verdict (3.4 clause 5.1.3)."""
