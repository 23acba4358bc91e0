# Everything runs in .venv, which each target makes when it is missing and brings up to date when pyproject.toml changed.
# Needs only make and Python 3.11 or newer; another Python: make test PYTHON=/path/to/python3.12

# What `make demo` grades: one unit, several (UNITS="04_mlp 05_cross_entropy") or all (UNITS=all).
UNITS := 05_cross_entropy
DEMO_UNITS = $(if $(filter all,$(UNITS)),$(notdir $(wildcard source/*)),$(UNITS))
DIR := .
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
RUN := $(BIN)/python
STAMP := $(VENV)/installed
CLASS := demo
# Where another environment is active, IPython would take packages from that one too.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

# Python keeps what it has compiled, also where the shell says that it should not: tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

# How many tests run at once: as many as there are cores, but each takes a gigabyte of memory.
AT_ONCE := -n logical --maxprocesses 8
# What of the grader's own suite rests on the machine: it also has to hold where one gives less.
GRADER := tests/autograder/sandbox $(addprefix tests/autograder/running/,test_judge.py test_judges.py) \
    $(addprefix tests/autograder/rpc/,test_interface_rules.py test_callbacks.py test_uses_no.py)
NO_NAMESPACES := --may-skip "this system gives" --may-skip "there are no namespaces" --may-skip "ahead of its turn"
# Something of every room, a handful of attacks (in test_judge.py), and the answers and notebook of one unit.
QUICK := $(addprefix tests/autograder/,model reading/test_find.py reading/test_mend.py reading/test_pieces.py reading/test_plan.py \
    rpc/test_values.py rpc/test_uses_no.py running/test_scores.py running/test_judge.py sandbox/test_usage.py release/test_lint.py \
    results gradebook/test_process.py test_grade.py test_bank.py) --ignore tests/autograder/results/test_export.py \
    tests/notebooks tests/course/test_checks.py tests/test_packaging.py
UNIT := 01_autograd

.PHONY: help demo test quick test-user test-open test-noptrace test-onecore fuzz lint format release bench bench-load bench-growth bench-fashion lab site latest screenshots test-browser

help:
	@echo 'make demo      grade a sample class of 24 in demo/ and write its feedback (one unit; make demo UNITS=all for ten)'
	@echo 'make test      run every test (make test ARGS="-k softmax" for some)'
	@echo 'make quick     run some tests of every room and of one unit, in a few minutes (make quick UNIT=04_mlp for another)'
	@echo 'make test-user, test-open, test-noptrace, test-onecore'
	@echo '               run the tests of the grader itself as an ordinary user, without namespaces, without the right to look'
	@echo '               into other processes, on one core'
	@echo 'make test-browser    do every release in JupyterLab as a student does, in headless Chromium (make test does one)'
	@echo 'make fuzz      read ten thousand notebooks, folders and messages that nobody wrote, by hypothesis and by atheris'
	@echo 'make lint      check code, types, imports and notebooks (make format fixes what it can)'
	@echo 'make release   make release/ from source/'
	@echo 'make bench     measure the grader against nbgrader, and training'
	@echo 'make bench-load      grade one class idle and on a busy machine: no point may differ'
	@echo 'make bench-growth    measure how grading grows with the class and the unit'
	@echo 'make bench-fashion   measure an MLP on the whole of Fashion-MNIST'
	@echo 'make site      make a web site of all units in site/, without answers'
	@echo 'make screenshots     take pictures of the releases in JupyterLab (make screenshots UNITS=05_cross_entropy for one unit)'
	@echo 'make latest    run every test with the newest releases of all dependencies, and name what changed since the last green run'
	@echo 'make lab       JupyterLab here (make lab DIR=demo: formgrader on the sample class)'

demo: $(STAMP)
	$(RUN) -m tests.submissions.sample_class $(CLASS) --units $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder release $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder grade $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder results $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder feedback $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder report $(DEMO_UNITS)
	@echo
	@echo 'What a student gets:        $(CLASS)/release/$(firstword $(DEMO_UNITS))/$(firstword $(DEMO_UNITS)).ipynb'
	@echo "A student's feedback page:  $(CLASS)/feedback/barbara/$(firstword $(DEMO_UNITS))/$(firstword $(DEMO_UNITS)).html"
	@echo 'What the class understood:  $(CLASS)/report/$(firstword $(DEMO_UNITS)).html'
	@echo 'The class in formgrader:    make lab DIR=$(CLASS), then open Nbgrader > Formgrader'

test: $(STAMP)
	$(RUN) -m pytest $(AT_ONCE) $(ARGS)

quick: $(STAMP)
	$(RUN) -m pytest $(AT_ONCE) $(QUICK) --unit $(UNIT) $(ARGS)

# The grader's suite, and as an ordinary user the attacks too; as root without namespaces, as in a container; as root that may not look into other
# processes, as in other containers; and on one core.
test-user: $(STAMP)
	$(RUN) -m tests.ordinary_user $(RUN) -m pytest $(AT_ONCE) -p no:cacheprovider $(GRADER) tests/autograder/test_hostile.py --may-skip "nothing bounds the number" --may-skip "no shared memory of its own" --may-skip "only root has rights to lose" $(ARGS)

test-open: $(STAMP)
	setpriv --bounding-set=-sys_admin $(RUN) -m pytest $(AT_ONCE) $(GRADER) $(NO_NAMESPACES) $(ARGS)

test-noptrace: $(STAMP)
	setpriv --bounding-set=-sys_ptrace $(RUN) -m pytest $(AT_ONCE) $(GRADER) --may-skip nothing $(ARGS)

test-onecore: $(STAMP)
	taskset --cpu-list 0 $(RUN) -m pytest $(GRADER) --may-skip nothing $(ARGS)

# Twenty minutes of both cores of a laptop.
fuzz: $(STAMP)
	$(RUN) -m pytest $(AT_ONCE) tests/autograder/reading/test_fuzz.py tests/autograder/rpc/test_hostile_replies.py --hypothesis-profile fuzz $(ARGS)
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[test,fuzz]'
	$(RUN) -m tests.fuzzing notebook
	$(RUN) -m tests.fuzzing tree
	$(RUN) -m tests.fuzzing frames

lint: $(STAMP)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(BIN)/lint-imports
	$(RUN) -m tests.notebooks.tidy

format: $(STAMP)
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .
	$(RUN) -m tests.notebooks.tidy --fix

release: $(STAMP)
	$(RUN) -m autograder release

bench: $(STAMP)
	$(RUN) -m tests.benchmarks.bench $(ARGS)
	$(RUN) -m tests.benchmarks.training
	$(RUN) -m tests.benchmarks.widgets

# Ten minutes of both cores of a laptop.
bench-load: $(STAMP)
	$(RUN) -m tests.benchmarks.load $(ARGS)

# Five minutes of both cores of a laptop.
bench-growth: $(STAMP)
	$(RUN) -m tests.benchmarks.growth $(ARGS)

# Eight minutes of both cores of a laptop, and Fashion-MNIST on the disk or a network to get it by.
bench-fashion: $(STAMP)
	$(RUN) -m tests.benchmarks.fashion $(ARGS)

# The first time this runs every unit's reference, which takes minutes; after that only what changed.
site: $(STAMP)
	$(RUN) -m autograder site

# For a weekly job: an environment of its own, with the newest release of everything.
latest: $(STAMP)
	$(RUN) -m tests.latest $(ARGS)

# Fifteen minutes of both cores of a laptop, Chromium and all.
test-browser: $(STAMP)
	BROWSER_UNITS=all $(RUN) -m pytest tests/browser $(ARGS)

screenshots: $(STAMP)
	$(RUN) -m tests.browser.screenshots $(UNITS)

# nbgrader calls alembic by name, so the environment has to be on the path.
lab: export PATH := $(BIN):$(PATH)
lab: $(STAMP)
	cd $(DIR) && jupyter lab

# The stamp is touched last, so an installation that broke off is done again.
$(STAMP): pyproject.toml
	@$(find_python); \
	if ! $(VENV)/bin/python -c '' 2>/dev/null; then \
	    echo "Making $(VENV) with $$python"; \
	    "$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	@echo 'Installing the course and the grader in $(VENV); the first time this takes minutes (PyTorch is large)'
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

# Sets $$python to the first interpreter that is new enough and can make a virtual environment, or says what is missing.
define find_python
python=; old=; bare=; \
for one in $(or $(PYTHON),python3 python3.13 python3.12 python3.14 python3.11 python); do \
    "$$one" -c '' 2>/dev/null || continue; \
    if ! "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then old=$$("$$one" --version); continue; fi; \
    if ! "$$one" -c 'import ensurepip, venv' 2>/dev/null; then bare=$$one; continue; fi; \
    python=$$one; break; \
done; \
if [ -z "$$python" ] && [ -n "$$bare" ]; then \
    echo "$$bare cannot make a virtual environment; install the package python3-venv, then run make again" >&2; exit 1; \
elif [ -z "$$python" ]; then \
    echo "Python 3.11 or newer is needed and $${old:-none} was found; install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
fi
endef
