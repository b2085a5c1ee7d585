# Every command of the project; `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip --disable-pip-version-check
DATA   ?= ../shared/data
RUNS   ?= runs

# Each start of a program would compile some six hundred modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: architecture structure bench-cohort bench-kernels bench-throughput bench-start bench-long-axis catalogue fuzz help demo quick lock test check lint types layers dependencies unit format bench bench-correcting bench-desktop snapshots screenshots drive-desktop model pictures phantom-files installer cuda-pack check-installer check-reproducible bench-installer clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/app.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cinecor needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "No venv could be made; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@rm -f $(VENV)/cuda.stamp
	$(PIP) uninstall --quiet --yes onnxruntime-gpu
	$(PIP) install --quiet --editable '.[cpu]'
	@touch $@

# The two builds of ONNX Runtime bring the same files: one goes before the other comes.
$(VENV)/cuda.stamp: $(VENV)/app.stamp
	$(PIP) uninstall --quiet --yes onnxruntime
	$(PIP) install --quiet --editable '.[cuda]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/app.stamp
	$(PIP) install --quiet --editable '.[dev,export,installer]'
	@touch $@

demo: $(VENV)/$(if $(CUDA),cuda,app).stamp  ## install, make a synthetic study and open it (without a display: print its results; CUDA=1: for an NVIDIA card)
	$(BIN)/cinecor demo --out cinecor-demo

# Whole files to each of two workers, in the order of their names: by the number of their tests, which is the other way, the
# files of few and long tests would be left for the end, when one worker has nothing to do.
SHARED_OUT := -n 2 --dist loadfile --no-loadscope-reorder

# What every change meets in under a minute: the tests of the engine that load neither torch nor Qt. Left out are those
# marked slow, and whole files whose tests draw a beating heart or a page each, ask the validators of others, kill or start processes.
QUICK := $(addprefix tests/unit/,inference measure report review scene study test_catalogue.py test_console.py test_docstrings.py test_message.py) \
	$(addprefix --ignore tests/unit/,inference/test_cuda_pack.py inference/test_pipeline.py inference/test_model_store.py inference/test_proof.py \
	report/test_dicom_objects.py report/test_pdf_report.py report/test_replacement.py report/test_result_folder.py \
	review/test_killed_sessions.py review/test_log.py review/valve study/test_pictures_against_headers.py \
	study/test_plain_file.py study/test_single_position.py)

quick: $(VENV)/dev.stamp  ## style, types, and the quick tests of the engine, side by side: in under a minute
	@$(MAKE) --no-print-directory -j 3 lint types quick-tests

.PHONY: quick-tests
quick-tests: $(VENV)/dev.stamp
	$(BIN)/pytest -q $(SHARED_OUT) -p no:pytest-qt -m 'not slow' $(QUICK) -o 'addopts=--strict-markers --import-mode=importlib'

SECONDS ?= 60
fuzz: $(VENV)/app.stamp  ## fuzz what is read (SECONDS=N), from where the last run ended; faults are kept in build/fuzz
	$(BIN)/python tests/fuzz/fuzz.py --seconds $(SECONDS)

lock:  ## renew constraints.txt from the versions that pip finds today; run the tests with them
	$(PYTHON) installer/lock.py

test: $(VENV)/dev.stamp  ## everything that must pass: check, and all tests beside it
	@$(MAKE) --no-print-directory -j 2 unit check

check: lint types layers dependencies  ## style, types, layer contracts, dependencies

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

layers: $(VENV)/dev.stamp
	$(BIN)/lint-imports --no-cache

dependencies: $(VENV)/dev.stamp
	$(BIN)/deptry .

unit: $(VENV)/dev.stamp  ## the tests alone
	@if QT_QPA_PLATFORM=offscreen $(BIN)/python -c 'import PySide6.QtWidgets'; then \
		$(BIN)/pytest $(SHARED_OUT); \
	else \
		echo "The desktop's tests are left out: Qt lacks a library of the system; on Debian and Ubuntu:"; \
		echo "  apt install libegl1 libgl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1"; \
		$(BIN)/pytest $(SHARED_OUT) -p no:pytest-qt --ignore tests/gui \
			-o 'addopts=-ra --strict-markers --import-mode=importlib'; \
	fi

