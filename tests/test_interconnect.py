"""Links and routes in the configuration, and every mistake with its cure."""

from pathlib import Path

import pytest
import trustme

from smsc import doors
from smsc.config import ConfigError, parse
from smsc.notation import Duration, Limit, Weekly
from smsc_routing.routes import Route
from smsc_routing.traffic import Traffic

LINK = """
[[links]]
name = "att"
host = "smpp.att.example"
port = 2775
system_id = "here"
"""
ROUTE = """
[[routes]]
prefix = "49"
links = ["att"]
"""
ACCOUNT = """
[[accounts]]
system_id = "fleet"
password = "secret"
"""


def test_a_link_is_called_on_its_terms() -> None:
    more = 'rate = "600/min"\nresponse_timer = "7s"\nreconnect = "2s"\npassword = "pw"\n'
    (link,) = parse(LINK + more, "smsc.toml").links
    terms = doors.terms(link)
    assert (terms.name, terms.host, terms.port) == ("att", "smpp.att.example", 2775)
    assert (terms.rate, terms.response_seconds, terms.reconnect_seconds) == (10, 7, 2)
    assert terms.ssl is None


def test_a_link_over_tls_checks_the_name_that_it_called(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    (link,) = parse(f'{LINK}[links.tls]\nca = "{authority}"\n', "smsc.toml").links
    terms = doors.terms(link)
    assert terms.ssl is not None and terms.ssl.check_hostname
    assert terms.server_hostname == "smpp.att.example"


def test_a_link_over_tls_may_be_told_the_name() -> None:
    (link,) = parse(f'{LINK}[links.tls]\nhostname = "other"\n', "smsc.toml").links
    assert doors.terms(link).server_hostname == "other"


def test_a_route_has_all_that_routing_asks() -> None:
    more = """
    account = "fleet"
    traffic = "external"
    source = "12"
    hours = "mon-fri 08:00-18:00"
    priority = 1
    cost = 0.5
    weight = 2
    """
    (route,) = doors.routes(parse(ACCOUNT + LINK + ROUTE + more, "smsc.toml"))
    hours = Weekly("mon-fri 08:00-18:00").hours
    assert route == Route("49", ("att",), "fleet", Traffic.EXTERNAL, "12", hours, 1, 0.5, 2)


def test_a_route_without_a_prefix_is_for_every_number() -> None:
    (route,) = doors.routes(parse(LINK + '[[routes]]\nlinks = ["att"]\n', "smsc.toml"))
    assert route == Route("", ("att",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LINK + LINK, "smsc.toml:9: links[1].name = 'att': stands in links[0] too; keep one"),
        (LINK.replace('"att"', '"AT&T"'), "links[0].name = 'AT&T': write 1 to 32 of a-z, 0-9"),
        (LINK.replace("2775", "0"), "links[0].port = 0: no port; write 1 to 65535"),
        (LINK.replace("smpp.att.example", ""), "links[0].host = '': nobody listens there"),
        (LINK.replace('"here"', f'"{"x" * 16}"'), "write up to 15 characters of ASCII"),
        (LINK + "window = 0\n", "links[0].window = 0: write 1 to 10000"),
        (LINK + 'receipt_wait = "0s"\n', "links[0].receipt_wait = '0s': no time at all"),
        (LINK + 'reconnect_longest = "500ms"\n', "shorter than reconnect; write as much or more"),
        (LINK + '[links.tls]\nca = "nowhere.pem"\n', "links[0].tls.ca = 'nowhere.pem': can't be"),
        (LINK + ROUTE.replace("att", "atr"), "no such link; did you mean 'att'?"),
        (LINK + ROUTE + 'account = "flet"\n', "routes[0].account = 'flet': no such account"),
        (LINK + ROUTE.replace("49", "+49"), "routes[0].prefix = '+49': a prefix is up to 15"),
        (LINK + ROUTE.replace('"att"', ""), "routes[0].links: it leads nowhere: name at least"),
        (LINK + ROUTE + "weight = 0\n", "routes[0].weight = 0: its weight is 0: weights start"),
        (LINK + ROUTE + "cost = nan\n", "routes[0].cost = nan: no number"),
        (LINK + ROUTE + 'hours = "sometimes"\n', "routes[0].hours = 'sometimes': hours"),
        (LINK + ROUTE + 'traffic = "a2p_mt"\n', "no such word; known: external, p2p_external_mo"),
    ],
)
def test_a_mistake_is_told_with_its_cure(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        parse(text, "smsc.toml")
    assert told in str(mistake.value)


def test_a_password_is_never_told() -> None:
    with pytest.raises(ConfigError) as mistake:
        parse(f'{LINK}password = "{"geheim" * 20}"\n', "smsc.toml")
    assert "geheim" not in str(mistake.value)


def test_values_that_say_the_same_are_equal() -> None:
    assert Duration("60s") == Duration("1m") and hash(Limit("1/s")) == hash(Limit("1/s"))
    assert Duration("60s") != Duration("61s") and Duration("60s") != "60s"
    assert parse(LINK + ROUTE, "a") == parse(LINK + ROUTE, "b")
