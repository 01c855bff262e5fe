"""The policies in force: those of the file, and beside them those that were made over the API.

A policy of the file wins over one of its name that was made over the API, which is kept and comes
into force when the file has it no more. Whoever asks again sees what was changed meanwhile, and so
does a device that has some keys of its own: what it overrides is compiled with what its policy says
now.
"""

from collections.abc import Iterable, Iterator, Set
from typing import Any, Final

import msgspec
import structlog

from smsc.config import ConfigError
from smsc.mistake import told
from smsc.notation import read_notation
from smsc.policy_table import GROUPS_OWN, Policy, check_policy
from smsc.subscriber import PolicyText
from smsc_routing.calendar_quota import Allowance, Quota
from smsc_routing.local_time import UNIVERSAL, LocalTime
from smsc_routing.policy import Policy as Compiled
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.rules import (
    AllowedNames,
    BlockedSources,
    DarkHours,
    ForbiddenText,
    MostSegments,
    NoBinary,
    Rule,
    Sources,
)
from smsc_routing.subject import ORIGINS, TERMINALS

log = structlog.get_logger()

DEFAULT: Final = "default"
MOST_STORED: Final = 10_000
OVERRIDDEN: Final = 10_000
"""Policies of single devices that are kept compiled."""
LONGEST_OVERRIDES: Final = 4096
"""Octets of JSON: each device in memory may have that much."""


class PolicyOfFile(Exception):
    """A policy that the configuration has can't be changed over the API."""

    def __init__(self, name: str) -> None:
        """Name the policy."""
        super().__init__(
            f"policy '{name}' stands in the configuration; change it there, or choose another name"
        )


class UnknownPolicy(LookupError):
    """There is no policy of this name that was made over the API."""

    def __init__(self, name: str) -> None:
        """Name the policy."""
        super().__init__(f"there is no policy '{name}'; GET /v1/policies lists those there are")


