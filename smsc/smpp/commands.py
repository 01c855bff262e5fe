"""What SMPP calls things: command ids, statuses, message states, flag bits and PduError.

The numbers are those of SMPP 3.4 (issue 1.2, chapter 5) and of SMPP 5.0 (chapter 4.7). Where 5.0
renamed a status of 3.4, the 5.0 name stands and the older one is an alias of it.
"""

from enum import IntEnum


class Version(IntEnum):
    """The values of interface_version (3.4 clause 5.2.4, 5.0 clause 4.7.13)."""

    V33 = 0x33
    V34 = 0x34
    V50 = 0x50


class CommandId(IntEnum):
    """The values of command_id (3.4 clause 5.1.2.1, 5.0 clause 4.7.5).

    param_retrieve, query_last_msgs and query_msg_details are of 3.3; later versions reserve them.
    """

    bind_receiver = 0x00000001
    bind_transmitter = 0x00000002
    query_sm = 0x00000003
    submit_sm = 0x00000004
    deliver_sm = 0x00000005
    unbind = 0x00000006
    replace_sm = 0x00000007
    cancel_sm = 0x00000008
    bind_transceiver = 0x00000009
    outbind = 0x0000000B
    enquire_link = 0x00000015
    submit_multi = 0x00000021
    param_retrieve = 0x00000022
    query_last_msgs = 0x00000023
    query_msg_details = 0x00000024
    alert_notification = 0x00000102
    data_sm = 0x00000103
    broadcast_sm = 0x00000111
    query_broadcast_sm = 0x00000112
    cancel_broadcast_sm = 0x00000113
    generic_nack = 0x80000000
    bind_receiver_resp = 0x80000001
    bind_transmitter_resp = 0x80000002
    query_sm_resp = 0x80000003
    submit_sm_resp = 0x80000004
    deliver_sm_resp = 0x80000005
    unbind_resp = 0x80000006
    replace_sm_resp = 0x80000007
    cancel_sm_resp = 0x80000008
    bind_transceiver_resp = 0x80000009
    enquire_link_resp = 0x80000015
    submit_multi_resp = 0x80000021
    param_retrieve_resp = 0x80000022
    query_last_msgs_resp = 0x80000023
    query_msg_details_resp = 0x80000024
    data_sm_resp = 0x80000103
    broadcast_sm_resp = 0x80000111
    query_broadcast_sm_resp = 0x80000112
    cancel_broadcast_sm_resp = 0x80000113


RESPONSE_BIT = 0x80000000
"""Set in the command_id of every response (3.4 clause 5.1.2.1, 5.0 clause 4.7.5)."""


class CommandStatus(IntEnum):
    """The values of command_status (3.4 clause 5.1.3, 5.0 clause 4.7.6).

    A peer may send others, the vendor range 0x400 to 0x4FF among them: PDUs keep a plain int.
    """

    ESME_ROK = 0x00000000
    ESME_RINVMSGLEN = 0x00000001
    ESME_RINVCMDLEN = 0x00000002
    ESME_RINVCMDID = 0x00000003
    ESME_RINVBNDSTS = 0x00000004
    ESME_RALYBND = 0x00000005
    ESME_RINVPRTFLG = 0x00000006
    ESME_RINVREGDLVFLG = 0x00000007
    ESME_RSYSERR = 0x00000008
    ESME_RINVSRCADR = 0x0000000A
    ESME_RINVDSTADR = 0x0000000B
    ESME_RINVMSGID = 0x0000000C
    ESME_RBINDFAIL = 0x0000000D
    ESME_RINVPASWD = 0x0000000E
    ESME_RINVSYSID = 0x0000000F
    ESME_RCANCELFAIL = 0x00000011
    ESME_RREPLACEFAIL = 0x00000013
    ESME_RMSGQFUL = 0x00000014
    ESME_RINVSERTYP = 0x00000015
    ESME_RINVNUMDESTS = 0x00000033
    ESME_RINVDLNAME = 0x00000034
    ESME_RINVDESTFLAG = 0x00000040
    ESME_RINVSUBREP = 0x00000042
    ESME_RINVESMCLASS = 0x00000043
    ESME_RCNTSUBDL = 0x00000044
    ESME_RSUBMITFAIL = 0x00000045
    ESME_RINVSRCTON = 0x00000048
    ESME_RINVSRCNPI = 0x00000049
    ESME_RINVDSTTON = 0x00000050
    ESME_RINVDSTNPI = 0x00000051
    ESME_RINVSYSTYP = 0x00000053
    ESME_RINVREPFLAG = 0x00000054
    ESME_RINVNUMMSGS = 0x00000055
    ESME_RTHROTTLED = 0x00000058
    ESME_RINVSCHED = 0x00000061
    ESME_RINVEXPIRY = 0x00000062
    ESME_RINVDFTMSGID = 0x00000063
    ESME_RX_T_APPN = 0x00000064
    ESME_RX_P_APPN = 0x00000065
    ESME_RX_R_APPN = 0x00000066
    ESME_RQUERYFAIL = 0x00000067
    ESME_RINVTLVSTREAM = 0x000000C0
    ESME_RTLVNOTALLWD = 0x000000C1
    ESME_RINVTLVLEN = 0x000000C2
    ESME_RMISSINGTLV = 0x000000C3
    ESME_RINVTLVVAL = 0x000000C4
    ESME_RDELIVERYFAILURE = 0x000000FE
    ESME_RUNKNOWNERR = 0x000000FF
    ESME_RSERTYPUNAUTH = 0x00000100
    ESME_RPROHIBITED = 0x00000101
    ESME_RSERTYPUNAVAIL = 0x00000102
    ESME_RSERTYPDENIED = 0x00000103
    ESME_RINVDCS = 0x00000104
    ESME_RINVSRCADDRSUBUNIT = 0x00000105
    ESME_RINVDSTADDRSUBUNIT = 0x00000106
    ESME_RINVBCASTFREQINT = 0x00000107
    ESME_RINVBCASTALIAS_NAME = 0x00000108
    ESME_RINVBCASTAREAFMT = 0x00000109
    ESME_RINVNUMBCAST_AREAS = 0x0000010A
    ESME_RINVBCASTCNTTYPE = 0x0000010B
    ESME_RINVBCASTMSGCLASS = 0x0000010C
    ESME_RBCASTFAIL = 0x0000010D
    ESME_RBCASTQUERYFAIL = 0x0000010E
    ESME_RBCASTCANCELFAIL = 0x0000010F
    ESME_RINVBCAST_REP = 0x00000110
    ESME_RINVBCASTSRVGRP = 0x00000111
    ESME_RINVBCASTCHANIND = 0x00000112

    ESME_RINVOPTPARSTREAM = ESME_RINVTLVSTREAM
    ESME_ROPTPARNOTALLWD = ESME_RTLVNOTALLWD
    ESME_RINVPARLEN = ESME_RINVTLVLEN
    ESME_RMISSINGOPTPARAM = ESME_RMISSINGTLV
    ESME_RINVOPTPARAMVAL = ESME_RINVTLVVAL