.PHONY: tutorial
tutorial: $(VENV)/dev.stamp  ## run the commands of docs/own-model.md on phantoms, with few steps (minutes)
	CINECOR_TUTORIAL=1 $(BIN)/pytest tests/integration/test_own_model.py

CATALOGUES := resources/cinecor_resources/locale
SPOKEN     := --keyword= --keyword=Message:2 --keyword=counted:2,3 --keyword=gettext --keyword=ngettext:1,2 \
	--keyword=tr --keyword=tr_counted:1,2 --keyword=tr_as:1c,2 --keyword=N_

catalogue: $(VENV)/dev.stamp  ## bring the catalogues up to the texts in the code, and compile them
	mkdir -p build && $(BIN)/pybabel -q extract $(SPOKEN) --no-location --sort-output --omit-header -o build/cinecor.pot desktop
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -D cinecor -l fr -i build/cinecor.pot -d $(CATALOGUES)
	$(BIN)/pybabel -q compile -D cinecor -d $(CATALOGUES)

format: $(VENV)/dev.stamp  ## rewrite the code in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	$(PIP) install --quiet --editable '.[bench]'
	$(PIP) download --quiet --no-deps --dest $(VENV)/peer myopari==0.1.6
	@touch $@

bench: $(VENV)/bench.stamp  ## speed and memory beside rivals, as a table in docs/benchmarks.md (PACKAGE=FILE: another model)
	$(BIN)/python tests/benchmarks/bench.py --data $(DATA) --peer-wheel $(VENV)/peer/myopari-0.1.6-py3-none-any.whl \
		$(if $(PACKAGE),--package $(PACKAGE)) --out docs/benchmarks.md

STUDIES ?= 10000
bench-cohort: $(VENV)/dev.stamp  ## `cinecor batch` on STUDIES tiny ones: first result, overhead, memory, twenty kills, a dask cluster (about twenty minutes)
	$(BIN)/python tests/benchmarks/cohort.py --studies $(STUDIES) --dask

bench-kernels: $(VENV)/dev.stamp  ## where the time of the int8 graph goes, kernel by kernel (a minute; PACKAGE=FILE: another model)
	$(BIN)/python tests/benchmarks/kernels.py $(if $(PACKAGE),--package $(PACKAGE))

bench-throughput: $(VENV)/bench.stamp  ## studies an hour: `cinecor batch` beside one after the other and beside the peer (minutes; STUDY=FOLDER)
	$(BIN)/python tests/benchmarks/throughput.py --peer-wheel $(VENV)/peer/myopari-0.1.6-py3-none-any.whl $(if $(STUDY),--study $(STUDY))

bench-start: $(VENV)/dev.stamp  ## what the paths written by hand save beside their libraries (docs/decisions/044)
	$(BIN)/python tests/benchmarks/start.py

bench-desktop: $(VENV)/dev.stamp  ## speed, stalls and memory of the desktop (STUDY=FOLDER: a study instead of the phantom)
	$(BIN)/python tests/benchmarks/desktop.py $(if $(STUDY),--study $(STUDY))

bench-correcting: $(VENV)/dev.stamp  ## mend planted faults by mouse events, and time what follows the mouse (STUDY=FOLDER, SIZE=PIXELS)
	$(BIN)/python tests/benchmarks/correcting.py $(if $(STUDY),--study $(STUDY)) $(if $(SIZE),--size $(SIZE))

bench-long-axis: $(VENV)/dev.stamp  ## frames a second of the short axis and three long-axis cines playing together (STUDY=FOLDER)
	$(BIN)/python tests/benchmarks/long_axis.py $(if $(STUDY),--study $(STUDY))

snapshots: $(VENV)/dev.stamp  ## paint the kept pictures of the desktop's views anew (tests/gui/snapshots); look at them
	CINECOR_RENEW_SNAPSHOTS=1 $(BIN)/pytest tests/gui/test_snapshots.py