class Policies:
    """Policies by name, as they are now: whoever asks again sees what was changed meanwhile."""

    def __init__(self, tables: Iterable[Policy] = (), homes: Set[str] = frozenset()) -> None:
        """Know the policies of the file, and the accounts and webhooks others may name."""
        self._homes = homes
        self._file: dict[str, Policy] = {}
        self._stored: dict[str, Policy] = {}
        self._policies: dict[str, tuple[Policy, Compiled]] = {}
        self._overridden: dict[tuple[str, bytes], Compiled] = {}
        self.replace_file(tables)

    def __iter__(self) -> Iterator[Compiled]:
        """Go through all of them."""
        return (policy for _, policy in self._policies.values())

    def __contains__(self, name: str) -> bool:
        """Whether there is a policy of this name."""
        return name in self._policies

    def find(self, name: str) -> Compiled:
        """Return the policy of this name; where there is none any more, the default one."""
        found = self._policies.get(name) or self._policies[DEFAULT]
        return found[1]

    def overridden(self, name: str, overrides: bytes) -> Compiled:
        """Return the policy of this name with the keys that a device has of its own.

        `overrides` is a JSON object of them, b"" for none. Raises nothing: ones that were checked
        once and can't be read any more are told in the log, and count for nothing.
        """
        if not overrides:
            return self.find(name)
        found = self._overridden.get((name, overrides))
        if found is None:
            if len(self._overridden) >= OVERRIDDEN:
                del self._overridden[next(iter(self._overridden))]
            found = self._overridden[name, overrides] = self._merged(name, overrides)
        return found

    def _merged(self, name: str, overrides: bytes) -> Compiled:
        base, policy = self._policies.get(name) or self._policies[DEFAULT]
        try:
            own = _own_keys(_object(overrides))
        except ConfigError as error:
            log.warning("overrides_not_read", policy=name, reason=str(error))
            return policy
        self._leave_out_gone(own, name)
        return compiled(msgspec.structs.replace(base, **own), together=base)

    def _leave_out_gone(self, keys: dict[str, Any], name: str) -> None:
        """Deliver nothing to an account or webhook that is there no more: nobody takes it."""
        home = keys.get("deliver_to")
        if isinstance(home, str) and home not in self._homes:
            log.warning("deliver_to_is_gone", policy=name, deliver_to=home)
            del keys["deliver_to"]

    # What is written, and told.

    def of_file(self, name: str) -> bool:
        """Whether the configuration has it, and so the API can't change it."""
        return name in self._file

    def written(self, name: str) -> PolicyText:
        """Return a policy as it was written, without keys that have their default.

        Raises `UnknownPolicy`.
        """
        found = self._policies.get(name)
        if found is None:
            raise UnknownPolicy(name)
        return _text_of(found[0])

    def check(self, text: bytes, name: str = "") -> PolicyText:
        """Check a policy that comes over the API, a JSON object with the keys of `[[policies]]`.

        With a `name`, its own may be left out. Raises ConfigError, or `PolicyOfFile` for one that
        the API can't change.
        """
        data = _object(text)
        if name and data.setdefault("name", name) != name:
            raise ConfigError(f"name = {data['name']!r}: it goes by {name!r}; leave it out")
        table = self._checked(data)
        if table.name in self._file:
            raise PolicyOfFile(table.name)
        if table.name not in self._stored and len(self._stored) >= MOST_STORED:
            raise ConfigError(f"there are {MOST_STORED} policies already; delete some")
        return _text_of(table)

    def check_overrides(self, text: bytes) -> bytes:
        """Check keys of a policy that a device is to have of its own, a JSON object.

        Returns what is to be stored, b"" for none. Raises ConfigError.
        """
        data = _object(text or b"{}")
        own = _own_keys(data)
        if len(text) > LONGEST_OVERRIDES:
            raise ConfigError(
                f"takes {len(text)} octets, a device has room for {LONGEST_OVERRIDES};"
                " make a policy of it, and put the device under that"
            )
        table = msgspec.structs.replace(Policy(name=DEFAULT), **own)
        self._checked_further(table, data)
        return text if own else b""

    def _checked(self, data: dict[str, Any]) -> Policy:
        table = _converted(data)
        self._checked_further(table, data)
        return table

    def _checked_further(self, table: Policy, data: dict[str, Any]) -> None:
        try:
            check_policy("", table, self._homes)
        except msgspec.ValidationError as error:
            raise ConfigError(told(str(error), data, Policy)) from error

    # What changes.

    def put(self, policy: PolicyText) -> None:
        """Take in a policy that was made over the API; raises ConfigError if it can't be read."""
        data = {**_object(policy.text), "name": policy.name}
        self._leave_out_gone(data, policy.name)
        self._stored[policy.name] = _converted(data)
        self._set(policy.name)

    def remove(self, name: str) -> None:
        """Forget one that was made over the API; devices that have it fall back to the default.

        Raises `PolicyOfFile`, or `UnknownPolicy`.
        """
        if name in self._file:
            raise PolicyOfFile(name)
        if name not in self._stored:
            raise UnknownPolicy(name)
        del self._stored[name]
        self._set(name)

    def restore(self, policies: Iterable[PolicyText]) -> None:
        """Take in what was stored; one that can't be read any more is told in the log."""
        for policy in policies:
            try:
                self.put(policy)
            except ConfigError as error:
                log.error("policy_not_read", policy=policy.name, reason=str(error))

    def replace_file(self, tables: Iterable[Policy]) -> None:
        """Take the policies that the file has now in place of those it had."""
        file = {table.name: table for table in tables}
        tables_now = {DEFAULT: Policy(name=DEFAULT)} | self._stored | file
        policies = {name: (table, compiled(table)) for name, table in tables_now.items()}
        self._file, self._policies = file, policies
        self._overridden.clear()

    def _set(self, name: str) -> None:
        """Bring one policy into force as it is now, or out of it."""
        table = self._file.get(name) or self._stored.get(name)
        if table is None and name == DEFAULT:
            table = Policy(name=DEFAULT)
        if table is None:
            self._policies.pop(name, None)
        else:
            self._policies[name] = table, compiled(table)
        self._overridden.clear()


