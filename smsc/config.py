"""What the operator asked for: one TOML file, checked strictly before anything starts.

A mistake is reported as `file:line: key = value: what is wrong; what to do`.
"""

import re
import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec

from smsc import http_table, interconnect, token_table, webhook_table
from smsc.certificate import CertificateError, server_context
from smsc.http_table import Http
from smsc.interconnect import Link, Route
from smsc.mistake import check_names as _check_names
from smsc.mistake import explained, nearest
from smsc.mistake import wrong as _wrong
from smsc.notation import (
    CalendarQuota,
    Duration,
    Endpoint,
    Limit,
    Network,
    SharedSecret,
    StoreUrl,
    read_notation,
)
from smsc.notation import Table as _Table
from smsc.numbering import Numbering, numbering_of
from smsc.policy_table import Policy, check_policy
from smsc.token_table import HASH, Token
from smsc.webhook_table import Webhook
from smsc.wording import APPENDIX_B, ReceiptText, check_default_message
from smsc_routing import number

LARGEST_ERROR: Final = 999
LARGEST_MEMORY: Final = 1_000_000
SHORTEST_HISTORY_MS: Final = 3_600_000
WIDEST_JITTER: Final = 0.5
"""A share of the delay that is spread."""
LARGEST_WEIGHT: Final = 100
SHORT_CODES: Final = (7, 8)
LONGEST_ALIAS: Final = 99
"""Of the 101 octets of a broadcast_area_identifier, one is its format, and one may be a NUL."""
LONGEST_LIST_NAME: Final = 20
LONGEST_LIST: Final = 1000
LONGEST_SERVICE_TYPE: Final = 5
LONGEST_OUTBIND_PASSWORD: Final = 8


class ConfigError(Exception):
    """A mistake in a configuration, in words for the one who made it."""


class Smsc(_Table, frozen=True):
    """`[smsc]`: who we are."""

    system_id: str = "smsc"


class Store(_Table, frozen=True):
    """`[store]`: where messages are kept."""

    url: StoreUrl = StoreUrl("sqlite:smsc-data/smsc.db")


class Tls(_Table, frozen=True):
    """`[smpp.tls]`: a second listener, for ESMEs over TLS."""

    listen: Endpoint
    certificate: Path
    key: Path
    client_ca: Path | None = None


class Smpp(_Table, frozen=True):
    """`[smpp]`: the listener for ESMEs, with the timers of SMPP 5.0, 2.7."""

    listen: Endpoint = Endpoint("127.0.0.1:2775")
    session_init_timer: Duration = Duration("5s")
    enquire_link_timer: Duration = Duration("30s")
    inactivity_timer: Duration = Duration("300s")
    response_timer: Duration = Duration("10s")
    default_messages: dict[str, str] = msgspec.field(default_factory=dict)
    rate: Limit | None = None
    proxy_from: tuple[Network, ...] = ()
    lockout_after: int = 5
    lockout: Duration = Duration("10s")
    lockout_longest: Duration = Duration("15m")
    tls: Tls | None = None


class CauseOfFailure(_Table, frozen=True):
    """`[[delivery.causes]]`: what follows when a device fails with this cause of the network's."""

    error: int
    permanent: bool = False
    retry: tuple[Duration, ...] = ()


class Delivery(_Table, frozen=True):
    """`[delivery]`: how long a message is kept, and when a failed one is tried again."""

    validity: Duration = Duration("72h")
    schedule: Duration = Duration("30d")
    retry: tuple[Duration, ...] = tuple(
        Duration(text) for text in ("10s", "30s", "1m", "5m", "15m", "1h")
    )
    receipt_retry: tuple[Duration, ...] = tuple(
        Duration(text) for text in ("5s", "30s", "2m", "10m", "1h")
    )
    jitter: float = 0.1
    causes: tuple[CauseOfFailure, ...] = ()


class History(_Table, frozen=True):
    """`[history]`: how long messages are kept after their end, and how long their texts are."""

    records: Duration = Duration("30d")
    texts: Duration | None = None


class Numbers(_Table, frozen=True):
    """`[numbers]`: how numbers are written."""

    country: str = ""
    short_code_digits: int = 8


class Receipt(_Table, frozen=True):
    """`[accounts.receipt]`: how an account gets its delivery receipts."""

    text: ReceiptText = ReceiptText(APPENDIX_B)
    dates: Literal["minutes", "seconds"] = "minutes"
    id: Literal["decimal", "hexadecimal"] = "decimal"
    tlvs: bool = True


