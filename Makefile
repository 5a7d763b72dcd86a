# make           set up, build the reference pairs into output/ and check them
# make test      set up, lint, type-check and run the tests
# make accuracy  measure the error of the emitted code            -> output/accuracy.md
# make rivals    measure the error of other systems beside it      -> output/compare.md, errors.svg
# make checked   check every legal pair, what changed                -> output/checked.md
# make studies   the verdicts over the catalogue; which pairs there are; losses side by side
#                -> output/verdicts.md, pairs.md, compare_sigmoid/
# make random    derive thousands of random functions, and hold them to finite differences
# make growth    measure what the stages of a pair take, and how a run grows -> output/stages.md, stages.svg
# make bench     measure its speed and theirs                      -> output/speed.md, .json, .svg
# make compare   hold the emitted code of vectors and layers against PyTorch
# make training  train an emitted network on digits, PyTorch beside it -> output/training.md
#
# rivals, bench, compare and training install what they measure, PyTorch and JAX among it.
# make clean     remove the environment and the caches (output/ stays)
#
# PYTHON chooses the interpreter of a new .venv; run `make clean` before changing it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TOO_OLD := "Python 3.11 or later is needed; try: make PYTHON=python3.12"

.DEFAULT_GOAL := all
.PHONY: all test checked accuracy rivals studies random growth bench fuzz compare training clean

all: $(VENV)/.installed
	$(BIN)/derive build -o output
	$(BIN)/derive check
	@echo "Done. Look at output/README.md"

test: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest

accuracy: $(VENV)/.installed
	$(BIN)/derive accuracy --report output/accuracy.md

rivals: $(VENV)/.installed-compare
	$(BIN)/derive compare --table -o output/compare.md
	$(BIN)/derive compare sigmoid bce --figure output/errors.svg

checked: $(VENV)/.installed
	$(BIN)/derive check --all --report output/checked.md

studies: $(VENV)/.installed-studies
	$(BIN)/derive explain --matrix --markdown -o output/verdicts.md --figures output
	$(BIN)/derive list pairs --table -o output/pairs.md
	$(BIN)/derive list pairs --table -o output/pairs.svg
	mkdir -p output/compare_sigmoid
	$(BIN)/derive explain sigmoid --compare half_squared_error bce --markdown \
		-o output/compare_sigmoid/README.md --figures output/compare_sigmoid

random: $(VENV)/.installed-test
	$(BIN)/python tests/random_functions.py --count 4000

growth: $(VENV)/.installed
	$(BIN)/python -m benchmarks.growth --pairs 200 --report output/stages.md --figure output/stages.svg

bench: $(VENV)/.installed-compare
	$(BIN)/python -m benchmarks.speed --json output/speed.json --report output/speed.md --figure output/speed.svg
	$(BIN)/python -m benchmarks.vectors

fuzz: $(VENV)/.installed
	$(BIN)/python -m benchmarks.fuzz --count 100000

compare: $(VENV)/.installed-compare
	$(BIN)/python benchmarks/compare.py

training: $(VENV)/.installed-compare
	$(BIN)/python -m benchmarks.training --report output/training.md

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist tests/render/node_modules
	find derive tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# A stamp is touched last, so that an interrupted step is done again.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit($(TOO_OLD) if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.created
	$(PIP) --editable '.[proofs]'
	@touch $@

$(VENV)/.installed-studies: pyproject.toml $(VENV)/.installed
	$(PIP) --editable '.[proofs,studies]'
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/.installed
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.installed-compare: pyproject.toml $(VENV)/.installed
	$(PIP) --editable '.[compare]'
	@touch $@
