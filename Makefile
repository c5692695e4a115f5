# Each target does its own set-up: a virtual environment in .venv, made once.
PYTHON ?= python3
DATA ?=
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
data_option := $(if $(DATA),--data $(DATA),)

.PHONY: demo test check lint docs soak sanitize arm clients clean

demo:            ## what a thought is worth, measured on the bundled model
	@$(PYTHON) tools/setup.py
	@$(BIN)/yunqi tour

test:            ## the tests (DATA=DIR also runs those that need public data)
	@$(PYTHON) tools/setup.py --dev
	$(BIN)/python -m pytest $(data_option)

lint:            ## style, types, import directions, generated docs
	@$(PYTHON) tools/setup.py --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python tools/docs.py --check

check: lint test ## everything CI runs

docs:            ## write the generated parts of the docs anew
	@$(PYTHON) tools/setup.py --dev
	$(BIN)/python tools/docs.py

soak:            ## the long matrices
	@$(PYTHON) tools/setup.py --dev
	$(BIN)/python -m pytest -m slow $(data_option)

sanitize:        ## the native core's tests under AddressSanitizer and UndefinedBehaviorSanitizer (gcc or clang on Linux)
	@$(PYTHON) tools/setup.py --dev
	cmake -S native -B build/sanitize -DYUNQI_SANITIZE=ON -DYUNQI_TESTS=ON -DCMAKE_BUILD_TYPE=Debug
	cmake --build build/sanitize --parallel
	build/sanitize/levels 300
	LD_PRELOAD="$$($${CXX:-g++} -print-file-name=libasan.so) $$($${CXX:-g++} -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0 YUNQI_NATIVE=$(CURDIR)/build/sanitize/libyunqi_native.so \
	$(BIN)/python -m pytest -s --timeout 1200 tests/unit/ops

arm:             ## the native core's levels on 64-bit Arm, cross-compiled and emulated (g++-aarch64-linux-gnu, qemu-user)
	cmake -S native -B build/arm -DYUNQI_TESTS=ON -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
	-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_EXE_LINKER_FLAGS=-static -DCMAKE_CXX_FLAGS="$(ARM_FLAGS)"
	cmake --build build/arm --parallel
	qemu-aarch64-static build/arm/levels 100

clients:         ## the real OpenAI and Anthropic clients, and others, against our server
	@$(PYTHON) tools/setup.py --dev
	@$(PYTHON) tools/setup.py --clients
	$(BIN)/python -m pytest tests/clients

clean:
	rm -rf .venv .venv-clients build dist .pytest_cache .ruff_cache .hypothesis
