"""The words of SMPP for what we decided: a status for every verdict, and the reason beside it."""

from typing import Final, TypeAlias, TypeVar

from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import (
    BroadcastSmResp,
    CancelBroadcastSmResp,
    CancelSmResp,
    DataSmResp,
    QueryBroadcastSmResp,
    QuerySmResp,
    ReplaceSmResp,
    SubmitMultiResp,
    SubmitSmResp,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc.smpp.version import RULES, known_status
from smsc_routing.decision import Failure, Reason, Verdict

LONGEST_INFO_TEXT: Final = 255
_NETWORK_GSM: Final = b"\x03"

WORDS: Final[dict[Reason, CommandStatus]] = {
    Reason.ACCEPTED: CommandStatus.ESME_ROK,
    Reason.UNKNOWN_DESTINATION: CommandStatus.ESME_RINVDSTADR,
    Reason.MALFORMED_NUMBER: CommandStatus.ESME_RINVDSTADR,
    Reason.SOURCE_NOT_ALLOWED: CommandStatus.ESME_RINVSRCADR,
    Reason.SWITCHED_OFF: CommandStatus.ESME_RPROHIBITED,
    Reason.QUOTA: CommandStatus.ESME_RMSGQFUL,
    Reason.RATE_LIMIT: CommandStatus.ESME_RTHROTTLED,
    Reason.STORE_BEHIND: CommandStatus.ESME_RTHROTTLED,
    Reason.TOO_LONG: CommandStatus.ESME_RINVMSGLEN,
    Reason.BAD_UDH: CommandStatus.ESME_RINVESMCLASS,
    Reason.BAD_DATA_CODING: CommandStatus.ESME_RINVDCS,
    Reason.BAD_VALIDITY: CommandStatus.ESME_RINVEXPIRY,
    Reason.BAD_SCHEDULE: CommandStatus.ESME_RINVSCHED,
    Reason.STORE_FAILED: CommandStatus.ESME_RSYSERR,
    Reason.NOT_DELIVERED: CommandStatus.ESME_RDELIVERYFAILURE,
}
"""The status of a verdict; `known_status` has what an older bind is told instead."""

Refusable: TypeAlias = (
    SubmitSmResp
    | SubmitMultiResp
    | DataSmResp
    | QuerySmResp
    | CancelSmResp
    | ReplaceSmResp
    | BroadcastSmResp
    | QueryBroadcastSmResp
    | CancelBroadcastSmResp
)
R = TypeVar("R", bound=Refusable)


class Untranslatable(Exception):
    """A request that asks for something it can't have, with the status that says what."""

    def __init__(self, status: CommandStatus, reason: str) -> None:
        """Name the status and the reason."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


def refusal(kind: type[R], sequence_number: int, verdict: Verdict, version: Version) -> R:
    """Answer a request that was decided against; a 5.0 peer gets the reason in words too."""
    answer = refused(kind, sequence_number, WORDS[verdict.reason], verdict.detail, version)
    if verdict.failure is None or not RULES[version].tlvs:
        return answer
    tlvs = outcome_tlvs(verdict.failure) + answer.tlvs
    return kind(sequence_number, answer.command_status, tlvs=tlvs)


def refused(
    kind: type[R], sequence_number: int, status: CommandStatus, reason: str, version: Version
) -> R:
    """Answer a request with an error; a 5.0 peer gets the reason in words too."""
    tlvs = told(reason) if RULES[version].words else ()
    return kind(sequence_number, known_status(status, version), tlvs=tlvs)


def outcome_tlvs(failure: Failure) -> tuple[Tlv, ...]:
    """Say why a message wasn't delivered while its sender waited (5.0 clause 4.8.4.19)."""
    tlvs = [Tlv(Tag.delivery_failure_reason, failure.reason)]
    if failure.cause:
        tlvs.append(network_error(failure.cause))
    if failure.watched is not None:
        tlvs.append(Tlv(Tag.dpf_result, int(failure.watched)))
    return tuple(tlvs)


def network_error(cause: int) -> Tlv:
    """Tell the cause of a GSM network (3.4 clause 5.3.2.31)."""
    return Tlv(Tag.network_error_code, _NETWORK_GSM + cause.to_bytes(2, "big"))


def told(reason: str) -> tuple[Tlv, ...]:
    """Put words into additional_status_info_text (5.0 clause 4.8.4.1)."""
    if not reason:
        return ()
    text = reason.encode("ascii", "replace").decode("ascii")[:LONGEST_INFO_TEXT]
    return (Tlv(Tag.additional_status_info_text, text),)
