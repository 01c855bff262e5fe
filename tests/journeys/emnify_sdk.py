"""emnify's own SDK, told what to do by lines of JSON on standard input.

in:  {"do": "devices.send_sms", "with": {"device": 1, "sms": {"payload": "hello"}}}
out: {"heard": "devices.send_sms_resp", "pdu": {"result": true}}

What is no plain value for the SDK is made with its own models. The URL comes in the environment
(EMNIFY_SDK_API_ENDPOINT_URL), the application token as the first argument.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from emnify import EMnify
from pydantic import BaseModel

client = EMnify(app_token=sys.argv[1])
MODELS = {
    "sms": client.devices.sms_create_model,
    "filter_model": client.devices.get_device_filter_model,
    "sort_enum": client.devices.get_device_sort_enum,
}
DEVICES = {
    "create_device": client.devices.device_create_model,
    "update_device": client.devices.device_update_model,
}


def made(name: str, method: str, value: Any) -> Any:
    """Return an argument as the SDK wants it."""
    if name == "device" and isinstance(value, dict):
        return DEVICES[method](**value)
    if name == "sort_enum":
        return MODELS[name][value]
    return MODELS[name](**value) if name in MODELS else value


def plain(value: Any) -> Any:
    """Return what the SDK answered as JSON says it."""
    if isinstance(value, BaseModel):
        return value.dict()
    if isinstance(value, Iterator):
        return [plain(each) for each in value]
    return value


for line in sys.stdin:
    order = json.loads(line)
    part, _, method = order["do"].rpartition(".")
    told: dict[str, Any]
    try:
        arguments = {name: made(name, method, each) for name, each in order["with"].items()}
        told = {"result": plain(getattr(getattr(client, part), method)(**arguments))}
    except Exception as error:
        told = {"error": type(error).__name__, "words": str(error)}
    print(json.dumps({"heard": f"{order['do']}_resp", "pdu": told}, default=str), flush=True)
