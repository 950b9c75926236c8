"""Where a request comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.addresses import client_address
from kernel.addresses import network

PEER = "203.0.113.9"


def address(forwarded_for, proxies, peer=PEER):
    return client_address(peer, forwarded_for, trusted_proxies=proxies)


@given(st.text(max_size=100))
def test_without_trusted_proxies_no_header_is_believed(header):
    assert address(header, 0) == PEER


@given(st.text(alphabet="0123456789abcdef.,: []", max_size=60))
def test_what_a_client_writes_itself_never_counts(forged):
    assert address(f"{forged},198.51.100.7", 1) == "198.51.100.7"
    assert address(f"{forged},198.51.100.7,10.0.0.1", 2) == "198.51.100.7"


def test_a_chain_that_is_too_short_falls_back_to_the_peer():
    assert address("198.51.100.7", 2) == PEER
    assert address("", 1) == PEER


@pytest.mark.parametrize("wrong", ["unknown", "1.2.3", "<script>", "1.2.3.4.5", "::g", "a" * 999])
def test_an_entry_that_is_no_address_falls_back_to_the_peer(wrong):
    assert address(wrong, 1) == PEER


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        (" 198.51.100.7 ", "198.51.100.7"),
    ],
)
def test_the_ways_to_write_an_address_are_read(written, read):
    assert address(written, 1) == read


def test_a_socket_has_no_address():
    assert address("", 0, peer="") == ""
    assert network("") == "local"


def test_the_hosts_of_one_ipv6_network_share_a_limit():
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("198.51.100.7") == "198.51.100.7"


def test_a_forged_header_does_not_escape_the_limit(api, settings):
    settings.RATE_LIMIT_ANONYMOUS = (3, 60)
    statuses = [
        api.get("t/public", X_Forwarded_For=f"198.51.100.{n}").status_code for n in range(5)
    ]
    assert statuses == [200, 200, 200, 429, 429]


def test_behind_a_trusted_proxy_clients_are_told_apart(api, settings):
    settings.RATE_LIMIT_ANONYMOUS = (3, 60)
    settings.TRUSTED_PROXIES = 1
    for n in range(5):
        assert api.get("t/public", X_Forwarded_For=f"198.51.100.{n}").status_code == 200
