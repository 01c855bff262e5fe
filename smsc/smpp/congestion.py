"""congestion_state: how loaded we are, beside our answers to a 5.0 peer (5.0 clause 4.8.4.18)."""

from typing import Any, Final

import msgspec

from smsc.smpp.pdu import (
    BroadcastSmResp,
    CancelBroadcastSmResp,
    CancelSmResp,
    DataSmResp,
    QueryBroadcastSmResp,
    QuerySmResp,
    ReplaceSmResp,
    Response,
    SubmitMultiResp,
    SubmitSmResp,
    Tlvs,
)
from smsc.smpp.tlv import Tag, Tlv

CONGESTED: Final = 100
"""Nothing more can be taken; 0 is idle."""

CARRIERS: Final[frozenset[type[Response]]] = frozenset(
    {
        SubmitSmResp,
        SubmitMultiResp,
        DataSmResp,
        QuerySmResp,
        CancelSmResp,
        ReplaceSmResp,
        BroadcastSmResp,
        QueryBroadcastSmResp,
        CancelBroadcastSmResp,
    }
)
"""The responses that tell it: those to operations, and none that manages the session."""

_STATES: Final = tuple((Tlv(Tag.congestion_state, state),) for state in range(CONGESTED + 1))


def told(fill: float) -> Tlvs:
    """Return the TLV for a fill between 0, empty, and 1, where nothing more can be taken."""
    return _STATES[min(max(int(fill * CONGESTED), 0), CONGESTED)]


def carried(response: Any, congestion: Tlvs) -> Any:
    """Return one of `CARRIERS` with the TLV behind its own."""
    return msgspec.structs.replace(response, tlvs=response.tlvs + congestion)
