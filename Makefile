# Everything a person does with the portal starts here. `make` alone lists it.
# Needs make, a shell and Python 3.11 or newer; the rest comes from the package index.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
MANAGE := DJANGO_SETTINGS_MODULE=portal.settings.test $(PY) -W ignore::RuntimeWarning manage.py
# Stamps: they make an unchanged installation instant.
CREATED := $(VENV)/.created
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
INSTALL := $(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes
# Written by the demo's launcher while it runs.
DEMO_FILE := .local/demo/environnement
CANDIDATES := $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14

.DEFAULT_GOAL := help
.PHONY: help setup demo run manage demo-reset reset-db test check fix lock torture bench screenshots

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) \
		| awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

setup: $(DEV)  ## Install everything in .venv (demo, tests, checks)
	@echo 'Tout est installé dans $(VENV).'

demo: $(RUNTIME)  ## Run the portal with demo data; Ctrl-C stops it
	@exec $(PY) -m portal.demo.launcher

run: demo  ## Same as demo

demo-reset: $(RUNTIME)  ## Same as demo, on fresh data
	@exec $(PY) -m portal.demo.launcher --reset

reset-db: demo-reset  ## Same as demo-reset

manage: $(RUNTIME)  ## A command on the running demo (C="verify_history")
	@[ -r $(DEMO_FILE) ] || { echo 'Aucune démonstration ne tourne ici : lancez « make demo », puis recommencez.' >&2; exit 2; }; \
	set -a; . ./$(DEMO_FILE); exec $(PY) manage.py $(C)

# The pieces and their order are those of tests/plugins/scheduling.py, not xdist's by size.
test: $(DEV)  ## All tests, on fresh embedded services (T=path or options for a part)
	@exec $(PY) -m pytest --numprocesses auto --maxprocesses 8 --dist loadscope \
		--no-loadscope-reorder $(T)

torture: $(DEV)  ## The random-history, race and fault runs at full figures (hours)
	@PORTAL_TORTURE=1 $(PY) -m pytest -s $$(grep -rl --include='test_*.py' PORTAL_TORTURE tests)

bench: $(RUNTIME)  ## All measures of benchmarks/
	@for file in benchmarks/[a-z]*.py; do \
		$(PY) -m benchmarks.$$(basename "$$file" .py) || exit 1; \
	done

# Each check speaks only when it fails; all run, so that one round shows everything.
check: $(DEV)  ## Format, lint, types, floors, templates, lengths, migrations, deploy checks
	@failed=0; \
	run() { \
		label=$$1; shift; began=$$(date +%s); \
		if output=$$("$$@" 2>&1); then verdict=ok; else verdict=FAILED; failed=1; fi; \
		printf '  %-12s %-6s %s s\n' "$$label" "$$verdict" "$$(($$(date +%s) - began))"; \
		[ "$$verdict" = ok ] || printf '%s\n' "$$output"; \
	}; \
	run format $(BIN)/ruff format --check .; \
	run lint $(BIN)/ruff check .; \
	run types $(BIN)/mypy .; \
	run floors $(BIN)/lint-imports; \
	run templates $(BIN)/djlint templates --lint; \
	run lengths $(PY) tools/check_length.py; \
	run migrations env $(MANAGE) makemigrations --check --dry-run; \
	run deploy env $(DEPLOY) $(PY) manage.py check --deploy --fail-level WARNING; \
	exit $$failed

# What production reads from its environment, with values of no use anywhere else.
DEPLOY = DJANGO_SETTINGS_MODULE=portal.settings.production \
	DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
	PORTAL_BASE_URL=https://portail.example.org PORTAL_ALLOWED_HOSTS=portail.example.org \
	PORTAL_SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')

screenshots: $(DEV)  ## Pictures of docs/images, from a running demo (URL=http://127.0.0.1:8000)
	@$(PY) tools/screenshots.py $(URL) $(if $(ONLY),--only $(ONLY))

fix: $(DEV)  ## Format the code and mend what ruff can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix .

lock: $(CREATED)  ## Resolve requirements*.in into exact pins with hashes
	@command -v uv >/dev/null || { echo "uv est nécessaire : pipx install uv"; exit 1; }
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 $(UPGRADE) \
		requirements.in -o requirements.txt
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 $(UPGRADE) \
		requirements-dev.in -o requirements-dev.txt

# --- Installation: said in French, since `make demo` may be the first thing that anybody sees ---

$(CREATED):
	@python=; began=$$(date +%s); printf 'Création de l’environnement Python (.venv)… '; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		for candidate in $(CANDIDATES); do \
			"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
				&& { python=$$candidate; break; }; \
		done; \
		[ -n "$$python" ] || { \
			printf '\nPython 3.11 ou plus récent est nécessaire : installez-le, '; \
			printf 'ou indiquez-le par « make PYTHON=/chemin/de/python3 ».\n'; exit 1; }; \
		"$$python" -m venv --clear $(VENV) || { \
			printf '\nL’environnement n’a pas pu être créé. '; \
			printf 'Sous Debian et Ubuntu : apt install python3-venv, puis relancez.\n'; exit 1; }; \
	fi; \
	touch $@; echo "$$(($$(date +%s) - began)) s"

$(RUNTIME): requirements.txt $(CREATED)
	@$(call install,du portail,$<)

$(DEV): requirements-dev.txt $(RUNTIME)
	@$(call install,d’essai et de contrôle,$<)

define install
began=$$(date +%s); printf 'Installation des paquets $(1) ($(2))… '; \
$(INSTALL) -r $(2) || { \
	printf '\nL’installation a échoué : vérifiez l’accès à l’index de paquets, puis relancez.\n'; \
	exit 1; }; \
touch $@; echo "$$(($$(date +%s) - began)) s"
endef
