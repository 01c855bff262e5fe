"""The policies in force: of the file, of the API, and what single devices override."""

import msgspec
import pytest

from smsc import policies as room
from smsc.config import ConfigError, parse
from smsc.policies import Policies, PolicyOfFile, UnknownPolicy
from smsc.subscriber import PolicyText
from smsc_routing.calendar_quota import Allowance, Quota, Span
from smsc_routing.quota import Rate

FILE = """
[[accounts]]
system_id = "fleet"
password = "pw"
[[policies]]
name = "meters"
mo = false
mt_limit = ["10/min burst 20", "200/day"]
mt_limit_together = ["100/s", "5000/month"]
timezone = "Europe/Berlin"
max_segments = 2
deliver_to = "fleet"
"""


def policies(text: str = FILE) -> Policies:
    config = parse(text, "smsc.toml")
    return Policies(config.policies, {account.system_id for account in config.accounts})


def stored(name: str, text: str = "{}") -> PolicyText:
    return PolicyText(name, text.encode())


def mistake(made: Policies, text: str, name: str = "mine") -> str:
    with pytest.raises(ConfigError) as raised:
        made.check(text.encode(), name)
    return str(raised.value)


# What is in force.


def test_a_table_becomes_what_routing_takes() -> None:
    policy = policies().find("meters")
    assert (policy.name, policy.mo, policy.mt, policy.deliver_to) == (
        "meters",
        False,
        True,
        "fleet",
    )
    assert policy.mt_limit == (Rate(10, 60_000, 20),)
    assert policy.mt_limit_together == (Rate(100, 1000),)
    restrictions = policy.mt_restrictions
    assert restrictions is not None
    assert restrictions.quotas == (Quota(200, Span.DAY),)
    assert str(restrictions.local_time.zone) == "Europe/Berlin"
    assert restrictions.together == Allowance(
        "T:meters", (Quota(5000, Span.MONTH),), restrictions.local_time
    )


def test_one_that_restricts_nothing_has_no_restrictions() -> None:
    policy = policies().find("default")
    assert (policy.mo_restrictions, policy.mt_restrictions) == (None, None)


def test_a_name_that_nothing_has_is_the_default() -> None:
    made = policies()
    assert made.find("gone") is made.find("default")
    assert "gone" not in made and "default" in made


def test_all_can_be_gone_through() -> None:
    made = policies()
    made.put(stored("mine"))
    assert sorted(policy.name for policy in made) == ["default", "meters", "mine"]


def test_the_file_may_say_what_the_default_is() -> None:
    assert not policies('[[policies]]\nname = "default"\nmt = false').find("gone").mt


# Of the API.


def test_one_that_is_put_is_in_force_at_once_and_so_is_its_change() -> None:
    made = policies()
    made.put(stored("mine", '{"mt": false}'))
    assert not made.find("mine").mt
    made.put(stored("mine", '{"mt": true, "mo": false}'))
    assert (made.find("mine").mt, made.find("mine").mo) == (True, False)


def test_one_that_is_removed_falls_back_to_the_default() -> None:
    made = policies()
    made.put(stored("mine", '{"mt": false}'))
    made.remove("mine")
    assert made.find("mine") is made.find("default")
    with pytest.raises(UnknownPolicy, match="there is no policy 'mine'"):
        made.remove("mine")


def test_the_default_can_be_made_over_the_api_and_removed_again() -> None:
    made = policies()
    made.put(made.check(b'{"name": "default", "mt": false}'))
    assert not made.find("gone").mt
    made.remove("default")
    assert made.find("gone").mt


def test_one_of_the_file_can_not_be_changed_over_the_api() -> None:
    made = policies()
    words = "policy 'meters' stands in the configuration; change it there, or choose another name"
    with pytest.raises(PolicyOfFile) as checked:
        made.check(b'{"name": "meters"}')
    with pytest.raises(PolicyOfFile):
        made.remove("meters")
    assert str(checked.value) == words
    assert made.of_file("meters") and not made.of_file("default")


