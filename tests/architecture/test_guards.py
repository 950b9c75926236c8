"""The guards are tested: each kind of violation, planted in a copy, is refused by its rule."""

import sys
from pathlib import Path

import pytest

from tests.architecture import source_rules
from tests.architecture.copies import copy_of_sources

RUFF = Path(sys.executable).with_name("ruff")
SHAPE = "Every domain has the same layers"
PRIVACY = "A domain is reached only through its interface"
ORDER = "Domains depend in one direction"
LAYERS = "Composition root > gateway > domains > kernel"
CYCLES = "Domains form an acyclic graph"
HISTORY = "A migration is frozen: it knows no code of the domains but its models"


@pytest.fixture
def tree(tmp_path):
    return copy_of_sources(tmp_path)


def test_the_copy_itself_is_accepted(tree):
    assert not tree.lint().refused


PLANTED = {
    "import inside a function": (
        "domains/users/services/planted.py",
        "def peek():\n    from domains.billing.models import Subscription\n    return Subscription",
        PRIVACY,
    ),
    "relative import": (
        "domains/users/services/planted.py",
        "from ...billing import models",
        PRIVACY,
    ),
    "import for type checking": (
        "domains/users/services/planted.py",
        (
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from domains.billing.models import Subscription"
        ),
        PRIVACY,
    ),
    "import of another domain's services": (
        "domains/notifications/services/planted.py",
        "from domains.users.services import members",
        PRIVACY,
    ),
    "import of another domain's contract": (
        "domains/notifications/services/planted.py",
        "from domains.users.contract import Member",
        PRIVACY,
    ),
    "import of an interface by tasks": (
        "domains/notifications/tasks.py",
        "from domains.users import interface",
        PRIVACY,
    ),
    "import of another domain's models in a migration": (
        "domains/users/migrations/0999_planted.py",
        "from domains.billing.models import Subscription",
        PRIVACY,
    ),
    "import of an interface in a migration": (
        "domains/users/migrations/0999_planted.py",
        "from domains.users import interface",
        HISTORY,
    ),
    "import of an interface by models": (
        "domains/users/models.py",
        "from domains.auth import interface",
        PRIVACY,
    ),
    "import of an interface by a contract": (
        "domains/users/contract.py",
        "from domains.auth import interface",
        PRIVACY,
    ),
    "import upwards": (
        "domains/billing/services/planted.py",
        "from domains.users import interface as users",
        ORDER,
    ),
    "cycle through interfaces": (
        "domains/auth/services/planted.py",
        "from domains.notifications import interface as notifications",
        CYCLES,
    ),
    "unknown file in a domain": ("domains/billing/helpers.py", "HELP = 1", SHAPE),
    "services that import the interface above them": (
        "domains/billing/services/planted.py",
        "from domains.billing import interface",
        SHAPE,
    ),
    "models that import services": (
        "domains/billing/models/planted.py",
        "from domains.billing import services",
        SHAPE,
    ),
    "kernel that imports a domain": (
        "platform/kernel/planted.py",
        "from domains.users import interface",
        LAYERS,
    ),
    "kernel that imports the gateway": ("platform/kernel/planted.py", "import gateway", LAYERS),
    "domain that imports the gateway": (
        "domains/users/services/planted.py",
        "import gateway",
        LAYERS,
    ),
    "domain that imports the composition root": (
        "domains/users/services/planted.py",
        "from config import settings",
        LAYERS,
    ),
    "gateway that imports a domain's services": (
        "platform/gateway/planted.py",
        "from domains.users.services import members",
        PRIVACY,
    ),
    "composition root that imports a domain's models": (
        "platform/config/planted.py",
        "from domains.users import models",
        PRIVACY,
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_import_linter_refuses(kind, tree):
    path, text, contract = PLANTED[kind]
    tree.add(path, text)
    outcome = tree.lint()
    assert f"{contract} BROKEN" in outcome.output, outcome.output


def test_import_linter_covers_a_domain_that_nobody_told_it_of(tree):
    tree.add("domains/reports/__init__.py", "")
    tree.add("domains/reports/helpers.py", "from domains.billing import models")
    tree.add("domains/billing/services/planted.py", "from domains.reports import interface")
    tree.add("domains/reports/interface.py", "def get(): ...")
    output = tree.lint().output
    assert f"{SHAPE} BROKEN" in output
    assert f"{PRIVACY} BROKEN" in output
    assert f"{CYCLES} BROKEN" in output


FOREIGN_KEY = """
from django.db import models

class Planted(models.Model):
    organization = models.ForeignKey("domains_users.Organization", on_delete=models.CASCADE)

    class Meta:
        db_table = "planted"
"""


def test_the_system_checks_refuse_a_foreign_key_to_another_domain(tree):
    tree.add("domains/billing/models/__init__.py", FOREIGN_KEY)
    outcome = tree.run(sys.executable, "manage.py", "check")
    assert "kernel.E003" in outcome.output


LEAKS = {
    "a model imported beside the data": (
        "from domains.billing.models import Subscription",
        "can't be imported without its models",
    ),
    "a model returned by an exposed function": (
        (
            "@exposed()\ndef leak(*, organization_id: UUID) -> 'Subscription':\n"
            "    from domains.billing.models import Subscription\n"
            "    return Subscription()"
        ),
        "unknown name",
    ),
    "an object that is no plain data": (
        "@exposed()\ndef leak(*, organization_id: UUID) -> object:\n    return None",
        "is not plain data",
    ),
    "a positional parameter": (
        "@exposed()\ndef leak(organization_id: UUID) -> None:\n    return None",
        "isn't keyword-only",
    ),
    "a function that isn't exposed": ("def leak() -> None: ...", "is public, but not exposed"),
    "a function left out of __all__": (
        "@exposed()\ndef leak() -> None:\n    return None",
        "is not in __all__",
    ),
    "a helper in __all__": ("__all__ += ['exposed']", "neither exposed nor said"),
    "a name in __all__ that doesn't exist": ("__all__ += ['nothing']", "isn't there"),
    "an import of services at the top": (
        "from domains.billing import services",
        "importing it imports domains.billing.services",
    ),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_an_interface_is_refused_for(kind, tree):
    text, reason = LEAKS[kind]
    tree.add("domains/billing/interface.py", text)
    outcome = tree.run(sys.executable, "-m", "tests.architecture.interface_rules", "billing")
    assert outcome.refused
    assert reason in outcome.output


def test_a_platform_package_is_refused_because_it_shadows_pythons_own(tree):
    tree.add("platform/__init__.py", "")
    assert "platform/__init__.py exists" in source_rules.layout(tree.root)


@pytest.mark.parametrize("path", ["billing/helpers.py", "billing/ports/stripe.py"])
def test_a_file_or_folder_that_domains_do_not_have_is_refused(path, tree):
    before = source_rules.layout(tree.root)
    tree.add(f"domains/{path}", "")
    (problem,) = set(source_rules.layout(tree.root)) - set(before)
    assert problem.endswith("is not a file that domains have")


def test_a_missing_readme_is_refused(tree):
    (tree.root / "domains/billing/README.md").unlink(missing_ok=True)
    assert "billing/README.md is missing" in source_rules.layout(tree.root)


def test_a_folder_without_init_is_refused(tree):
    tree.add("domains/billing/services/hidden/peek.py", "from domains.users import models")
    found = source_rules.folders_without_init(tree.root)
    assert found == [str(tree.root / "domains/billing/services/hidden")]
    assert "INP001" in tree.run(str(RUFF), "check", "--select", "INP001", "domains").output


TRICKS = (
    "import_it('domains.billing.models')",
    "name = 'billing'\nimport_it(f'domains.{name}.models')",
    "get_model('domains_billing', 'Subscription')",
    "from importlib import import_module",
    "import importlib",
    "import importlib.util as tool",
    "__import__('x')",
)


def test_domains_reached_through_strings_are_refused(tree):
    planted = {f"domains/users/services/planted_{n}.py": trick for n, trick in enumerate(TRICKS)}
    planted["platform/kernel/planted.py"] = "import_module('domains.billing.interface')"
    for path, text in planted.items():
        tree.add(path, text)
    found = source_rules.names_in_strings(tree.root)
    assert {str(tree.root / path) for path in planted} <= {line.split(":")[0] for line in found}
