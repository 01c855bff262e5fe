"""A device as people write it: the members of a request's body, the columns of a CSV file.

Whoever writes a device says what is different from the one he starts from: a new one, which has
nothing but defaults, or for a change the one that is there. What is null goes back to the default.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from smsc.config import LARGEST_ERROR, LARGEST_MEMORY
from smsc.notation import Duration
from smsc.subscriber import Device, Identity
from smsc.web.identities import LONGEST_NAME, canonical

_DEFAULTS: Final = Device(number="")

_AS_THEY_ARE: Final = ("policy", "attached", "link", "error", "permanent", "memory", "nb_iot")
_Text = str | UnsetType | None


class DeviceChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be different about a device; null puts a member back to its default."""

    policy: Annotated[_Text, Meta(description="The policy it comes under.")] = UNSET
    attached: Annotated[
        bool | UnsetType | None, Meta(description="Whether it is within reach.")
    ] = UNSET
    iccid: Annotated[_Text, Meta(description="Of its card, up to 22 digits.")] = UNSET
    imsi: Annotated[_Text, Meta(description="Up to 15 digits.")] = UNSET
    imei: Annotated[_Text, Meta(description="Up to 16 digits.")] = UNSET
    esn: Annotated[_Text, Meta(description="Up to 11 digits, hexadecimal or decimal.")] = UNSET
    meid: Annotated[_Text, Meta(description="Up to 18 digits, hexadecimal or decimal.")] = UNSET
    name: Annotated[_Text, Meta(description="Up to 64 characters.")] = UNSET
    thing_key: Annotated[_Text, Meta(description="Up to 64 characters.")] = UNSET
    id: Annotated[
        _Text, Meta(description="A whole number; where none is given, the SMSC gives one out.")
    ] = UNSET
    link: Annotated[
        _Text, Meta(description="The one link over which its messages leave, by its name.")
    ] = UNSET
    overrides: Annotated[
        dict[str, Any] | UnsetType | None,
        Meta(description="Keys of a policy that are different for this device, as in a config."),
    ] = UNSET
    latency: Annotated[
        _Text, Meta(description="How long an attempt to deliver takes: `500ms`, `2s`.")
    ] = UNSET
    error: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=LARGEST_ERROR,
                description="The cause with which every delivery fails; 0 for none.",
            ),
        ]
        | UnsetType
        | None
    ) = UNSET
    permanent: Annotated[
        bool | UnsetType | None,
        Meta(description="Whether that error ends a message at once, without retries."),
    ] = UNSET
    memory: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=LARGEST_MEMORY,
                description="How many messages it holds before it is full; 0 for any number.",
            ),
        ]
        | UnsetType
        | None
    ) = UNSET
    nb_iot: Annotated[
        bool | UnsetType | None,
        Meta(description="Whether it is attached over NB-IoT only, where no SMS reaches it."),
    ] = UNSET


class NewDevice(DeviceChange, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A device to be: its number, and what is different from any other."""

    msisdn: Annotated[str, Meta(description="Its number: digits, without +.")]


def changed(base: Device, change: DeviceChange) -> Device:
    """Return the device that a change makes of another; raises ValueError."""
    given = {key: value for key in _AS_THEY_ARE if (value := getattr(change, key)) is not UNSET}
    for key, value in given.items():
        if value is None or value == "":
            given[key] = getattr(_DEFAULTS, key)
    if change.latency is not UNSET:
        given["latency_ms"] = _latency(change.latency or "0s")
    if change.overrides is not UNSET:
        given["overrides"] = _overridden(base.overrides, change.overrides)
    identities = _identities(base.identities, change)
    device = msgspec.structs.replace(base, identities=identities, **given)
    if len(device.link) > LONGEST_NAME or not device.link.isprintable():
        raise ValueError(f"link: no name; write up to {LONGEST_NAME} printable characters")
    return device


def _identities(base: Mapping[Identity, str], change: DeviceChange) -> dict[Identity, str]:
    identities = dict(base)
    for kind in Identity:
        value: _Text = getattr(change, kind.value)
        if value is UNSET:
            continue
        if value:
            identities[kind] = canonical(kind, value)
        else:
            identities.pop(kind, None)
    return identities


def _overridden(base: bytes, keys: Mapping[str, Any] | None) -> bytes:
    """Merge keys into overrides; those that are null are overridden no more (RFC 7396)."""
    if keys is None:
        return b""
    merged = {**overrides(base), **keys}
    kept = {key: value for key, value in merged.items() if value is not None}
    return msgspec.json.encode(kept, order="sorted") if kept else b""


def overrides(written: bytes) -> dict[str, Any]:
    """Read the overrides of a device as they are kept."""
    return msgspec.json.decode(written, type=dict[str, Any]) if written else {}


def _latency(text: str) -> int:
    try:
        return Duration(text).ms
    except ValueError as error:
        raise ValueError(f"latency {text[:40]!r}: {error}") from error


def duration(ms: int) -> str:
    """Write a duration as a config does."""
    return f"{ms // 1000}s" if ms % 1000 == 0 else f"{ms}ms"
