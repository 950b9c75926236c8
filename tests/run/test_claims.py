"""Which data directory a start takes, and that none is taken where it can't go on."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from config import instance
from config.instance import CannotClaim, claimed
from tests.ports import free_port


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(instance, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def port():
    return free_port()


def listening(port):
    return closing(socket.create_server(("127.0.0.1", port)))


def data_of(port):
    with claimed({"PORT": str(port)}) as claim:
        return claim.data


def test_an_instance_beside_another_has_data_of_its_own_and_finds_it_again(root, port):
    beside = free_port()
    with claimed({"PORT": str(port)}) as first:
        assert first.data == root / ".data"
        assert data_of(beside) == root / ".data" / str(beside)
    assert data_of(beside) == root / ".data" / str(beside)


def test_a_start_on_a_running_instances_port_leaves_its_data_to_it(root, port):
    with claimed({"PORT": str(port)}), listening(port), pytest.raises(CannotClaim, match="taken"):
        data_of(port)
    assert data_of(port) == root / ".data"


def test_a_start_on_a_starting_instances_port_leaves_its_data_to_it(root, port):
    with claimed({"PORT": str(port)}), pytest.raises(CannotClaim, match="taken"):
        data_of(port)
    assert data_of(port) == root / ".data"


def test_a_port_that_another_program_has_is_given_no_data(root, port):
    with claimed({"PORT": str(free_port())}), listening(port), pytest.raises(CannotClaim):
        data_of(port)
    assert data_of(port) == root / ".data"
