"""No way inside: which URLs and addresses are refused, however they are written."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

import pytest

from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused, Unreachable
from domains.notifications.services.outbound.networks import is_public
from domains.notifications.services.outbound.urls import parse
from tests.notifications.sinks import sink

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "127.0.0.1", "127.255.0.1", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "100::1",
    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2620:4f:8000::1", "3fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
    "192.0.1.1", "198.17.255.255", "223.255.255.255", "2001:200::1", "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e", "3ffe::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
def test_a_url_with_an_address_inside_is_refused(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused):
        parse(f"https://{host}/")


def test_nothing_public_is_what_the_standard_library_calls_private():
    for network in ("2000::/3", "0.0.0.0/0"):
        for subnet in ip_network(network).subnets(prefixlen_diff=12):
            address = subnet.network_address
            assert not is_public(address) or address.is_global, address


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",  # without TLS
        "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://hooks.example.com/",
        "javascript:alert(1)", "//hooks.example.com/", "hooks.example.com", "", "https://",
        "https:///path", "https://?a=b",
        "https://user@hooks.example.com/", "https://user:secret@hooks.example.com/",
        "https://@hooks.example.com/", "https://hooks.example.com@10.0.0.1/",
        "https://hooks.example.com:22/", "https://hooks.example.com:80/",
        "https://hooks.example.com:0/", "https://hooks.example.com:99999/",
        "https://hooks.example.com:x/", "https://hooks.example.com:-1/",
        "https://2130706433/", "https://0x7f000001/", "https://017700000001/", "https://127.1/",
        "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://127.0.0.1./", "https://127.0.0.08/",
        "https://1.2.3/", "https://1.2.3.4.5/", "https://256.1.1.1/", "https://a.0x/",
        "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/", "https://\u2460\u2461\u2466.0.0.1/", "https://127\u30020\u30020\u30021/",
        "https://[::1%25lo]/", "https://[fe80::1%eth0]/", "https://[::1/", "https://[1.2.3.4]/",
        "https://hooks example.com/", "https://hooks.example.com/\r\nX: y", "https://a\tb.com/",
        "https://hooks.example.com\\@10.0.0.1/", "https://hooks.example.com/\x00",
        "https://-a.example.com/", "https://a..example.com/", "https://a%2e.example.com/",
        "https://" + "a" * 64 + ".example.com/", "https://" + "a." * 130 + "com/",
        "https://xn--\udcff.example.com/", "https://example.com/" + "a" * 2048,
    ],
)  # fmt: skip
def test_a_url_that_may_mean_something_else_is_refused(url):
    with pytest.raises(Refused):
        client.check_url(url=url)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://Hooks.Example.COM", "hooks.example.com", 443, "/", "hooks.example.com"),
        ("https://h.example.com:8443/a?b=c#d", "h.example.com", 8443, "/a?b=c",
         "h.example.com:8443"),
        ("https://h.example.com./%20%zz", "h.example.com", 443, "/%20%zz", "h.example.com"),
        ("https://bücher.example/ä?ö", "xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6",
         "xn--bcher-kva.example"),
        ("https://[2606:4700::1111]:8443/", "2606:4700::1111", 8443, "/", "[2606:4700::1111]:8443"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/", "8.8.8.8"),
        ("https://my_host.example.com/", "my_host.example.com", 443, "/", "my_host.example.com"),
    ],
)  # fmt: skip
def test_a_url_has_one_spelling(url, host, port, path, authority):
    target = parse(url)
    assert (target.host, target.port, target.path, target.authority) == (
        host,
        port,
        path,
        authority,
    )


def answers(monkeypatch, name: str, *rounds: list[str]) -> list[str]:
    """Let the name resolve to other addresses each time; return the list of look-ups."""
    real, asked = socket.getaddrinfo, []

    def look_up(host, port, *arguments, **options):
        if host != name:
            return real(host, port, *arguments, **options)
        asked.append(host)
        found = rounds[min(len(asked), len(rounds)) - 1]
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "",
             (each, port))
            for each in found
        ]  # fmt: skip

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused(monkeypatch, address):
    answers(monkeypatch, "inside.example.com", [address])
    with pytest.raises(Refused):
        client.post(url="https://inside.example.com/", body=b"{}", headers={})


def test_a_name_that_leads_inside_with_one_of_its_addresses_is_refused(monkeypatch):
    answers(monkeypatch, "both.example.com", ["8.8.8.8", "2606:4700::1", "127.0.0.1"])
    with pytest.raises(Refused, match=r"127\.0\.0\.1"):
        client.post(url="https://both.example.com/", body=b"{}", headers={})


def test_localhost_is_refused():
    with pytest.raises(Refused):
        client.post(url="https://localhost/", body=b"{}", headers={})


def test_a_name_without_an_address_is_unreachable(monkeypatch):
    answers(monkeypatch, "nowhere.example.com", [])
    with pytest.raises(Unreachable):
        client.post(url="https://nowhere.example.com/", body=b"{}", headers={})


def test_a_name_that_changes_its_answer_is_asked_once_and_the_checked_address_kept(
    monkeypatch, settings
):
    # The first answer is the one network that is allowed; what is told afterwards leads inside.
    settings.OUTBOUND_HTTP, settings.OUTBOUND_NETWORKS = True, ["127.0.0.9/32"]
    with sink(host="127.0.0.9") as allowed, sink() as inside:
        settings.OUTBOUND_PORTS = [str(allowed.port), str(inside.port)]
        asked = answers(monkeypatch, "rebinding.example.com", ["127.0.0.9"], ["127.0.0.1"])
        url = allowed.url(host="rebinding.example.com")
        assert client.post(url=url, body=b"{}", headers={}).status == 200
        assert asked == ["rebinding.example.com"]
        assert allowed.received[0].headers["host"] == f"rebinding.example.com:{allowed.port}"
        # The next request asks anew, and is refused before anything is connected to.
        url = inside.url(host="rebinding.example.com")
        with pytest.raises(Refused):
            client.post(url=url, body=b"{}", headers={})
        assert inside.received == []


def test_networks_that_are_allowed_are_allowed_alone(settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    client.check_url(url="https://127.0.0.1/")
    for host in ("10.0.0.1", "[::1]", "[::ffff:127.0.0.1]"):
        with pytest.raises(Refused):
            client.check_url(url=f"https://{host}/")


def test_nothing_but_tls_and_its_ports_is_allowed_unless_said(settings):
    assert settings.OUTBOUND_HTTP is False
    assert settings.OUTBOUND_NETWORKS == []
    assert settings.OUTBOUND_PORTS == ["443", "8443"]
