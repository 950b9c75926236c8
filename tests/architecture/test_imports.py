"""The sources keep to the rules; test_guards.py shows that breaking them is noticed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import source_rules
from tests.architecture.copies import ROOT, Tree

DOMAINS = [folder.name for folder in source_rules.domains_of(ROOT)]


def test_imports_keep_to_the_contracts():
    outcome = Tree(ROOT).lint()
    assert not outcome.refused, outcome.output


@pytest.mark.parametrize(
    "rule", [source_rules.layout, source_rules.folders_without_init, source_rules.names_in_strings]
)
def test_sources_keep_to(rule):
    assert rule(ROOT) == []


def test_ruff_refuses_folders_that_import_linter_would_not_see():
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "check", "--select", "INP001", "--no-cache", "domains", "platform"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("domain", DOMAINS)
def test_an_interface_stands_alone_and_says_all_it_offers(domain):
    outcome = Tree(ROOT).run(sys.executable, "-m", "tests.architecture.interface_rules", domain)
    assert not outcome.refused, outcome.output


def test_every_domain_folder_is_in_the_list_of_domains(settings):
    assert sorted(settings.ALL_DOMAINS) == DOMAINS
