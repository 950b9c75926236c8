# `make` lists the targets. Settings are given as in `make run PORT=8001 DATABASE_URL=…`.
.DEFAULT_GOAL := help
.PHONY: help run test check fix map openapi bench mutations manage requirements image clean base dev

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
TESTS ?= tests
TEST_PROCESSES ?= 2

# What the checks need to load the settings; they connect to nothing.
CHECKING = env TESTING=true LOG_LEVEL=ERROR ALLOWED_HOSTS=localhost BOUNDARY_KEYS=unused \
	DATABASE_ROLE_SECRET=unused DATABASE_URL=postgresql://unused@127.0.0.1:1/unused \
	EMAIL_URL=smtp://127.0.0.1 \
	FIELD_ENCRYPTION_KEYS=unused REDIS_URL=redis://127.0.0.1:1 SECRET_KEY=unused SIGNING_KEYS=unused \
	AUDIT_SIGNING_KEYS=unused

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s%s\n", $$1, $$2}' Makefile

run: base ## Set everything up, start everything, print the URLs and a demo login
	@PYTHONPATH=platform exec $(BIN)/python -m config.launch

test: dev check ## Set everything up, run every check and every test
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup $(TESTS)

check: dev ## Lint, types, import contracts, migrations, API description, module map
	@echo "ruff" && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@echo "mypy" && $(CHECKING) $(BIN)/mypy --no-error-summary
	@echo "import-linter" && report=$$(PYTHONPATH=platform:. $(BIN)/lint-imports --config importlinter.ini) \
		|| { echo "$$report"; exit 1; }
	@echo "migrations" && $(CHECKING) $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	@echo "OpenAPI" && $(CHECKING) $(BIN)/python manage.py openapi
	@$(CHECKING) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@echo "module map" && $(CHECKING) $(BIN)/python manage.py map --check

fix: dev ## Format, and repair what ruff can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

map: dev ## Write docs/MODULES.md from the code
	@$(CHECKING) $(BIN)/python manage.py map

openapi: dev ## Write docs/openapi.json from the code
	@$(CHECKING) $(BIN)/python manage.py openapi --write

bench: dev ## Measure what docs/PERFORMANCE.md says
	@$(BIN)/python -m bench

mutations: dev ## Take out one filter or check at a time, and see the isolation matrix go red
	@PYTHONPATH=platform:. $(BIN)/python -m tests.isolation.mutations

manage: base ## Run a command on the running instance: make manage DO="settings"
	@set -a && . ./.data/environment && $(BIN)/python manage.py $(DO)

requirements: ## Compile requirements/*.txt from pyproject.toml (needs uv)
	@deploy/compile-requirements

image: ## Build the container image with docker, podman or buildah
	@deploy/build-image

clean: ## Remove the virtual environment and caches; the data in .data/ stays
	@rm -rf .venv .venv.lock .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

base dev:
	@test -n "$(PYTHON)" || { echo "Tenon needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) deploy/set_up.py $@
