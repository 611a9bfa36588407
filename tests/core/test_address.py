"""Which server an address means, in any spelling, and where plain http may go."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.privacy.address import parse_address
from app.core.privacy.destination import Destination, ServiceKind, UnconfirmedError, server_at


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://GPU.hospital/v1", "https://gpu.hospital:443"),
        ("https://gpu.hospital./v1", "https://gpu.hospital:443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("http://[::ffff:10.0.0.5]/", "http://10.0.0.5:80"),
        ("http://[64:ff9b::a00:5]/", "http://10.0.0.5:80"),
        ("http://[2002:0a00:0005::]/", "http://10.0.0.5:80"),
        ("http://16909060/v1", "http://1.2.3.4:80"),
        ("http://0x01020304/v1", "http://1.2.3.4:80"),
        ("http://0100401404/v1", "http://1.2.3.4:80"),
        ("http://1.2.772/v1", "http://1.2.3.4:80"),
        ("http://0x1.02.3.4./v1", "http://1.2.3.4:80"),
        ("http://%31.2.3.4/v1", "http://1.2.3.4:80"),
        ("http://１.２.３.４/v1", "http://1.2.3.4:80"),
        ("http://①.2。3.4/v1", "http://1.2.3.4:80"),
        ("https://klinikum-münchen.example/v1", "https://xn--klinikum-mnchen-8vb.example:443"),
        ("http://ＬＯＣＡＬＨＯＳＴ:1", "http://localhost:1"),
    ],
)
def test_every_spelling_is_the_address_it_means(url: str, origin: str) -> None:
    assert parse_address(url).origin == origin


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "{:#x}", "0{:o}"]))
def test_numbers_are_read_as_the_network_reads_them(value: int, form: str) -> None:
    written = form.format(value)
    try:
        name = parse_address(f"http://{written}/").name
    except UserError:
        return
    assert socket.inet_aton(name) == socket.inet_aton(written)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpu",
        "ftp://a",
        "file:///a",
        "https://",
        "https://a:b@c",
        "https://@c",
        "https://:b@c",
        "https://a%40b@c",
        "https://c/v1#part",
        "https://c/v1#",
        "https://c/v1?key=a",
        "http://a:99999",
        "http://a:0",
        "http://a b",
        "http://a\\@b",
        "http://a\nb",
        "http://a%00b",
        "http://a%2fb",
        "http://1.2.3.256",
        "http://1.256.3.4",
        "http://256.2.3.4",
        "http://4294967296",
        "http://1.2.3.4.5",
        "http://08.0.0.1",
        "http://-1.0.0.1",
        "http://0x-1.0.0.1",
        "http://+1.0.0.1",
        "http://1_0.0.0.1",
        "http://%201.0.0.1",
        "http://0o7.0.0.1",
        "http://a/v1\x7f",
        "http://a/\u2028b",
        "http://a/\udcff",
        "http://0.0.0.0",
        "http://[::]",
        "http://[fe80::1%25eth0]",
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]",
        "http://-a",
        "http://..",
        "http://" + "a" * 3000,
    ],
)
def test_not_the_address_of_a_server(url: str) -> None:
    with pytest.raises(UserError):
        parse_address(url)


@pytest.mark.parametrize(
    ("url", "here", "private"),
    [
        ("http://localhost", True, True),
        ("http://127.0.0.1", True, True),
        ("http://127.9.9.9", True, True),
        ("http://[::1]", True, True),
        ("http://[::ffff:127.0.0.1]", True, True),
        ("http://10.255.255.255", False, True),
        ("http://172.31.255.255", False, True),
        ("http://192.168.0.1", False, True),
        ("http://[fd00::1]", False, True),
        ("http://gpu.hospital", False, True),
        ("http://172.32.0.0", False, False),
        ("http://11.0.0.0", False, False),
        ("http://192.169.0.1", False, False),
        ("http://[2001:4860::1]", False, False),
    ],
)
def test_which_addresses_are_in_the_house(url: str, here: bool, private: bool) -> None:
    address = parse_address(url)
    assert (address.is_this_computer, address.may_be_private) == (here, private)


@given(st.text(max_size=40) | st.text("0123456789abcdefx.-+_ %", max_size=20))
def test_nothing_but_a_sentence_comes_of_other_texts(text: str) -> None:
    for url in (text, f"http://{text}", f"https://[{text}]:1"):
        try:
            address = parse_address(url)
        except UserError:
            continue
        assert parse_address(address.url) == address


def place(url: str, *confirmed: str) -> Destination:
    return server_at(parse_address(url), "m", confirmed)


def test_plain_http_to_this_computer_needs_nothing() -> None:
    for url in ("http://localhost:8000", "http://127.9.9.9:8000", "http://[::1]:8000", "http://2130706433"):
        assert place(url).service is ServiceKind.THIS_MACHINE


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.1.7", "172.31.0.1", "[fd00::7]", "gpu", "gpu.local"])
def test_plain_http_to_a_private_address_is_confirmed_for_that_origin(host: str) -> None:
    with pytest.raises(UnconfirmedError, match="own network"):
        place(f"http://{host}:8000")
    for other in (f"http://{host}:8001", f"https://{host}:8000", "http://10.0.0.9:8000"):
        with pytest.raises(UnconfirmedError):
            place(f"http://{host}:8000", other)
    assert place(f"http://{host}:8000", f"http://{host}:8000").service is ServiceKind.OTHER_SERVER


@pytest.mark.parametrize("host", ["1.2.3.4", "16909060", "[2001:4860::8888]", "172.32.0.1", "100.64.0.1"])
def test_plain_http_to_an_address_outside_cannot_be_confirmed(host: str) -> None:
    origin = parse_address(f"http://{host}").origin
    with pytest.raises(UserError, match="https") as refused:
        place(f"http://{host}", origin)
    assert not isinstance(refused.value, UnconfirmedError)


def test_https_may_go_anywhere_and_is_another_place_than_http() -> None:
    safe = place("https://10.0.0.5:8443")
    open_to_all = place("http://10.0.0.5:8443", "http://10.0.0.5:8443")
    assert safe != open_to_all
    assert safe.key_name != open_to_all.key_name
    assert "not encrypted" in open_to_all.shown