FIRST_STATUS_OF_5_0 = CommandStatus.ESME_RSERTYPUNAUTH
"""A bind older than 5.0 knows no status from here on."""


class Ton(IntEnum):
    """Type of number (3.4 clause 5.2.5, 5.0 clause 4.7.1)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan indicator (3.4 clause 5.2.6, 5.0 clause 4.7.2)."""

    UNKNOWN = 0
    ISDN = 1
    DATA = 3
    TELEX = 4
    LAND_MOBILE = 6
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    INTERNET = 14
    WAP = 18


# esm_class (3.4 clause 5.2.12, 5.0 clause 4.7.12)
ESM_MODE_MASK = 0x03
ESM_MODE_DEFAULT = 0x00
ESM_MODE_DATAGRAM = 0x01
ESM_MODE_TRANSACTION = 0x02
ESM_MODE_STORE_AND_FORWARD = 0x03
ESM_TYPE_MASK = 0x3C
ESM_TYPE_DEFAULT = 0x00
ESM_TYPE_RECEIPT = 0x04
ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT = 0x08
ESM_TYPE_USER_ACKNOWLEDGEMENT = 0x10
ESM_TYPE_CONVERSATION_ABORT = 0x18
ESM_TYPE_INTERMEDIATE_NOTIFICATION = 0x20
ESM_UDHI = 0x40
ESM_REPLY_PATH = 0x80

# registered_delivery (3.4 clause 5.2.17, 5.0 clause 4.7.21)
RECEIPT_MASK = 0x03
RECEIPT_NEVER = 0x00
RECEIPT_ALWAYS = 0x01
RECEIPT_ON_FAILURE = 0x02
RECEIPT_ON_SUCCESS = 0x03
ACKNOWLEDGEMENT_MASK = 0x0C
ACKNOWLEDGEMENT_DELIVERY = 0x04
ACKNOWLEDGEMENT_USER = 0x08
INTERMEDIATE_NOTIFICATION = 0x10


class PduError(Exception):
    """Octets that are no PDU of ours, with the words of the answer they deserve.

    A request gets its response with `status`, anything else a generic_nack; both carry
    `sequence_number` (3.4 clauses 3.3 and 4.3, 5.0 clauses 2.8.2 and 2.11.1).
    """

    def __init__(
        self,
        status: CommandStatus,
        reason: str,
        command_id: int = 0,
        sequence_number: int = 0,
    ) -> None:
        """Name the status and the reason; the codec adds whose PDU it was."""
        super().__init__(f"{reason} ({status.name})")
        self.status = status
        self.reason = reason
        self.command_id = command_id
        self.sequence_number = sequence_number