def test_the_files_own_wins_and_what_was_made_beside_it_comes_back_when_it_goes() -> None:
    made = policies()
    made.restore([stored("meters", '{"mt": false}')])
    assert made.find("meters").mt
    made.replace_file(())
    assert not made.find("meters").mt


def test_the_file_can_be_replaced_and_what_was_made_beside_it_stays() -> None:
    made = policies()
    made.put(stored("mine", '{"mt": false}'))
    made.replace_file(parse('[[policies]]\nname = "new"\nmo = false', "smsc.toml").policies)
    assert not made.find("new").mo
    assert made.find("meters") is made.find("default")
    assert not made.find("mine").mt


def test_a_stored_one_that_can_not_be_read_any_more_leaves_the_others_alone() -> None:
    made = policies()
    made.restore([stored("old", '{"gone": 1}'), stored("mine", '{"mt": false}')])
    assert "old" not in made
    assert not made.find("mine").mt


def test_what_was_checked_is_what_is_written() -> None:
    made = policies()
    text = b'{"mt_limit":["5/min"],"binary":false,"name":"mine","mo":true}'
    made.put(made.check(text))
    shown = made.written("mine")
    assert shown.text == b'{"name":"mine","mt_limit":["5/min"],"binary":false}'
    again = policies()
    again.put(shown)
    assert again.find("mine") == made.find("mine")


def test_one_of_the_file_is_shown_as_it_is_written_there() -> None:
    assert msgspec.json.decode(policies().written("meters").text) == {
        "name": "meters",
        "mo": False,
        "mt_limit": ["10/min burst 20", "200/day"],
        "mt_limit_together": ["100/s", "5000/month"],
        "timezone": "Europe/Berlin",
        "max_segments": 2,
        "deliver_to": "fleet",
    }


def test_one_that_there_is_not_can_not_be_shown() -> None:
    with pytest.raises(UnknownPolicy):
        policies().written("gone")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no JSON object: Expected `object`, got `array`"),
        ('{"windw": 1}', "windw: no such key; known: "),
        ('{"mt_limt": []}', "mt_limt: no such key; did you mean 'mt_limit'?"),
        ('{"mt": 1}', "mt = 1: Expected `bool`, got `int`"),
        ('{"mt_limit": ["10/week"]}', "mt_limit[0] = '10/week': limit '10/week' is not a count"),
        ('{"mt_limit": [5]}', "mt_limit[0] = 5: must be text, in quotes"),
        ('{"max_segments": 0}', "max_segments = 0: a message has 1 to 255 segments; write one"),
        (
            '{"deliver_to": "flet"}',
            "deliver_to = 'flet': no such account or webhook; did you mean 'fleet'?",
        ),
        (
            '{"deliver_to": "https://fleet.example/mo"}',
            "deliver_to = 'https://fleet.example/mo': no URL stands here; make a webhook of it,"
            " and write its name",
        ),
        ('{"forbidden_text": ["a("]}', "forbidden_text[0] = 'a(': no expression of RE2: missing )"),
        ('{"name": "yours"}', "name = 'yours': it goes by 'mine'; leave it out"),
        ('{"name": 1}', "name = 1: it goes by 'mine'; leave it out"),
    ],
)
def test_a_mistake_is_told_with_key_value_and_cure(text: str, words: str) -> None:
    assert mistake(policies(), text).startswith(words)


def test_a_policy_needs_a_name() -> None:
    with pytest.raises(ConfigError, match="missing required field `name`"):
        policies().check(b"{}")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b'{"name": "\\ud800"}', b"[" * 5000])
def test_what_is_no_json_is_told(text: bytes) -> None:
    with pytest.raises(ConfigError, match="no JSON object"):
        policies().check(text)


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_STORED", 1)
    made = policies()
    made.put(made.check(b"{}", "one"))
    made.check(b"{}", "one")
    assert mistake(made, "{}") == "there are 1 policies already; delete some"


