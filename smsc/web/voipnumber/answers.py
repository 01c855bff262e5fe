"""What VoIP Number answers: two envelopes, one in the other, or an error with its code.

{"status": "OK", "result": {"status": "OK", "result": {...}}}
{"status": "Error", "result": {"error_code": "USER_NOT_FOUND", "error": "User not found"}}
"""

from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import MediaType, Response


class ErrorCode(StrEnum):
    """What is wrong: the first seven are VoIP Number's, in the order they are looked for."""

    USER_ACCOUNT_MISSING = "USER_ACCOUNT_MISSING"
    API_TOKEN_MISSING = "API_TOKEN_MISSING"
    USER_NOT_FOUND = "USER_NOT_FOUND"
    API_TOKEN_INVALID = "API_TOKEN_INVALID"
    NUMBER_NOT_FOUND = "NUMBER_NOT_FOUND"
    NUMBER_OWNERSHIP = "NUMBER_OWNERSHIP"
    MESSAGE_INVALID = "MESSAGE_INVALID"
    NOT_ALLOWED = "NOT_ALLOWED"
    TOO_MANY_MESSAGES = "TOO_MANY_MESSAGES"
    UNAVAILABLE = "UNAVAILABLE"
    RECORD_NOT_FOUND = "RECORD_NOT_FOUND"


WORDS: Final = {
    ErrorCode.USER_ACCOUNT_MISSING: "AccountId not set or empty",
    ErrorCode.API_TOKEN_MISSING: "API token not set or empty",
    ErrorCode.USER_NOT_FOUND: "User not found",
    ErrorCode.API_TOKEN_INVALID: "API token doesn't match AccountId",
    ErrorCode.NUMBER_NOT_FOUND: "Number not found",
    ErrorCode.NUMBER_OWNERSHIP: "Number doesn't belong to this account",
    ErrorCode.MESSAGE_INVALID: "Message invalid",
    ErrorCode.NOT_ALLOWED: "Not allowed",
    ErrorCode.TOO_MANY_MESSAGES: "Too many messages",
    ErrorCode.UNAVAILABLE: "Unavailable",
    ErrorCode.RECORD_NOT_FOUND: "Record not found",
}


class Refused(Exception):
    """Why a request isn't done."""

    def __init__(self, code: ErrorCode, why: str = "") -> None:
        """Name the code, and what else there is to say."""
        super().__init__(code)
        self.code = code
        self.text = f"{WORDS[code]}: {why}" if why else WORDS[code]


def ok(result: Any) -> Response[bytes]:
    """Answer with what was done or found."""
    return _answer({"status": "OK", "result": {"status": "OK", "result": result}})


def error(refused: Refused) -> Response[bytes]:
    """Answer with an error: with 200 too, as everything."""
    result = {"error_code": refused.code, "error": refused.text}
    return _answer({"status": "Error", "result": result})


def _answer(body: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=HTTPStatus.OK, media_type=MediaType.JSON)
