"""What is known of devices, policies and webhooks that the config doesn't say: stored values."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Identity(StrEnum):
    """What a device is known by besides its number; no two devices share a value of one kind."""

    ICCID = "iccid"
    IMSI = "imsi"
    IMEI = "imei"
    ESN = "esn"
    MEID = "meid"
    NAME = "name"
    THING_KEY = "thing_key"
    ID = "id"


MSISDN: Final = "msisdn"


class Device(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device that was made over the API or imported.

    `identities` has what it is known by besides its number. `id` among them is a whole number in
    decimal that the store gives out where none is given. `overrides` is a JSON object of those
    keys of a policy that are different for this device, as a config writes them. `link` is the one
    link over which its messages leave. The rest is as in `[[devices]]` of the config.
    """

    number: str
    policy: str = "default"
    attached: bool = True
    identities: dict[Identity, str] = {}
    overrides: bytes = b""
    link: str = ""
    latency_ms: int = 0
    error: int = 0
    permanent: bool = False
    memory: int = 0
    nb_iot: bool = False


class WebhookText(Struct, frozen=True):
    """A webhook as it was written, a JSON object with the keys of `[[webhooks]]`; is it disabled?

    Of one that the config has, the text is empty: only that it is disabled is kept.
    """

    name: str
    text: bytes
    disabled: bool = False


class PolicyText(Struct, frozen=True):
    """A policy as it was written: a JSON object with the keys of `[[policies]]`."""

    name: str
    text: bytes
