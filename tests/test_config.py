"""The configuration: what it takes, and how it tells a mistake: file, line, key, value, cure."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.config import (
    Config,
    ConfigError,
    load,
    parse,
)
from smsc.notation import Duration, Endpoint, Limit, Network, SharedSecret, StoreUrl
from smsc_routing.quota import Rate

FLEET = '[[accounts]]\nsystem_id = "fleet"\npassword = "pw"\n'
SECRET = "hunter2"
PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"
TOKEN_HASH = "sha256:" + "0123456789abcdef" * 4


def mistake(text: str) -> str:
    """Return the words about a configuration that has a mistake."""
    with pytest.raises(ConfigError) as raised:
        parse(text, "smsc.toml")
    return str(raised.value)


# Values.


@pytest.mark.parametrize(
    ("text", "ms"),
    [("500ms", 500), ("5s", 5000), ("1.5s", 1500), ("10m", 600_000), ("2h", 7_200_000),
     ("7d", 604_800_000), ("0s", 0)],
)  # fmt: skip
def test_a_duration_is_a_number_and_a_unit(text: str, ms: int) -> None:
    assert Duration(text).ms == ms


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "-5s", "5S", "5w", "1e3s", "5s5", ".5s"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        Duration(text)


def test_a_duration_is_a_year_at_most() -> None:
    assert Duration("365d").ms == 365 * 86_400_000
    for text in ("366d", "8761h", "9" * 400 + "ms"):
        with pytest.raises(ValueError, match="longer than a year"):
            Duration(text)


@given(st.integers(0, 365), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_every_whole_duration_is_exact(number: int, unit: str) -> None:
    factors = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
    assert Duration(f"{number}{unit}").ms == number * factors[unit]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:2775", "127.0.0.1", 2775),
        ("[::1]:80", "::1", 80),
        ("smsc.example:65535", "smsc.example", 65535),
        ("0.0.0.0:0", "0.0.0.0", 0),
    ],
)
def test_an_endpoint_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    endpoint = Endpoint(text)
    assert (endpoint.host, endpoint.port) == (host, port)


@pytest.mark.parametrize("text", ["", "2775", "host:", "host:x", "host:65536", "host:-1", "host:²"])
def test_anything_else_is_no_endpoint(text: str) -> None:
    with pytest.raises(ValueError, match="write host:port"):
        Endpoint(text)


@pytest.mark.parametrize("text", ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"])
def test_a_loopback_is_reached_by_this_machine_only(text: str) -> None:
    assert Endpoint(text).loopback


@pytest.mark.parametrize("text", ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "smsc.example:1", ":1"])
def test_everything_else_is_open_to_others(text: str) -> None:
    assert not Endpoint(text).loopback


def test_a_limit_is_a_rate() -> None:
    assert Limit("10/min burst 20").rate == Rate(10, 60_000, 20)


def test_a_network_may_be_of_either_family() -> None:
    assert Network("10.0.0.0/8").network.version == 4
    assert Network("fd00::/8").network.version == 6


def test_a_store_is_a_path() -> None:
    assert StoreUrl("sqlite:data/smsc.db").path == Path("data/smsc.db")
    assert StoreUrl("sqlite:/var/smsc.db").path == Path("/var/smsc.db")


@pytest.mark.parametrize("text", ["", "sqlite:", "smsc.db", "mysql://localhost/smsc"])
def test_anything_else_is_no_store(text: str) -> None:
    with pytest.raises(ValueError, match='write "sqlite:" and a path'):
        StoreUrl(text)


# Whole files.


def test_an_empty_file_is_a_configuration() -> None:
    assert parse("", "smsc.toml").smpp.listen.port == 2775


def test_a_full_file_is_read() -> None:
    config = parse(
        """
        [smsc]
        system_id = "centre"
        [store]
        url = "sqlite:here.db"
        [smpp]
        listen = "127.0.0.1:3000"
        enquire_link_timer = "45s"
        [http]
        listen = "127.0.0.1:3001"
        [delivery]
        validity = "1d"
        retry = ["1s", "2s"]
        [[accounts]]
        system_id = "fleet"
        password = "pw"
        addresses = ["1234", "FLEET"]
        allow_from = ["10.0.0.0/8"]
        rate = "500/s"
        broadcast = true
        [[policies]]
        name = "meters"
        mo = false
        mt_limit = ["10/min", "200/day"]
        deliver_to = "fleet"
        [[devices]]
        msisdn = "491700000001"
        policy = "meters"
        attached = false
        [[populations]]
        msisdn = "4471########"
        latency = "20ms"
        [[areas]]
        name = "berlin"
        msisdn = ["4930########"]
        policies = ["meters", "default"]
        """,
        "smsc.toml",
    )
    assert config.smsc.system_id == "centre"
    assert config.smpp.enquire_link_timer.seconds == 45
    assert [delay.ms for delay in config.delivery.retry] == [1000, 2000]
    (account,) = config.accounts
    assert account.broadcast
    assert account.rate is not None
    assert account.rate.rate == Rate(500, 1000)
    assert [limit.limit.count for limit in config.policies[0].mt_limit] == [10, 200]
    assert not config.devices[0].attached
    assert config.populations[0].latency.ms == 20
    (area,) = config.areas
    assert (area.msisdn, area.policies) == (("4930########",), ("meters", "default"))


def test_a_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "smsc.toml"
    path.write_text(FLEET)
    assert load(path).accounts[0].system_id == "fleet"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: can't be read"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "smsc.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="can't be read"):
        load(path)


def test_a_file_that_is_no_toml_is_told_with_its_line() -> None:
    words = mistake("[smsc]\nsystem_id =\n")
    assert words.startswith("smsc.toml: not TOML")
    assert "line 2" in words


# Mistakes: where they are, and the cure.


MISTAKES = {
    '[smpp]\n\nlistn = "[::]:1"\n': "smsc.toml:3: smpp.listn: no such key; did you mean 'listen'?",
    '\n[smp]\nlisten = "127.0.0.1:1"\n': "smsc.toml:2: smp: no such key; did you mean 'smpp'?",
    "# hello\nacounts = 1\n": "smsc.toml:2: acounts: no such key; did you mean 'accounts'?",
    f"{FLEET}\n{FLEET.replace('fleet', 'b')}windw = 3\n": (
        "smsc.toml:8: accounts[1].windw: no such key; did you mean 'window'?"
    ),
    '[smpp]\nlisten = "here"\n': (
        "smsc.toml:2: smpp.listen = 'here': not an address;"
        ' write host:port, such as "127.0.0.1:2775"'
    ),
    "[smpp]\nlisten = 2775\n": "smsc.toml:2: smpp.listen = 2775: must be text, in quotes",
    '[delivery]\nretry = ["10s", "soon"]\n': (
        "smsc.toml:2: delivery.retry[1] = 'soon': not a duration;"
        ' write a number and a unit, such as "5s" or "500ms"'
    ),
    '[delivery]\nreceipt_retry = ["0s"]\n': (
        'smsc.toml:2: delivery.receipt_retry: no delays; write at least one, such as ["1m"]'
    ),
    "[delivery]\nretry = []\n": (
        'smsc.toml:2: delivery.retry: no delays; write at least one, such as ["1m"]'
    ),
    '[store]\nurl = "mysql:x"\n': (
        "smsc.toml:2: store.url = 'mysql:x': not a store;"
        ' write "sqlite:" and a path: "sqlite:smsc-data/smsc.db"'
    ),
    f"{FLEET}window = 0\n": "smsc.toml:4: accounts[0].window = 0: must be 1 or more",
    f"{FLEET}max_binds = -1\n": "smsc.toml:4: accounts[0].max_binds = -1: must be 1 or more",
    f"{FLEET}\n{FLEET}": (
        "smsc.toml:6: accounts[1].system_id = 'fleet': stands in accounts[0] too; keep one of them"
    ),
    '[[devices]]\nmsisdn = "491"\n[[devices]]\nmsisdn = "491"\n': (
        "smsc.toml:4: devices[1].msisdn = '491': stands in devices[0] too; keep one of them"
    ),
    '[[populations]]\nmsisdn = "49#"\n[[populations]]\nmsisdn = "49#"\n': (
        "smsc.toml:4: populations[1].msisdn = '49#': stands in populations[0] too; keep one of them"
    ),
    '[[policies]]\nname = "a"\n[[policies]]\nname = "a"\n': (
        "smsc.toml:4: policies[1].name = 'a': stands in policies[0] too; keep one of them"
    ),
    '[[devices]]\nmsisdn = "491"\npolicy = "defalt"\n': (
        "smsc.toml:3: devices[0].policy = 'defalt': no such policy; did you mean 'default'?"
    ),
    '[[populations]]\nmsisdn = "49#"\npolicy = "xyz"\n': (
        "smsc.toml:3: populations[0].policy = 'xyz': no such policy; known: default"
    ),
    f'{FLEET}[[policies]]\nname = "a"\ndeliver_to = "flet"\n': (
        "smsc.toml:6: policies[0].deliver_to = 'flet': no such account or webhook;"
        " did you mean 'fleet'?"
    ),
    '[[devices]]\nmsisdn = "+491"\n': (
        "smsc.toml:2: devices[0].msisdn = '+491': not a number;"
        " write up to 15 digits without + or spaces"
    ),
    '[[devices]]\nmsisdn = "49#"\n': (
        "smsc.toml:2: devices[0].msisdn = '49#': not a number;"
        " write up to 15 digits without + or spaces"
    ),
    '[[accounts]]\nsystem_id = ""\npassword = "pw"\n': (
        "smsc.toml:2: accounts[0].system_id = '': SMPP allows 1 to 15 characters; choose another"
    ),
    '[[accounts]]\nsystem_id = "sixteen letters!"\npassword = "pw"\n': (
        "smsc.toml:2: accounts[0].system_id = 'sixteen letters!':"
        " SMPP allows 1 to 15 characters; choose another"
    ),
    '[[accounts]]\nsystem_id = "fleet"\n': (
        "smsc.toml:2: accounts[0].system_id = 'fleet': has no password; add password_hash"
    ),
    f'{FLEET}addresses = ["1"]\n{FLEET.replace("fleet", "b")}addresses = ["1"]\n': (
        "smsc.toml:8: accounts[1].addresses: '1' belongs to 'fleet' already; leave it to one"
    ),
    '[[areas]]\nname = "a"\n': (
        "smsc.toml:2: areas[0].name = 'a': nobody is there; add msisdn or policies"
    ),
    '[[areas]]\nname = ""\nmsisdn = ["49#"]\n': (
        "smsc.toml:2: areas[0].name = '': SMPP allows 1 to 99 characters of Latin-1; choose another"
    ),
    '[[areas]]\nname = "Łódź"\nmsisdn = ["49#"]\n': (
        "smsc.toml:2: areas[0].name = 'Łódź': SMPP allows 1 to 99 characters of Latin-1;"
        " choose another"
    ),
    '[[areas]]\nname = "\\t"\nmsisdn = ["49#"]\n': (
        "smsc.toml:2: areas[0].name = '\\t': not printable; choose another"
    ),
    '[[areas]]\nname = "a"\nmsisdn = ["49#", "x"]\n': (
        "smsc.toml:3: areas[0].msisdn[1] = 'x': not a number;"
        " write up to 15 digits without + or spaces"
    ),
    '[[areas]]\nname = "a"\npolicies = ["defalt"]\n': (
        "smsc.toml:3: areas[0].policies[0] = 'defalt': no such policy; did you mean 'default'?"
    ),
    '[[areas]]\nname = "a"\nmsisdn = ["1"]\n[[areas]]\nname = "a"\nmsisdn = ["2"]\n': (
        "smsc.toml:5: areas[1].name = 'a': stands in areas[0] too; keep one of them"
    ),
    "[accounts]\n": "smsc.toml:1: accounts: Expected `array`, got `object`",
    "[[smpp]]\n": "smsc.toml:1: smpp: Expected `object`, got `array`",
    f"{FLEET}submit_window = 0\n": "smsc.toml:4: accounts[0].submit_window = 0: must be 1 or more",
    f"{FLEET}max_receivers = -1\n": (
        "smsc.toml:4: accounts[0].max_receivers = -1: must be 0 or more; leave it out for no limit"
    ),
    f'{FLEET}rate_counts = "octets"\n': (
        "smsc.toml:4: accounts[0].rate_counts = 'octets': no such word; known: messages, parts"
    ),
    f'{FLEET}certificate = "esme.example"\n': (
        "smsc.toml:4: accounts[0].certificate = 'esme.example':"
        " nobody could show one; set client_ca in [smpp.tls], or drop it"
    ),
    f'{FLEET}outbind = "192.0.2.1:0"\n': (
        "smsc.toml:4: accounts[0].outbind = '192.0.2.1:0':"
        " nobody listens there; write host:port of the ESME"
    ),
    f'{FLEET}outbind_password = "letmein"\n': (
        "smsc.toml:4: accounts[0].outbind_password: there is no outbind; add it, or drop this"
    ),
    f'{FLEET}outbind = "192.0.2.1:2775"\noutbind_password = "ninechars"\n': (
        "smsc.toml:5: accounts[0].outbind_password:"
        " SMPP allows 8 characters of ASCII; choose another"
    ),
    "[smpp]\nlockout_after = 0\n": "smsc.toml:2: smpp.lockout_after = 0: must be 1 or more",
    '[smpp]\nlockout = "1h"\n': (
        "smsc.toml:1: smpp.lockout_longest: shorter than lockout; write as much or more"
    ),
    '[smpp]\nproxy_from = ["10.0.0.1/8"]\n': (
        "smsc.toml:2: smpp.proxy_from[0] = '10.0.0.1/8': 10.0.0.1/8 has host bits set"
    ),
    '[smpp.tls]\nlisten = "127.0.0.1:3550"\n': (
        "smsc.toml:1: smpp.tls: Object missing required field `certificate`"
    ),
    '[smpp]\n[smpp.tls]\ncertifcate = "x"\n': (
        "smsc.toml:3: smpp.tls.certifcate: no such key; did you mean 'certificate'?"
    ),
    '\n[[accounts]]\npassword = "pw"\n': (
        "smsc.toml:2: accounts[0]: Object missing required field `system_id`"
    ),
}


@pytest.mark.parametrize(("text", "words"), MISTAKES.items())
def test_a_mistake_is_told_with_its_line_its_key_its_value_and_the_cure(
    text: str, words: str
) -> None:
    assert mistake(text) == words


@pytest.mark.parametrize("limit", ["10", "0/s", "10/year", "-1/s", "10/month"])
def test_a_rate_that_is_none_is_told_with_its_text(limit: str) -> None:
    assert repr(limit) in mistake(f'{FLEET}rate = "{limit}"\n')


def test_a_network_that_is_none_is_told_with_its_text() -> None:
    assert "'home'" in mistake(f'{FLEET}allow_from = ["home"]\n')


def test_an_address_may_stand_twice_in_one_account() -> None:
    assert parse(f'{FLEET}addresses = ["1", "1"]\n', "smsc.toml").accounts


# Secrets.


def test_a_clear_password_is_allowed_where_the_listener_is_loopback() -> None:
    assert parse(f'[smpp]\nlisten = "localhost:1"\n{FLEET}', "smsc.toml").accounts


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.0.0.1", "smsc.example"])
def test_a_clear_password_is_refused_where_others_can_listen(host: str) -> None:
    words = mistake(f'[smpp]\nlisten = "{host}:2775"\n{FLEET.replace("pw", SECRET)}')
    assert words.startswith("smsc.toml:5: accounts[0].password: in clear")
    assert "use password_hash, made by `smsc hash-password`" in words
    assert SECRET not in words


def test_a_clear_token_is_refused_where_others_can_listen() -> None:
    words = mistake(f'[http]\nlisten = "0.0.0.0:80"\n{FLEET}api_token = "{SECRET}"\n')
    assert words.startswith("smsc.toml:6: accounts[0].api_token: in clear")
    assert "use api_token_hash" in words
    assert SECRET not in words


def test_hashes_are_allowed_everywhere() -> None:
    config = parse(
        '[smpp]\nlisten = "0.0.0.0:1"\n[http]\nlisten = "0.0.0.0:2"\n'
        f'[[accounts]]\nsystem_id = "a"\npassword_hash = "{PASSWORD_HASH}"\n'
        f'api_token_hash = "{TOKEN_HASH}"\n',
        "smsc.toml",
    )
    assert config.accounts[0].password_hash == PASSWORD_HASH
    assert config.accounts[0].api_token_hash == TOKEN_HASH


@pytest.mark.parametrize("name", ["password_hash", "api_token_hash"])
def test_a_hash_that_is_none_is_refused_with_the_cure_and_not_shown(name: str) -> None:
    words = mistake(f'{FLEET}{name} = "{SECRET}"\n')
    assert words.startswith(f"smsc.toml:4: accounts[0].{name}: no ")
    assert "smsc hash-password" in words
    assert SECRET not in words


@pytest.mark.parametrize(
    "text",
    [
        f'[[accounts]]\npassword = "{SECRET}"\n',
        f'[[accounts]]\nsystem_id = "a"\npasswrd = "{SECRET}"\n',
        f'[[accounts]]\nsystem_id = "a"\nsecret = "{SECRET}"\n',
        f'[[accounts]]\nsystem_id = "a"\npassword = ["{SECRET}"]\n',
        f'[[accounts]]\nsystem_id = "a"\npassword = "{SECRET}\n',
        f'[[accounts]]\nsystem_id = "a"\npassword = "{SECRET}"\npassword.x = 1\n',
        f'[[accounts]]\nsystem_id = "a"\npassword = "{SECRET}"\nwindow = "x"\n',
        f'[accounts]\nsystem_id = "a"\npassword = "{SECRET}"\n',
        f'accounts = [{{system_id = "a", pasword = "{SECRET}"}}]\n',
        f'[[accounts]]\nsystem_id = "a"\napi_tokn = "{SECRET}"\n',
        f'[[acounts]]\nsystem_id = "a"\npassword = "{SECRET}"\n',
    ],
)
def test_no_secret_is_told_with_a_mistake(text: str) -> None:
    assert SECRET not in mistake(text)


@given(st.text(max_size=60))
def test_nothing_but_a_config_error_comes_of_any_text(text: str) -> None:
    try:
        assert isinstance(parse(text, "smsc.toml"), Config)
    except ConfigError as error:
        assert str(error).startswith("smsc.toml:")


TABLES = st.sampled_from(["smsc", "store", "smpp", "http", "delivery", "accounts", "devices", "x"])
KEYS = st.sampled_from(["listen", "url", "system_id", "retry", "msisdn", "policy", "rate", "y"])
VALUES = st.sampled_from(
    ['"x"', "5", "true", '["x"]', "[]", "{}", "{a = 1}", "[[1]]", "1979-05-27"]
)


@given(TABLES, st.booleans(), KEYS, VALUES)
def test_nothing_but_a_config_error_comes_of_any_value_in_any_place(
    table: str, several: bool, key: str, value: str
) -> None:
    header = f"[[{table}]]" if several else f"[{table}]"
    for text in (f"{header}\n{key} = {value}\n", f"{table} = {value}\n"):
        try:
            parse(text, "smsc.toml")
        except ConfigError as error:
            assert str(error).startswith("smsc.toml:")


# Distribution lists.


@pytest.mark.parametrize(
    "lists",
    [
        'lists = { north = ["491700000001", "491700000002"] }\n',
        '[accounts.lists]\nnorth = ["491700000001", "491700000002"]\n',
    ],
)
def test_a_list_is_written_in_its_account_or_below(lists: str) -> None:
    (account,) = parse(FLEET + lists, "smsc.toml").accounts
    assert account.lists == {"north": ("491700000001", "491700000002")}


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ('{ "" = ["1"] }', "'' is no name of a list; SMPP allows 20 characters"),
        ('{ "nord\u00f6st" = ["1"] }', "is no name of a list"),
        ('{ abcdefghijklmnopqrstu = ["1"] }', "is no name of a list"),
        ("{ north = [] }", "'north' has 0 numbers; write 1 to 1000 of them"),
        ('{ north = ["+491700000001"] }', "'+491700000001' in 'north': write up to 15 digits"),
        ('{ north = "491700000001" }', "Expected `array`, got `str`"),
        ('["491700000001"]', "Expected `object`, got `array`"),
    ],
)
def test_a_list_that_cannot_be_is_told(lists: str, words: str) -> None:
    told = mistake(f"{FLEET}lists = {lists}\n")
    assert told.startswith("smsc.toml:4: accounts[0].lists")
    assert words in told


def test_a_mistake_in_a_list_is_told_with_the_line_of_its_table() -> None:
    other = FLEET.replace("fleet", "other")
    text = f"{FLEET}[accounts.lists]\nnorth = ['1']\n{other}[accounts.lists]\nsouth = []\n"
    assert mistake(text).startswith("smsc.toml:9: accounts[1].lists: 'south' has 0 numbers")


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "shorter"), ("MZXW6", "shorter"), ("!" * 32, "not base32"), ("ä" * 32, "not base32")],
)
def test_a_shared_secret_is_base32_of_128_bits_or_more(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        SharedSecret(text)


def test_a_shared_secret_is_read_as_apps_show_it() -> None:
    secret = SharedSecret("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
    assert secret.octets == b"12345678901234567890"
