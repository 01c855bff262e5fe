"""What the configuration says of the doors, as their rooms take it."""

import hashlib

from smsc import config as configuration
from smsc import token_table
from smsc.certificate import client_context, server_context
from smsc.config import Config, Delivery, History, Smpp
from smsc.delivery.retry import Course, RetryLadder
from smsc.esme.account import Account
from smsc.esme.arrival import Entrance
from smsc.esme.dialect import (
    Canned,
    DeliverWith,
    LongMessages,
    Profile,
    ReceiptProfile,
    canned,
)
from smsc.esme.ids import Base
from smsc.esme.lockout import Terms
from smsc.http_table import Http
from smsc.interconnect import Link
from smsc.notation import Limit
from smsc.numbering import Numbering, numbering_of
from smsc.store.record import Keep
from smsc.upstream import line
from smsc.web import limits
from smsc.web.scopes import Grant, Scope
from smsc_encodings.data_coding import Zero
from smsc_routing.quota import Rate
from smsc_routing.routes import Route
from smsc_routing.traffic import Traffic


def accounts(config: Config) -> list[Account]:
    """Return the accounts."""
    return [
        Account(
            system_id=account.system_id,
            password=account.password,
            password_hash=account.password_hash,
            addresses=account.addresses,
            certificate=account.certificate,
            allow_from=tuple(each.network for each in account.allow_from),
            max_binds=account.max_binds,
            max_transmitters=account.max_transmitters,
            max_receivers=account.max_receivers,
            max_transceivers=account.max_transceivers,
            window=account.window,
            submit_window=account.submit_window,
            rates=rates(account.rate),
            quotas=tuple(each.quota for each in account.quota),
            counts_messages=account.rate_counts == "messages",
            outbind=(account.outbind.host, account.outbind.port) if account.outbind else None,
            outbind_password=account.outbind_password,
            broadcast=account.broadcast,
            external=account.external,
            profile=_profile(account),
            lists=account.lists,
            numbering=numbering(config, account.country),
        )
        for account in config.accounts
    ]


def _profile(account: configuration.Account) -> Profile:
    receipt = account.receipt
    return Profile(
        service_type=account.service_type,
        default_alphabet=Zero(account.default_alphabet),
        message_id=Base(account.message_id),
        deliver_with=DeliverWith(account.deliver_with),
        long_messages=LongMessages(account.long_messages),
        receipt=ReceiptProfile(
            text=receipt.text.text,
            seconds=receipt.dates == "seconds",
            tlvs=receipt.tlvs,
            base=Base(receipt.id),
        ),
    )


def numbering(config: Config, country: str = "") -> Numbering:
    """Return how addresses are read by one in this country, else in the one that all are in."""
    return numbering_of(country or config.numbers.country, config.numbers.short_code_digits)


def weights(config: Config) -> dict[str, int]:
    """Return the weight of each account, by which they share the road."""
    return {account.system_id: account.weight for account in config.accounts}


def default_messages(smpp: Smpp) -> dict[int, Canned]:
    """Return the texts that a submit names by sm_default_msg_id."""
    return {int(number): canned(text) for number, text in smpp.default_messages.items()}


def rates(limit: Limit | None) -> tuple[Rate, ...]:
    """Return the rates of a limit that may not be set."""
    return (limit.rate,) if limit is not None else ()


def tokens(config: Config) -> dict[str, str]:
    """Return the account of each API token of its own, by the SHA-256 of the token."""
    return token_table.own(config.accounts)


def grants(config: Config) -> dict[str, Grant]:
    """Return the other API tokens, by the SHA-256 of the token in hexadecimal."""
    return {
        each.digest: Grant(each.name, each.account, frozenset(map(Scope, each.scopes)))
        for each in config.tokens
    }


def web_terms(http: Http) -> limits.Terms:
    """Return what is granted over HTTP."""
    return limits.Terms(http.rate.rate, http.token_guesses.rate, http.cors_origins)


def passwords(config: Config) -> dict[str, str]:
    """Return the SHA-1 in hexadecimal of each password that is in clear, by account.

    Clients of the emnify dialect send that; of one that is hashed otherwise it can't be known.
    """
    return {
        account.system_id: hashlib.sha1(account.password.encode()).hexdigest()
        for account in config.accounts
        if account.password
    }


def second_factors(config: Config) -> dict[str, bytes]:
    """Return the secret of each account whose users give a code besides the password."""
    return {
        account.system_id: account.totp_secret.octets
        for account in config.accounts
        if account.totp_secret is not None
    }


def courses(delivery: Delivery) -> dict[int, Course]:
    """Return what follows on the causes that the configuration names."""
    return {
        each.error: Course(
            each.permanent,
            RetryLadder([delay.ms for delay in each.retry]) if each.retry else None,
        )
        for each in delivery.causes
    }


def keep(history: History) -> Keep:
    """Return how long messages are kept."""
    return Keep(history.records.ms, (history.texts or history.records).ms)


def operators(config: Config) -> frozenset[str]:
    """Return the accounts of those who run the SMSC."""
    return frozenset(account.system_id for account in config.accounts if account.operator)


def lockout(smpp: Smpp) -> Terms:
    """Return the terms on which failed binds lock out."""
    return Terms(smpp.lockout_after, smpp.lockout.seconds, smpp.lockout_longest.seconds)


def entrances(smpp: Smpp) -> list[Entrance]:
    """Return the listeners: the plain one, and the one for TLS if there is one.

    Raises `CertificateError` if its files have changed since they were checked.
    """
    proxies = tuple(each.network for each in smpp.proxy_from)
    plain = Entrance(smpp.listen.host, smpp.listen.port, None, proxies)
    if smpp.tls is None:
        return [plain]
    tls = smpp.tls
    context = server_context(tls.certificate, tls.key, tls.client_ca)
    return [plain, Entrance(tls.listen.host, tls.listen.port, context, proxies)]


def terms(link: Link) -> line.Terms:
    """Return how another SMSC is called; raises `CertificateError` as `entrances` does."""
    rate, tls = link.rate, link.tls
    return line.Terms(
        name=link.name,
        host=link.host,
        port=link.port,
        system_id=link.system_id,
        password=link.password,
        system_type=link.system_type,
        window=link.window,
        rate=rate.rate.count * 1000 / rate.rate.period_ms if rate is not None else 0,
        enquire_link_seconds=link.enquire_link_timer.seconds,
        response_seconds=link.response_timer.seconds,
        reconnect_seconds=link.reconnect.seconds,
        longest_reconnect_seconds=link.reconnect_longest.seconds,
        ssl=client_context(tls.ca) if tls is not None else None,
        server_hostname=tls.hostname or link.host if tls is not None else "",
    )


def routes(config: Config) -> list[Route]:
    """Return the routes."""
    return [
        Route(
            route.prefix,
            route.links,
            route.account,
            Traffic(route.traffic) if route.traffic is not None else None,
            route.source,
            route.hours.hours if route.hours is not None else None,
            route.priority,
            route.cost,
            route.weight,
        )
        for route in config.routes
    ]
