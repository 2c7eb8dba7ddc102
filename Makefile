# make report   install, run the study on the corpus that ships, print where the report is
# make test     install, then lint, types and every test
# make lab      install, open JupyterLab on the notebooks
# make site     the docs as a site in site/, with the notebooks and their outputs (minutes, if tests have not run)
# make docs     the pages of docs/ that come from the code, and the picture in the README
# make coverage  docs/coverage.md, by simulation (minutes)
# make card     docs/model-card.md (minutes); REAL_POSTS="FILE…" names real posts to train on
# make capitals  docs/capitals.md, of the corpus that `composite fetch capitals` brings (minutes)
# make privacy  how well masking finds what it looks for
# make slow     the long simulations;  make lock  renews the lock file (needs uv)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# byte-identical figures and tables do not depend on a user's matplotlib settings
export MPLBACKEND := Agg

.PHONY: report test lab slow lock docs site coverage card capitals privacy clean

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "composite needs Python 3.11 or later; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@# large batches of posts are read by compiled code: compiled now, nobody waits for it later
	$(BIN)/python -c "from composite.themes.scoring import warm_up; warm_up()"
	@touch $@

report: .venv/.installed
	$(BIN)/composite study --out reports

test: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow"

slow: .venv/.installed
	$(BIN)/pytest -m slow

lab: .venv/.installed
	$(BIN)/jupyter lab notebooks

# pages that come from the code, and the picture in the README
docs: .venv/.installed
	$(BIN)/python -m docs.generate
	$(BIN)/composite study --only shares --out data/processed/picture
	cp data/processed/picture/figures/shares.png data/processed/picture/figures/shares.svg docs/images/

site: .venv/.installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "the docs are in site/index.html"

coverage: .venv/.installed
	$(BIN)/python -m benchmarks.coverage --markdown > docs/coverage.md

card: .venv/.installed
	$(BIN)/python -m benchmarks.quality --train $(REAL_POSTS) > docs/model-card.md

# LEAVE_OUT="--leave-out FILE" names keys of posts that the page must not use
capitals: .venv/.installed
	$(BIN)/composite fetch capitals
	$(BIN)/python -m benchmarks.capitals $(LEAVE_OUT) > docs/capitals.md

privacy: .venv/.installed
	$(BIN)/python -m benchmarks.privacy --markdown

lock:
	uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes --no-header --quiet \
	  pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv reports site data/processed/*
