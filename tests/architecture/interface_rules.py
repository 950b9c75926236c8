"""Rules of every `domains.X.interface`, seen by importing it; run as a program in a copy.

    python -m tests.architecture.interface_rules auth users …

prints what is wrong, and ends with 1 if anything is. No Django app is loaded: an interface must
be importable in a process that serves other domains.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def problems_of(domain: str) -> list[str]:
    """Return what is wrong with the domain's interface."""
    try:
        interface = import_module(f"domains.{domain}.interface")
    except Exception as error:  # noqa: BLE001  any failure is the finding
        return [f"{domain}: can't be imported without its models: {error!r}"]
    return [f"{domain}: {problem}" for problem in (*_exports(interface, domain), *_models(domain))]


def _exports(interface: ModuleType, domain: str) -> list[str]:
    exposed, said = _exposed(interface), _said(domain)
    offered, promised = set(interface.__all__), {*said} | exposed
    # An error that only the domain's own API answers is nobody else's business.
    needed = {name for name in promised if not _is_error(said.get(name))}
    return [
        *(f"{name} is exported, but is neither exposed nor said" for name in offered - promised),
        *(f"{name} is not in __all__" for name in needed - offered),
        *(f"{name} is in __all__, but isn't there" for name in offered - set(vars(interface))),
        *(f"{name} is public, but not exposed" for name in _functions(interface) - exposed),
        *(["__all__ names something twice"] if len(offered) < len(interface.__all__) else []),
    ]


def _exposed(interface: ModuleType) -> set[str]:
    from kernel.boundary.operations import registry

    domain = interface.__name__.split(".")[1]
    return {name for of, name in registry if of == domain}


def _functions(interface: ModuleType) -> set[str]:
    return {name for name, value in vars(interface).items() if _is_own(value, name, interface)}


def _said(domain: str) -> dict[str, Any]:
    """Return what the contract defines, one module or several, by name."""
    contract = f"domains.{domain}.contract"
    modules = [m for name, m in sys.modules.items() if f"{name}.".startswith(f"{contract}.")]
    return {name: value for module in modules for name, value in _public(module).items()}


def _public(contract: ModuleType) -> dict[str, Any]:
    """Return what the module defines: classes and functions of its own, and constants."""
    imported = _imported(contract)
    return {
        name: value
        for name, value in vars(contract).items()
        if _is_own(value, name, contract) or (name.isupper() and not name.startswith("_"))
        if name not in imported
    }


def _is_error(value: Any) -> bool:
    from kernel.errors import DomainError

    return inspect.isclass(value) and issubclass(value, DomainError)


def _is_own(value: Any, name: str, module: ModuleType) -> bool:
    kinds = inspect.isfunction(value) or inspect.isclass(value)
    return kinds and not name.startswith("_") and value.__module__ == module.__name__


def _imported(module: ModuleType) -> set[str]:
    import ast

    tree = ast.parse(inspect.getsource(module))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _models(domain: str) -> list[str]:
    inner = f"domains.{domain}."
    loaded = [name for name in sys.modules if name.startswith(inner)]
    allowed = (inner + "interface.", inner + "contract.")
    return [f"importing it imports {name}" for name in loaded if not f"{name}.".startswith(allowed)]


def main(domains: list[str]) -> int:
    """Print every problem; return 1 if there is one."""
    problems = [problem for domain in domains for problem in problems_of(domain)]
    sys.stdout.write("".join(f"{problem}\n" for problem in problems))
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
