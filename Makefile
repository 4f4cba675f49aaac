# Everything happens in .venv, which requirements/install.sh makes from the lock files.
# Settings are environment variables (docs/settings.md): `PILAH_PORT=9000 make run` or `make run PILAH_PORT=9000`.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-long check lint bench docs demo-cases screenshots eval lock clean

BIN := .venv/bin
DATA ?= ../shared/data
DEMO ?= yes

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

setup: ## make .venv with what serving and training need
	@requirements/install.sh run

run: setup ## serve, with demo data in a store of their own: make run DEMO=no leaves them out
	@exec $(BIN)/pilah serve --train-if-missing $(if $(filter no,$(DEMO)),,--demo)

test: develop ## run every test except the long ones
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-long: develop ## run the harnesses that take minutes
	$(BIN)/python -m pytest -m long -n 2 --dist loadfile
	$(BIN)/python -m pytest --nbmake -n 2 notebooks

check: lint ## lint and run the quick tests, without browser
	$(BIN)/python -m pytest -m "not long and not browser"

lint: develop ## ruff, mypy and the layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: develop ## print the speeds of this machine
	$(BIN)/python bench/speed.py $(wildcard $(DATA))
	$(BIN)/python bench/latency.py

docs: develop ## write anew what documents show of the commands: docs/commands.md, the example of the README
	$(BIN)/python docs/write_commands.py
	$(BIN)/python docs/write_example.py

demo-cases: develop ## write datasets/demo/cases.zip anew, the cases of the demo that notebooks use (minutes)
	$(BIN)/python docs/write_cases.py

screenshots: develop ## take docs/images/*.png anew, of every page with demo data (needs chromium)
	$(BIN)/python docs/take_pictures.py

eval: develop ## judge Pilah beside the scikit-learn reference on real reports: make eval DATA=folder
	$(BIN)/python bench/quality.py $(DATA)
	$(BIN)/python bench/rules.py $(DATA)
	$(BIN)/python bench/alarms.py $(DATA)

lock: develop ## renew the lock files: make lock, or make lock UPGRADE=--upgrade
	requirements/lock.sh $(UPGRADE)

clean: ## delete what can be made again, except .venv and home
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: develop
develop:
	@requirements/install.sh dev
