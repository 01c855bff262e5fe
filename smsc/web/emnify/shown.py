"""Endpoints and SIMs as this dialect shows them, both of them sides of one device."""

from typing import Any, Final

from smsc.subscriber import Device, Identity
from smsc.web.emnify import times
from smsc.web.emnify.ids import endpoint_id, profile_id
from smsc.web.emnify.notes import Endpoint

ENABLED, DISABLED = 0, 1
ENDPOINT_STATUS: Final = {ENABLED: "Enabled", DISABLED: "Disabled"}
ACTIVATED, SUSPENDED = 1, 2
SIM_STATUS: Final = {ACTIVATED: "Activated", SUSPENDED: "Suspended"}
TARIFF: Final = {"id": 1, "name": "default"}
"""Nothing is charged here, but clients insist on a tariff profile."""


def described(table: dict[int, str], status: int) -> dict[str, Any]:
    """Return a status with its description."""
    return {"id": status, "description": table[status]}


def name(device: Device) -> str:
    """Return the name of an endpoint: its number, if it has none of its own."""
    return device.identities.get(Identity.NAME) or device.number


def endpoint(device: Device, note: Endpoint) -> dict[str, Any]:
    """Show an endpoint."""
    told = {
        "id": endpoint_id(device),
        "name": name(device),
        "tags": note.tags,
        "created": times.shown(note.created),
        "last_updated": times.shown(note.last_updated),
        "status": described(ENDPOINT_STATUS, status(note)),
        "service_profile": {"id": profile_id(device.policy), "name": device.policy},
        "tariff_profile": TARIFF,
        "imei": device.identities.get(Identity.IMEI),
        "imei_lock": note.imei_lock,
        "ip_address": None,
        "ip_address_space": None,
    }
    if not note.released:
        told["sim"] = sim(device, note)
    return told


def sim(device: Device, note: Endpoint) -> dict[str, Any]:
    """Show the SIM of a device, whose id is the number."""
    return {
        "id": int(device.number),
        "iccid": device.identities.get(Identity.ICCID, ""),
        "imsi": device.identities.get(Identity.IMSI, ""),
        "msisdn": device.number,
        "status": described(SIM_STATUS, sim_status(note)),
    }


def status(note: Endpoint) -> int:
    """Return the status of an endpoint."""
    return DISABLED if note.disabled else ENABLED


def sim_status(note: Endpoint) -> int:
    """Return the status of a SIM."""
    return SUSPENDED if note.suspended else ACTIVATED
