# Everything runs in .venv, which each target makes when it is missing and brings up to date when pyproject.toml changed.
# Needs only make and Python 3.11 or newer. Where .venv is not there yet: make test PYTHON=/path/to/python3.12

# What `make demo` grades: one unit, several (UNITS="04_mlp 05_cross_entropy") or all (UNITS=all).
UNITS := 05_cross_entropy
DEMO_UNITS = $(if $(filter all,$(UNITS)),$(notdir $(wildcard source/*)),$(UNITS))
DIR := .
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
RUN := "$(BIN)/python"
STAMP := $(VENV)/installed
# What a Python prints of itself: nothing where it is too old, or none.
VERSION := -c 'import sys; sys.version_info >= (3, 11) and print("%d.%d" % sys.version_info[:2])' 2>/dev/null
CLASS := demo
# Where another environment is active, IPython would take packages from that one too.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

# Python keeps what it has compiled, also where the shell says that it should not: tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

# How many tests run at once: one more than cores (tests/conftest.py says why), but each takes a gigabyte of memory.
AT_ONCE := -n auto --maxprocesses 8
# A long run ends with the slowest tests and modules.
SLOWEST := --durations 10
A := tests/autograder
# What of the grader's own suite rests on the machine: it also has to hold where one gives less. The wire (rpc) is the same everywhere.
GRADER := $A/sandbox $A/running/test_judge.py $A/running/test_judges.py
NO_NAMESPACES := --may-skip "this system gives" --may-skip "there are no namespaces" --may-skip "ahead of its turn"
# Not every system lets the grader make control groups, and hardly any an ordinary user.
NO_GROUPS := --may-skip "no control group can be made"
NO_LOOK := --may-skip "may not look into others' processes"
# What of it rests on the number of cores: who takes turns, whose time counts, who waits for whom.
ONE_CORE := $A/sandbox/test_usage.py $A/sandbox/test_watch.py $A/running/test_judge.py $A/running/test_judges.py \
    $A/sandbox/test_confine.py::test_processes_of_one_submission_leave_room_for_those_of_another \
    $A/running/test_kernel.py::test_cells_do_not_use_up_the_time_of_tests \
    $A/running/test_kernel.py::test_a_cell_that_runs_out_of_time_keeps_what_it_gave_and_what_it_only_defines \
    $A/running/test_kernel.py::test_each_process_has_the_files_as_they_were_handed_in \
    $A/rpc/test_interface_rules.py::test_a_test_that_swallows_a_time_out_does_not_pass \
    $A/rpc/test_interface_rules.py::test_an_alarm_that_a_test_swallows_comes_again
# For about 90 seconds on two quiet cores: something of every room: what needs no process of its own whole, of the rest one class
# that is graded, shown and reported on, a handful of attacks and walls, one exercise's answers in judge and kernel, and one notebook.
# In two processes, however many cores there are: each takes ten seconds to find its tests.
QUICK := $(addprefix $A/,model/test_files.py model/test_source.py model/test_text.py model/test_units.py model/test_version.py \
    reading/test_beside.py reading/test_dependencies.py reading/test_mend.py reading/test_pieces.py reading/test_places.py \
    reading/test_plain_file.py reading/test_plan.py reading/test_timestamp.py \
    release/test_lint.py release/test_scope.py release/test_build.py::test_release_holds_stubs_and_visible_tests_but_no_hidden_ones \
    sandbox/test_calls.py sandbox/test_system_calls.py sandbox/test_usage.py sandbox/test_confine.py::test_no_socket_leads_out[all] \
    sandbox/test_confine.py::test_what_honest_answers_use_still_works[all] \
    rpc/test_messages.py rpc/test_values.py rpc/test_locked_classes.py \
    running/test_forked.py running/test_scores.py running/test_judge.py::test_accepts_every_way_of_being_right \
    running/test_judge.py::test_names_what_went_wrong running/test_judge.py::test_a_forger_earns_nothing \
    running/test_judge.py::test_modules_train_from_the_judge running/test_judge.py::test_students_see_nothing_of_the_course \
    gradebook/test_writer.py::test_grading_again_changes_nothing gradebook/test_writer.py::test_what_a_person_graded_survives \
    probing/test_mutants.py probing/test_planted.py results/test_likeness.py results/test_report.py collecting/test_attempts.py \
    collecting/test_students.py kit/test_branch.py kit/test_write.py site/test_pages.py \
    test_grade.py::test_grades_a_class_and_does_only_what_changed test_check.py::test_right_answers_pass_and_hidden_tests_are_counted \
    test_publish.py::test_everything_that_is_refused_is_said_at_once test_cli.py::test_the_command_line_names_every_format test_bank.py) \
    --deselect $A/test_bank.py::test_real_nbgrader_agrees_on_a_right_and_a_wrong_answer \
    $(addprefix tests/course/test_,batching.py checks.py figures.py graphs.py lecun.py linear.py \
    plots_calculation.py plots_curves.py quiz.py saving.py showing.py start.py watching.py) \
    $(addprefix tests/notebooks/test_,glossary.py notebooks.py) \
    $(addprefix --deselect tests/notebooks/test_notebooks.py::,test_the_release_stops_nowhere_but_at_its_stubs \
    test_a_cell_that_cannot_be_run_again_is_found)
UNIT := 01_autograd
# Of one exercise the answers in the bank are run; of another unit those of every exercise, unless one is named.
EXERCISE = $(if $(filter 01_autograd,$(UNIT)),accumulate)

.PHONY: help same-python demo test quick test-user test-open test-noptrace test-onecore fuzz lint format release bench bench-load bench-growth bench-fashion bench-attacks lab site latest screenshots test-browser

help:
	@echo 'make demo      grade a sample class of 24 in demo/ and write its feedback (one unit; make demo UNITS=all for ten)'
	@echo 'make test      run every test (make test ARGS="-k softmax" for some)'
	@echo 'make test-3.13 run every test under that Python, in the environment .venv-3.13 (make test-3.13 PYTHON=/path/to/python3.13)'
	@echo 'make quick     run some tests of every room and of one unit, in about 90 seconds (make quick UNIT=04_mlp EXERCISE=net for another)'
	@echo 'make test-user, test-open, test-noptrace, test-onecore'
	@echo '               run what of the tests of the grader rests on the machine as an ordinary user, without namespaces, without'
	@echo '               the right to look into other processes, on one core'
	@echo 'make test-browser    do every release in JupyterLab as a student does, in headless Chromium (make test does one)'
	@echo 'make fuzz      read ten thousand notebooks, folders and messages that nobody wrote, by hypothesis and by atheris'
	@echo 'make lint      check code, types, imports and notebooks (make format fixes what it can)'
	@echo 'make release   make release/ from source/'
	@echo 'make bench     measure the grader against nbgrader, and training'
	@echo 'make bench-load      grade one class idle and on a busy machine: no point may differ'
	@echo 'make bench-growth    measure how grading grows with the class and the unit'
	@echo 'make bench-fashion   measure an MLP on the whole of Fashion-MNIST'
	@echo 'make bench-attacks   attack the grader and nbgrader in one run, as root'
	@echo 'make site      make a web site of all units in site/, without answers'
	@echo 'make screenshots     take pictures of the releases in JupyterLab (make screenshots UNITS=05_cross_entropy for one unit)'
	@echo 'make latest    run every test with the newest releases of all dependencies, and name what changed since the last green run'
	@echo 'make lab       JupyterLab here (make lab DIR=demo: formgrader on the sample class)'

# The table of grades comes first, for it is what people wait for; grading needs no release.
demo: $(STAMP)
	$(RUN) -m tests.submissions.sample_class $(CLASS) --units $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder grade $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder results $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder release $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder feedback $(DEMO_UNITS)
	cd $(CLASS) && $(RUN) -m autograder report $(DEMO_UNITS)
	@echo
	@echo 'What a student gets:        $(CLASS)/release/$(firstword $(DEMO_UNITS))/$(firstword $(DEMO_UNITS)).ipynb'
	@echo "A student's feedback page:  $(CLASS)/feedback/barbara/$(firstword $(DEMO_UNITS))/$(firstword $(DEMO_UNITS)).html"
	@echo 'What the class understood:  $(CLASS)/report/$(firstword $(DEMO_UNITS)).html'
	@echo 'The class in formgrader:    make lab DIR=$(CLASS), then open Nbgrader > Formgrader'

test: $(STAMP)
	$(RUN) -m pytest $(AT_ONCE) $(SLOWEST) $(ARGS)

# Under another Python than that of .venv, in an environment beside it. CONTRIBUTING.md says which are tested.
test-3.%:
	$(MAKE) test PYTHON="$(or $(PYTHON),python3.$*)" VENV=.venv-3.$*

quick: $(STAMP)
	$(RUN) -m pytest -n 2 $(QUICK) --unit $(UNIT) $(if $(EXERCISE),--exercise $(EXERCISE)) $(ARGS)

# The grader's suite, and as an ordinary user the attacks too; as root without namespaces, as in a container; as root that may not look into other
# processes, as in other containers; and on one core.
test-user: $(STAMP)
	$(RUN) -m tests.ordinary_user $(RUN) -m pytest $(AT_ONCE) $(SLOWEST) -p no:cacheprovider $(GRADER) tests/autograder/test_hostile.py --may-skip "no shared memory of its own" --may-skip "only root has rights to lose" $(NO_GROUPS) $(ARGS)

test-open: $(STAMP)
	setpriv --bounding-set=-sys_admin $(RUN) -m pytest $(AT_ONCE) $(SLOWEST) $(GRADER) $(NO_NAMESPACES) $(NO_GROUPS) $(ARGS)

test-noptrace: $(STAMP)
	setpriv --bounding-set=-sys_ptrace $(RUN) -m pytest $(AT_ONCE) $(SLOWEST) $(GRADER) $(NO_GROUPS) $(NO_LOOK) $(ARGS)

test-onecore: $(STAMP)
	taskset --cpu-list 0 $(RUN) -m pytest $(SLOWEST) $(ONE_CORE) $(NO_GROUPS) $(ARGS)

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
	"$(BIN)/lint-imports"
	$(RUN) -m tests.notebooks.tidy

format: $(STAMP)
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .
	$(RUN) -m tests.notebooks.tidy --fix

release: $(STAMP)
	$(RUN) -m autograder release

bench: $(STAMP)
	$(RUN) -m tests.benchmarks.bench $(ARGS)
	$(RUN) -m tests.benchmarks.units
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

# Half an hour of both cores of a laptop; root, for the boxes in which nbgrader runs.
bench-attacks: $(STAMP)
	$(RUN) -m tests.benchmarks.attacks $(ARGS)

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
# Jupyter, IPython and matplotlib keep what they remember in the home folder, which not everybody may write to.
lab: $(STAMP)
	@if ! [ -w "$$HOME" ]; then export HOME="$(CURDIR)/$(VENV)/home"; mkdir -p "$$HOME"; fi; \
	cd "$(DIR)" && jupyter lab $(ARGS)

# The stamp is touched last, so an installation that broke off is done again. pip would compile all packages on one core; this is on all of them.
# Some hold files that are no Python of today: what cannot be compiled is left out. So are packages' own tests, a sixth of all code.
$(STAMP): pyproject.toml | $(if $(findstring command,$(origin PYTHON)),same-python)
	@$(find_python); there=$$($(VENV)/bin/python $(VERSION)); \
	if [ -z "$$there" ] || { [ -n "$(PYTHON)" ] && ! [ -e $@ ] && [ "$$there" != "$$("$$python" $(VERSION))" ]; }; then \
	    echo "Making $(VENV) with $$python"; \
	    "$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	@echo 'Installing the course and the grader in $(VENV); the first time this takes minutes (PyTorch is large)'
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[test]'
	@$(RUN) -m compileall -qq -j 0 -x /tests/ $(VENV)/lib || true
	@touch $@

# Whoever names a Python means that one, and an environment keeps the one with which it was made.
same-python:
	@there=$$($(VENV)/bin/python $(VERSION)); named=$$("$(PYTHON)" $(VERSION)); \
	if [ -e $(STAMP) ] && [ -n "$$named" ] && [ -n "$$there" ] && [ "$$there" != "$$named" ]; then \
	    echo "$(VENV) has Python $$there, and $(PYTHON) is Python $$named; remove $(VENV), or make one beside it: VENV=.venv-$$named" >&2; \
	    exit 1; \
	fi

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