def compiled(table: Policy, together: Policy | None = None) -> Compiled:
    """Return what a table says, as routing takes it.

    The limits for all devices of the policy go by the calendar of `together`, if that is given.
    """
    clock = table.timezone.local_time if table.timezone is not None else UNIVERSAL
    group = table if together is None else together
    groups_clock = group.timezone.local_time if group.timezone is not None else UNIVERSAL
    content = _content_rules(table)

    def restrictions(direction: str, subject: str, rules: tuple[Rule, ...]) -> Restrictions | None:
        each = _of_kind(table, f"{direction}_limit", Quota)
        all_of_them = _of_kind(table, f"{direction}_limit_together", Quota)
        allowance = Allowance(subject + table.name, all_of_them, groups_clock)
        if not rules and not each and not all_of_them:
            return None
        return Restrictions(rules, each, clock, allowance if all_of_them else None)

    return Compiled(
        name=table.name,
        mo=table.mo,
        mt=table.mt,
        a2p=table.a2p,
        p2p_internal=table.p2p_internal,
        p2p_external=table.p2p_external,
        mt_limit=_of_kind(table, "mt_limit", Rate),
        mo_limit=_of_kind(table, "mo_limit", Rate),
        deliver_to=table.deliver_to,
        mo_restrictions=restrictions("mo", ORIGINS, content),
        mt_restrictions=restrictions("mt", TERMINALS, _receivers_rules(table, clock) + content),
        mt_limit_together=_of_kind(table, "mt_limit_together", Rate),
        mo_limit_together=_of_kind(table, "mo_limit_together", Rate),
    )


def _of_kind(table: Policy, key: str, kind: type[Any]) -> tuple[Any, ...]:
    limits = (each.limit for each in getattr(table, key))
    return tuple(limit for limit in limits if isinstance(limit, kind))


def _receivers_rules(table: Policy, clock: LocalTime) -> tuple[Rule, ...]:
    """Return the rules on who may send to a device, and when; each goes by its key."""
    rules: list[Rule] = []
    if table.allowed_senders is not None:
        names = Sources(each.text for each in table.allowed_senders)
        rules.append(AllowedNames("allowed_senders", names))
    if table.blocked_sources:
        blocked = Sources(each.text for each in table.blocked_sources)
        rules.append(BlockedSources("blocked_sources", blocked))
    if table.dark_hours is not None:
        rules.append(DarkHours("dark_hours", table.dark_hours.hours, clock))
    return tuple(rules)


def _content_rules(table: Policy) -> tuple[Rule, ...]:
    """Return the rules on what a message may be, the cheap ones first; each goes by its key."""
    rules: list[Rule] = []
    if table.max_segments is not None:
        rules.append(MostSegments("max_segments", table.max_segments))
    if not table.binary:
        rules.append(NoBinary("binary"))
    if table.forbidden_text:
        searches = tuple(each.search for each in table.forbidden_text)
        rules.append(ForbiddenText("forbidden_text", searches))
    return tuple(rules)


# JSON, as the API and the store have it.


def _object(text: bytes) -> dict[str, Any]:
    try:
        data: dict[str, Any] = msgspec.json.decode(text, type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"no JSON object: {error}") from error
    return data


def _converted(data: dict[str, Any]) -> Policy:
    try:
        return msgspec.convert(data, Policy, dec_hook=read_notation)
    except msgspec.ValidationError as error:
        raise ConfigError(told(str(error), data, Policy)) from error


def _own_keys(data: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the keys that a device has of its own; raises ConfigError."""
    for key in sorted(GROUPS_OWN & data.keys()):
        raise ConfigError(f"{key}: no device has one of its own; set it in the policy")
    table = _converted({"name": DEFAULT, **data})
    return {key: getattr(table, key) for key in data}


def _text_of(table: Policy) -> PolicyText:
    text = msgspec.json.encode(table, enc_hook=lambda value: value.text)
    return PolicyText(table.name, text)