screenshots: $(VENV)/dev.stamp  ## redraw the desktop's pictures in docs/ (real studies of DATA or STUDY=FOLDER, into build/)
	$(BIN)/python docs/make_screenshots.py --data $(DATA) $(if $(STUDY),--study $(STUDY))

.PHONY: installer-windows-script
installer-windows-script:  ## compile the Windows installer's script around a stand-in (needs makensis)
	$(PYTHON) installer/windows/compile.py --stand-in

drive-desktop: $(VENV)/dev.stamp  ## drive the desktop by mouse and keys on a virtual screen; each line seen or not, and pictures, in build/drive (STUDY=FOLDERS)
	$(BIN)/python tests/by_hand/drive_desktop.py $(STUDY) $(if $(PAGE),--page $(PAGE))

model: $(VENV)/dev.stamp  ## train, evaluate and export the bundled model (hours on two cores; resumes; TRIAL=STEPS: few steps a run, to see that the chain holds)
	$(BIN)/python export/make_model.py --data $(DATA) --runs $(RUNS) $(if $(TRIAL),--trial $(TRIAL))

pictures: $(VENV)/dev.stamp  ## redraw the pictures in docs/
	$(BIN)/python docs/make_pictures.py

structure: $(VENV)/dev.stamp  ## circles of imports, the largest files, small files with one user
	$(BIN)/python docs/structure.py

architecture: $(VENV)/dev.stamp  ## draw the packages and their imports anew (docs/images/architecture.svg)
	$(BIN)/python docs/make_architecture.py

.PHONY: manual
manual: $(VENV)/dev.stamp  ## write the manual's pages anew (installer/linux/man)
	$(BIN)/python docs/make_manual.py

phantom-files: $(VENV)/dev.stamp  ## draw the phantom's files in resources/ again
	$(BIN)/python docs/make_phantom_files.py

installer:  ## build what is installed, into dist/: the Debian package and the archive that runs from any folder
	$(PYTHON) installer/build.py

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
DEB     := dist/cinecor_$(shell echo '$(VERSION)' | sed -E 's/(a|b|rc)([0-9])/~\1\2/; s/\.dev/~~dev/')_amd64.deb
ARCHIVE := dist/cinecor-$(VERSION)-linux-x86_64.tar.gz

$(DEB): $(shell git ls-files desktop resources installer pyproject.toml)
	$(MAKE) installer

check-installer: $(DEB) $(VENV)/dev.stamp  ## install what was built in a fresh Debian without Python and network, and use it (root)
	$(PYTHON) installer/smoke/check.py --data $(DATA)
	rm -rf build/installer/unpacked && mkdir -p build/installer/unpacked
	tar -xzf $(ARCHIVE) -C build/installer/unpacked --strip-components=1
	CINECOR_FROZEN=$(CURDIR)/build/installer/unpacked/cinecor $(BIN)/pytest -m frozen

TWICE := build/reproducible

check-reproducible:  ## build the last commit twice, from two folders, and compare every file of both artifacts
	rm -rf $(TWICE)
	commit=$$(git rev-parse HEAD); for place in one 'two with another/name'; do \
		mkdir -p "$(TWICE)/$$place" && git archive $$commit | tar -x -C "$(TWICE)/$$place" && \
		(cd "$(TWICE)/$$place" && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct $$commit) $(PYTHON) installer/build.py) || exit 1; \
	done
	for artifact in $(DEB) $(ARCHIVE); do \
		$(PYTHON) installer/compare_builds.py "$(TWICE)/one/$$artifact" "$(TWICE)/two with another/name/$$artifact" || exit 1; \
	done

bench-installer: $(DEB) $(VENV)/dev.stamp  ## size and speed of what was built, beside the same from source
	$(PYTHON) installer/smoke/speed.py --source $(BIN)/python --data $(DATA)

cuda-pack:  ## build the folder that lets an installed Cinecor run on NVIDIA cards, into dist/ (gigabytes)
	$(PYTHON) installer/cuda_pack.py

clean:  ## remove what the commands made, but not the environment
	rm -rf cinecor-demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