def test_nothing_is_delivered_to_an_account_that_is_gone() -> None:
    made = policies()
    made.restore([stored("mine", '{"deliver_to": "gone", "mo": false}')])
    assert made.find("mine").deliver_to is None
    assert not made.find("mine").mo
    assert made.overridden("meters", b'{"deliver_to": "gone"}').deliver_to == "fleet"


# What a device overrides.


def test_a_device_may_override_single_keys() -> None:
    policy = policies().overridden("meters", b'{"mo": true, "mt_limit": ["1/day"]}')
    assert (policy.name, policy.mo, policy.mt, policy.deliver_to) == ("meters", True, True, "fleet")
    assert policy.mt_limit == ()
    restrictions = policy.mt_restrictions
    assert restrictions is not None and restrictions.quotas == (Quota(1, Span.DAY),)


def test_a_key_that_is_null_is_as_if_the_policy_had_none() -> None:
    assert policies().overridden("meters", b'{"deliver_to": null}').deliver_to is None


def test_overrides_are_compiled_once() -> None:
    made = policies()
    assert made.overridden("meters", b'{"mt":false}') is made.overridden("meters", b'{"mt":false}')
    assert made.overridden("meters", b"") is made.find("meters")


def test_overrides_follow_when_their_policy_changes() -> None:
    made = policies()
    made.put(stored("mine", '{"mo": false}'))
    assert not made.overridden("mine", b'{"mt": false}').mo
    made.put(stored("mine"))
    assert made.overridden("mine", b'{"mt": false}').mo
    made.remove("mine")
    assert made.overridden("mine", b'{"mt": false}').name == "default"


def test_limits_of_all_together_stay_those_of_the_group() -> None:
    made = policies()
    policy = made.overridden("meters", b'{"timezone": "UTC", "max_segments": null}')
    group = made.find("meters").mt_restrictions
    restrictions = policy.mt_restrictions
    assert restrictions is not None and group is not None
    assert str(restrictions.local_time.zone) == "UTC"
    assert restrictions.together == group.together
    assert policy.mt_limit_together == (Rate(100, 1000),)


@pytest.mark.parametrize("key", ["name", "mt_limit_together", "mo_limit_together"])
def test_what_is_about_the_group_can_not_be_overridden(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key}: no device has one of its own"):
        policies().check_overrides(f'{{"{key}": []}}'.encode())


def test_overrides_are_checked_like_policies() -> None:
    made = policies()
    assert made.check_overrides(b'{"mt": false}') == b'{"mt": false}'
    assert made.check_overrides(b"{}") == b""
    with pytest.raises(ConfigError, match="max_segments = 0: a message has 1 to 255 segments"):
        made.check_overrides(b'{"max_segments": 0}')
    with pytest.raises(ConfigError, match="deliver_to = 'x': no such account"):
        made.check_overrides(b'{"deliver_to": "x"}')


def test_a_device_has_only_so_much_of_its_own() -> None:
    blocked = ",".join(f'"SPAM{number:06}"' for number in range(400))
    text = b'{"blocked_sources":[%s]}' % blocked.encode()
    with pytest.raises(ConfigError, match="takes 5221 octets, a device has room for 4096; make a"):
        policies().check_overrides(text)


def test_overrides_that_can_not_be_read_any_more_count_for_nothing() -> None:
    made = policies()
    assert made.overridden("meters", b'{"gone": 1}') is made.find("meters")


def test_only_so_many_overrides_are_kept_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "OVERRIDDEN", 2)
    made = policies()
    first = made.overridden("meters", b'{"max_segments":3}')
    for segments in (4, 5):
        made.overridden("meters", b'{"max_segments":%d}' % segments)
    again = made.overridden("meters", b'{"max_segments":3}')
    assert again == first and again is not first