class Account(_Table, frozen=True):
    """`[[accounts]]`: an application that may bind and submit."""

    system_id: str
    password: str = ""
    password_hash: str = ""
    api_token: str = ""
    api_token_hash: str = ""
    totp_secret: SharedSecret | None = None
    addresses: tuple[str, ...] = ()
    allow_from: tuple[Network, ...] = ()
    certificate: str = ""
    max_binds: int = 8
    max_transmitters: int | None = None
    max_receivers: int | None = None
    max_transceivers: int | None = None
    window: int = 100
    submit_window: int = 1000
    rate: Limit | None = None
    quota: tuple[CalendarQuota, ...] = ()
    weight: int = 1
    country: str = ""
    broadcast: bool = False
    external: bool = False
    service_type: str = ""
    default_alphabet: Literal["gsm", "latin1", "ascii", "gsm_packed"] = "gsm"
    message_id: Literal["decimal", "hexadecimal"] = "decimal"
    deliver_with: Literal["deliver_sm", "data_sm"] = "deliver_sm"
    long_messages: Literal["udh", "sar", "message_payload", "reassembled"] = "udh"
    receipt: Receipt = Receipt()
    lists: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    rate_counts: Literal["parts", "messages"] = "parts"
    outbind: Endpoint | None = None
    outbind_password: str = ""
    operator: bool = False


class Population(_Table, frozen=True):
    """`[[populations]]`: simulated devices by a pattern of numbers, in which # is any digit.

    A device answers after its `latency`; with an `error`, the network's cause, it fails each
    delivery, for good if that is `permanent`. It has `memory` for so many messages (0: no end of
    them), and gets none at all while it is attached over NB-IoT only.
    """

    msisdn: str
    policy: str = "default"
    attached: bool = True
    latency: Duration = Duration("0s")
    error: int = 0
    permanent: bool = False
    memory: int = 0
    nb_iot: bool = False


class Device(Population, frozen=True):
    """`[[devices]]`: one simulated device."""

    iccid: str = ""
    imsi: str = ""
    imei: str = ""


class Area(_Table, frozen=True):
    """`[[areas]]`: devices that broadcasts go to together, by number, by policy, or both."""

    name: str
    msisdn: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class Config(_Table, frozen=True):
    """The whole file."""

    smsc: Smsc = Smsc()
    store: Store = Store()
    smpp: Smpp = Smpp()
    http: Http = Http()
    delivery: Delivery = Delivery()
    history: History = History()
    numbers: Numbers = Numbers()
    accounts: tuple[Account, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    tokens: tuple[Token, ...] = ()
    policies: tuple[Policy, ...] = ()
    devices: tuple[Device, ...] = ()
    populations: tuple[Population, ...] = ()
    areas: tuple[Area, ...] = ()
    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()


def load(path: Path) -> Config:
    """Read and check a file; raises ConfigError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Config:
    """Check the text of a configuration that goes by this name; raises ConfigError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error
    try:
        config = msgspec.convert(data, Config, dec_hook=read_notation)
        _check(config)
    except msgspec.ValidationError as error:
        raise ConfigError(explained(str(error), data, text, name, Config)) from error
    return config


def addresses(config: Config) -> dict[str, tuple[str, ...]]:
    """Return the addresses of each account."""
    return {account.system_id: account.addresses for account in config.accounts}


def _check(config: Config) -> None:
    """Check what one value can't tell alone."""
    if len(config.smsc.system_id) > 15:
        raise _wrong("smsc.system_id", "SMPP allows 15 characters; choose a shorter one")
    for name in ("session_init", "enquire_link", "inactivity", "response"):
        if not getattr(config.smpp, f"{name}_timer").ms:
            raise _wrong(f"smpp.{name}_timer", "no time at all; write 1s or more")
    for message_id, text in config.smpp.default_messages.items():
        try:
            check_default_message(message_id, text)
        except ValueError as error:
            raise _wrong(f"smpp.default_messages.{message_id}", str(error)) from error
    _check_doors(config.smpp)
    http_table.check(config.http)
    if not config.delivery.validity.ms:
        raise _wrong("delivery.validity", "nothing would ever be delivered; write 1s or more")
    for key in ("retry", "receipt_retry"):
        delays = getattr(config.delivery, key)
        if not delays or min(delay.ms for delay in delays) <= 0:
            raise _wrong(f"delivery.{key}", 'no delays; write at least one, such as ["1m"]')
    _check_causes(config.delivery)
    _check_history(config.history)
    home = _numbering(config, "numbers.country", config.numbers.country)
    _check_accounts(config)
    token_table.check(config.tokens, config.accounts, config.http.listen)
    _check_names("policies", "name", [policy.name for policy in config.policies])
    _check_names("devices", "msisdn", [device.msisdn for device in config.devices])
    _check_names("populations", "msisdn", [each.msisdn for each in config.populations])
    accounts = {account.system_id for account in config.accounts}
    webhook_table.check(config.webhooks, addresses(config))
    homes = accounts | {hook.name for hook in config.webhooks}
    for index, policy in enumerate(config.policies):
        check_policy(f"policies[{index}].", policy, homes)
    policies = {policy.name for policy in config.policies} | {"default"}
    tables: tuple[tuple[str, tuple[Population, ...]], ...] = (
        ("devices", config.devices),
        ("populations", config.populations),
    )
    for table, rows in tables:
        for index, row in enumerate(rows):
            path = f"{table}[{index}]"
            if not 0 <= row.error <= LARGEST_ERROR:
                raise _wrong(f"{path}.error", f"a receipt has room for 0 to {LARGEST_ERROR}")
            if not 0 <= row.memory <= LARGEST_MEMORY:
                raise _wrong(f"{path}.memory", f"write 1 to {LARGEST_MEMORY}, or 0 for no end")
            _check_number(f"{path}.msisdn", row.msisdn, pattern=table == "populations")
            if table == "devices":
                _check_written(f"{path}.msisdn", row.msisdn, home)
            if row.policy not in policies:
                raise _wrong(f"{path}.policy", f"no such policy{nearest(row.policy, policies)}")
    _check_areas(config.areas, policies)
    interconnect.check(config.links, config.routes, accounts)


def _check_causes(delivery: Delivery) -> None:
    if not 0 <= delivery.jitter <= WIDEST_JITTER:
        raise _wrong("delivery.jitter", f"write a share from 0 to {WIDEST_JITTER}, such as 0.1")
    _check_names("delivery.causes", "error", [str(each.error) for each in delivery.causes])
    for index, each in enumerate(delivery.causes):
        path = f"delivery.causes[{index}]"
        if not 1 <= each.error <= LARGEST_ERROR:
            raise _wrong(f"{path}.error", f"a cause is a number from 1 to {LARGEST_ERROR}")
        if each.permanent and each.retry:
            raise _wrong(f"{path}.retry", "nothing is tried again if permanent; drop one of them")
        if any(not delay.ms for delay in each.retry):
            raise _wrong(f"{path}.retry", 'no delay at all; write delays such as ["1m"]')


def _check_history(history: History) -> None:
    if history.records.ms < SHORTEST_HISTORY_MS:
        raise _wrong("history.records", "senders ask for what has just ended; write 1h or more")
    if history.texts is not None and history.texts.ms > history.records.ms:
        raise _wrong("history.texts", "a text goes with its record; write no more than records")


def _check_areas(areas: tuple[Area, ...], policies: set[str]) -> None:
    _check_names("areas", "name", [area.name for area in areas])
    for index, area in enumerate(areas):
        path = f"areas[{index}]"
        if not 1 <= len(area.name) <= LONGEST_ALIAS or max(area.name) > "\xff":
            raise _wrong(
                f"{path}.name", "SMPP allows 1 to 99 characters of Latin-1; choose another"
            )
        if not area.name.isprintable():
            raise _wrong(f"{path}.name", "not printable; choose another")
        if not area.msisdn and not area.policies:
            raise _wrong(f"{path}.name", "nobody is there; add msisdn or policies")
        for each, pattern in enumerate(area.msisdn):
            _check_number(f"{path}.msisdn[{each}]", pattern, pattern=True)
        for each, policy in enumerate(area.policies):
            if policy not in policies:
                problem = f"no such policy{nearest(policy, policies)}"
                raise _wrong(f"{path}.policies[{each}]", problem)


def _check_doors(smpp: Smpp) -> None:
    if smpp.lockout_after < 1:
        raise _wrong("smpp.lockout_after", "must be 1 or more")
    if smpp.lockout_longest.ms < smpp.lockout.ms:
        raise _wrong("smpp.lockout_longest", "shorter than lockout; write as much or more")
    if smpp.tls is not None:
        try:
            server_context(smpp.tls.certificate, smpp.tls.key, smpp.tls.client_ca)
        except CertificateError as error:
            raise _wrong(f"smpp.tls.{error.key}", str(error)) from error


def _check_accounts(config: Config) -> None:
    _check_names("accounts", "system_id", [account.system_id for account in config.accounts])
    owners: dict[str, str] = {}
    for index, account in enumerate(config.accounts):
        path = f"accounts[{index}]"
        if not 1 <= len(account.system_id) <= 15:
            raise _wrong(f"{path}.system_id", "SMPP allows 1 to 15 characters; choose another")
        if not account.password and not account.password_hash:
            raise _wrong(f"{path}.system_id", "has no password; add password_hash")
        if not _SERVICE_TYPE.fullmatch(account.service_type):
            raise _wrong(
                f"{path}.service_type",
                f"SMPP allows {LONGEST_SERVICE_TYPE} ASCII characters; choose another",
            )
        _check_hashes(path, account)
        tls = config.smpp.tls
        for listen in (config.smpp.listen, *((tls.listen,) if tls is not None else ())):
            _check_secret(f"{path}.password", account.password, listen)
        _check_secret(f"{path}.api_token", account.api_token, config.http.listen)
        _check_binds(path, account, tls)
        if not 1 <= account.weight <= LARGEST_WEIGHT:
            raise _wrong(f"{path}.weight", f"write 1 to {LARGEST_WEIGHT}")
        code = account.country or config.numbers.country
        numbering = _numbering(config, f"{path}.country", code)
        _check_lists(f"{path}.lists", account.lists, numbering)
        for address in account.addresses:
            _check_written(f"{path}.addresses", address, numbering)
            owner = owners.setdefault(address, account.system_id)
            if owner != account.system_id:
                raise _wrong(
                    f"{path}.addresses",
                    f"{address!r} belongs to {owner!r} already; leave it to one",
                )


def _check_binds(path: str, account: Account, tls: Tls | None) -> None:
    for name in ("max_binds", "window", "submit_window"):
        if getattr(account, name) < 1:
            raise _wrong(f"{path}.{name}", "must be 1 or more")
    for name in ("max_transmitters", "max_receivers", "max_transceivers"):
        if (getattr(account, name) or 0) < 0:
            raise _wrong(f"{path}.{name}", "must be 0 or more; leave it out for no limit")
    if account.certificate and (tls is None or tls.client_ca is None):
        raise _wrong(
            f"{path}.certificate", "nobody could show one; set client_ca in [smpp.tls], or drop it"
        )
    _check_outbind(path, account)


def _check_outbind(path: str, account: Account) -> None:
    password = account.outbind_password
    if account.outbind is None:
        if password:
            raise _wrong(f"{path}.outbind_password", "there is no outbind; add it, or drop this")
        return
    if not account.outbind.host or not account.outbind.port:
        raise _wrong(f"{path}.outbind", "nobody listens there; write host:port of the ESME")
    if account.certificate:
        raise _wrong(f"{path}.outbind", "is made without TLS; drop it, or certificate")
    if len(password) > LONGEST_OUTBIND_PASSWORD or not password.isascii():
        raise _wrong(
            f"{path}.outbind_password",
            f"SMPP allows {LONGEST_OUTBIND_PASSWORD} characters of ASCII; choose another",
        )


def _check_hashes(path: str, account: Account) -> None:
    if account.password_hash and not account.password_hash.startswith("$argon2"):
        raise _wrong(f"{path}.password_hash", "no argon2 hash; make it with `smsc hash-password`")
    if account.api_token_hash and not HASH.fullmatch(account.api_token_hash):
        raise _wrong(
            f"{path}.api_token_hash", "no token hash; make it with `smsc hash-password --token`"
        )


def _check_lists(path: str, lists: dict[str, tuple[str, ...]], numbering: Numbering) -> None:
    for name, listed in lists.items():
        if not (name.isascii() and name.isprintable() and 1 <= len(name) <= LONGEST_LIST_NAME):
            raise _wrong(
                path, f"{name!r} is no name of a list; SMPP allows {LONGEST_LIST_NAME} characters"
            )
        if not 1 <= len(listed) <= LONGEST_LIST:
            raise _wrong(
                path, f"{name!r} has {len(listed)} numbers; write 1 to {LONGEST_LIST} of them"
            )
        for each in listed:
            if not number.is_number(each):
                raise _wrong(
                    path, f"{each!r} in {name!r}: write up to 15 digits without + or spaces"
                )
            _check_written(path, each, numbering)


def _numbering(config: Config, path: str, code: str) -> Numbering:
    digits = config.numbers.short_code_digits
    if digits not in SHORT_CODES:
        raise _wrong("numbers.short_code_digits", "platforms have 7 or 8; write one of them")
    try:
        return numbering_of(code, digits)
    except ValueError as error:
        raise _wrong(path, str(error)) from error


def _check_written(path: str, address: str, numbering: Numbering) -> None:
    try:
        numbering.check(address)
    except ValueError as error:
        raise _wrong(path, str(error)) from error


def _check_secret(path: str, secret: str, listen: Endpoint) -> None:
    if secret and not listen.loopback:
        name = path.rpartition(".")[2]
        option = " --token" if name == "api_token" else ""
        raise _wrong(
            path,
            f"in clear while the listener is open to others; use {name}_hash,"
            f" made by `smsc hash-password{option}`",
        )


def _check_number(path: str, msisdn: str, pattern: bool) -> None:
    digits = msisdn.replace("#", "0") if pattern else msisdn
    if not number.is_number(digits):
        raise _wrong(path, "not a number; write up to 15 digits without + or spaces")


_SERVICE_TYPE: Final = re.compile(r"[!-~]{0,5}")
