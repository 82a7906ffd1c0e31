# Builds, checks and installs forebay. `make help` lists the targets.
#
# Not recursive, but for one thing: demo, check and lint first install what
# they lack (scripts/setup.sh) and then call make again for the work itself,
# so that nothing here needs a compiler or pkg-config while it is being read.
#
# Adding a source file, a plugin folder or a test needs no edit here:
#   host/**/*.c              the program: build/libhost.a and build/forebay
#   plugins/<name>/*.c       build/plugins/<name>.so
#   plugins/<name>/plugin.mk optional: LIBS_<name> and CFLAGS_<name>, and
#                            AWS_<name> := yes to compile plugins/aws/ in,
#                            SHARED_<name> := keys for plugins/shared/keys.c
#   tests/unit/test_*.c      Check programs that link libhost.a
#   tests/plugin/test_*.c    the same, loading plugins from build/plugins
#   tests/support/*.c        an archive that all of those link; what of it
#                            needs plugins/aws is for tests/plugin only
#   tests/faults/*.c         libraries that tests/e2e preloads to disturb it
#   tests/e2e/test_*.py      python's unittest against the built program
#   tests/fuzz/fuzz_*.c      libFuzzer targets; their corpora replay in check

BUILD ?= build
DEPS  ?= build/deps
PYTHON ?= /usr/bin/python3
JOBS  ?= $(shell nproc)

prefix       ?= /usr/local
bindir       ?= $(prefix)/bin
libdir       ?= $(prefix)/lib
includedir   ?= $(prefix)/include
datadir      ?= $(prefix)/share
docdir       ?= $(datadir)/doc/forebay
pluginsdir   ?= $(libdir)/forebay/plugins
pkgconfigdir ?= $(libdir)/pkgconfig
unitdir      ?= $(prefix)/lib/systemd/system
sysusersdir  ?= $(prefix)/lib/sysusers.d
INSTALL      ?= install

VERSION := 0.1.0

# --- What there is ---------------------------------------------------------

HOST_SRC := $(sort $(shell find host -name '*.c' 2>/dev/null))
HOST_OBJ := $(HOST_SRC:%.c=$(BUILD)/obj/%.o)
MAIN_OBJ := $(BUILD)/obj/host/main.o
LIB_OBJ  := $(filter-out $(MAIN_OBJ),$(HOST_OBJ))

PLUGINS := $(filter-out aws shared,$(sort $(patsubst plugins/%/,%,\
             $(dir $(wildcard plugins/*/*.c)))))
PLUGIN_SO := $(PLUGINS:%=$(BUILD)/plugins/%.so)
include $(wildcard plugins/*/plugin.mk)

SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/support/*.c))
AWS_OBJ     := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard plugins/aws/*.c))
SHARED_OBJ  := $(patsubst %.c,$(BUILD)/obj/%.o,\
                 $(wildcard plugins/shared/*.c))
CHECK_SRC   := $(sort $(wildcard tests/unit/test_*.c tests/plugin/test_*.c))
FUZZ_SRC    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
CHECK_BIN   := $(CHECK_SRC:%.c=$(BUILD)/%)
FAULT_SO    := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/faults/*.c))
REPLAY_BIN  := $(FUZZ_SRC:%.c=$(BUILD)/%)
FUZZ_BIN    := $(FUZZ_SRC:%.c=$(BUILD)/%.libfuzzer)
SCRIPTS     := $(wildcard tests/houserules.py tests/headers.py) \
               $(sort $(wildcard tests/e2e/test_*.py))

C_FILES := $(sort $(shell find host plugins tests -name '*.[ch]' 2>/dev/null))

# --- How it is compiled ----------------------------------------------------

# CFLAGS, CPPFLAGS and LDFLAGS belong to whoever builds; ours come beside them.
CFLAGS ?= -O2 -g
WERROR ?= $(if $(filter true 1,$(CI)),1)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual \
            -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes -Wundef \
            -Wvla -Wnull-dereference -Wswitch-enum -Wwrite-strings \
            -Wpointer-arith $(if $(WERROR),-Werror)

# SANITIZE replaces the hardening: FORTIFY hides calls from the sanitizers.
SANITIZE ?=
MACHINE  := $(shell uname -m)
CONTROL_FLOW_x86_64  := -fcf-protection
CONTROL_FLOW_aarch64 := -mbranch-protection=standard
HARDEN := $(if $(SANITIZE),$(SANITIZE) -fno-omit-frame-pointer,\
            -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
            -fstack-clash-protection $(CONTROL_FLOW_$(MACHINE)))
HARDEN_LD := $(SANITIZE) -Wl,-z,relro,-z,now

# Evaluated at first use, which is after set-up, and then kept.
once = $(eval $(1) := $$(shell command -v pkg-config >/dev/null && \
         pkg-config $(2)))$($(1))
# libmicrohttpd is only compiled for, and loaded when it is needed
# (host/serve/library.h).
HOST_PC := yaml-0.1 sqlite3 jansson libpcre2-8 libutf8proc zlib libzstd
HOST_PC_LATE := libmicrohttpd
HOST_PC_CFLAGS = $(call once,HOST_PC_CFLAGS,--cflags $(HOST_PC) $(HOST_PC_LATE))
HOST_PC_LIBS   = $(call once,HOST_PC_LIBS,--libs $(HOST_PC))
CHECK_CFLAGS   = $(call once,CHECK_CFLAGS,--cflags check)
CHECK_LIBS     = $(call once,CHECK_LIBS,--libs check)

HOST_LIBS = $(HOST_PC_LIBS) -lcsv -ldl -lpthread -lm
# What plugins/aws needs; for plugins and their tests, never for the host.
AWS_LIBS  = -lcurl -lcrypto -lexpat -ljansson

COMMON      = -std=gnu17 $(CFLAGS) $(HARDEN) $(WARNINGS) $(CPPFLAGS)
HOST_FLAGS  = $(COMMON) -fPIE -Ihost -Ihost/include $(HOST_PC_CFLAGS) \
              -DFB_VERSION='"$(VERSION)"' \
              -DFB_PLUGIN_DIR='"$(pluginsdir)"'
TEST_FLAGS  = $(COMMON) -fPIE -Ihost -Ihost/include -Itests $(HOST_PC_CFLAGS) \
              $(CHECK_CFLAGS)
PLUGIN_FLAGS = $(COMMON) -fPIC -fvisibility=hidden -Ihost/include
LINK        = $(CC) $(CFLAGS) -pie $(HARDEN_LD) $(LDFLAGS)
LINK_PLUGIN = $(CC) $(CFLAGS) -shared -Wl,-z,defs,--exclude-libs,ALL \
              $(HARDEN_LD) $(LDFLAGS)

V ?= 0
Q   := $(if $(filter 1,$(V)),,@)
say  = @$(if $(filter 1,$(V)),:,printf '  %-8s %s\n' '$(1)' '$(2)')

# A second make, once set-up is done: parallel unless the caller chose.
AGAIN = $(MAKE) --no-print-directory \
        $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: FORCE
FORCE:

# --- Building --------------------------------------------------------------

# An engine that a plugin loads lies below the plugins, where it is no plugin.
ENGINE_SO := $(if $(wildcard $(DEPS)/libduckdb.so),\
               $(BUILD)/plugins/lib/libduckdb.so)

.PHONY: all
all: $(BUILD)/forebay $(PLUGIN_SO) $(ENGINE_SO) ## build the program and every plugin

$(BUILD)/plugins/lib/libduckdb.so: $(DEPS)/libduckdb.so
	@$(INSTALL) -d -m 0755 $(BUILD) $(BUILD)/plugins $(@D)
	$(call say,LINK,$@)
	$(Q)ln -sf '$(abspath $<)' $@ && touch -ch $@

# Objects depend on the flags they were made with: another prefix or
# sanitizer in the same folder must not leave half of the old ones in.
$(BUILD)/flags: FORCE
	@command -v $(firstword $(CC)) >/dev/null && \
	    pkg-config --print-errors --exists $(HOST_PC) $(HOST_PC_LATE) || { echo "cannot" \
	    "build: the compiler, pkg-config or a library is missing" >&2; \
	    echo "hint: 'make setup' installs the Debian packages" >&2; exit 1; }
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_NOW" | cmp -s - $@ || \
	    printf '%s\n' "$$FLAGS_NOW" >$@
$(BUILD)/flags: export FLAGS_NOW = $(CC) $(HOST_FLAGS) $(LINK) $(HOST_LIBS)

$(BUILD)/obj/host/%.o: host/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(HOST_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libhost.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(LIB_OBJ)

$(BUILD)/forebay: $(MAIN_OBJ) $(BUILD)/libhost.a
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(HOST_LIBS)

$(BUILD)/obj/plugins/%.o: plugins/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(PLUGIN_FLAGS) $(CFLAGS_$(notdir $(<D))) -MMD -MP -c -o $@ $<

# The registry refuses a plugin that others may write to, or that lies in a
# folder others may write to; so the modes are set whatever the umask is.
define plugin_rules
$(BUILD)/plugins/$(1).so: $$(patsubst %.c,$(BUILD)/obj/%.o,\
    $$(wildcard plugins/$(1)/*.c) \
    $$(if $$(AWS_$(1)),$$(wildcard plugins/aws/*.c)) \
    $$(SHARED_$(1):%=plugins/shared/%.c))
	@$$(INSTALL) -d -m 0755 $(BUILD) $(BUILD)/plugins
	$$(call say,PLUGIN,$$@)
	$$(Q)$$(LINK_PLUGIN) -o $$@ $$^ $$(LIBS_$(1)) \
	    $$(if $$(AWS_$(1)),$$(AWS_LIBS)) && chmod 0755 $$@
$(if $(AWS_$(1))$(SHARED_$(1)),\
    $(BUILD)/obj/plugins/$(1)/%.o: PLUGIN_FLAGS += -Iplugins)
endef
$(foreach p,$(PLUGINS),$(eval $(call plugin_rules,$(p))))
$(BUILD)/obj/plugins/aws/%.o $(BUILD)/obj/plugins/shared/%.o: \
    PLUGIN_FLAGS += -Iplugins

# --- Tests -----------------------------------------------------------------

$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(TEST_FLAGS) -MMD -MP -c -o $@ $<

# Archives, so that a test links only what it uses.
$(BUILD)/libsupport.a: $(SUPPORT_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(SUPPORT_OBJ)

$(BUILD)/libaws.a: $(AWS_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(AWS_OBJ)

$(BUILD)/libshared.a: $(SHARED_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(SHARED_OBJ)

$(CHECK_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/obj/tests/unit/main.o \
              $(BUILD)/libsupport.a $(BUILD)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(TEST_LIBS) $(CHECK_LIBS) $(HOST_LIBS)

PLUGIN_CHECK_BIN := $(filter $(BUILD)/tests/plugin/%,$(CHECK_BIN))
$(PLUGIN_CHECK_BIN): $(BUILD)/libshared.a $(BUILD)/libaws.a
$(PLUGIN_CHECK_BIN): TEST_LIBS = -Wl,--as-needed $(AWS_LIBS)
$(BUILD)/obj/tests/plugin/%.o $(BUILD)/obj/tests/support/%.o \
    $(BUILD)/obj/tests/fuzz/%.o: TEST_FLAGS += -Iplugins

# A target that looks into a plugin takes in what it looks at.
FUZZ_athena := $(patsubst %,$(BUILD)/obj/plugins/athena/%.o,csv sheet)
$(BUILD)/tests/fuzz/fuzz_athena $(BUILD)/tests/fuzz/fuzz_athena.libfuzzer: \
    $(FUZZ_athena)

$(REPLAY_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/obj/tests/fuzz/replay.o \
               $(BUILD)/libaws.a $(BUILD)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ -Wl,--start-group $^ -Wl,--end-group \
	    -Wl,--as-needed $(AWS_LIBS) $(HOST_LIBS)

# Not under a sanitizer's eyes: they stand below all that the program calls.
$(FAULT_SO): $(BUILD)/%.so: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=gnu17 -O2 -g $(WARNINGS) -fPIC -shared -o $@ $<

.PHONY: tests
tests: all $(CHECK_BIN) $(REPLAY_BIN) $(FAULT_SO)

.PHONY: check
check: ## set up, build and run every test; ends with "N passed, M failed"
	$(Q)DEPS='$(DEPS)' scripts/setup.sh check
	+$(Q)$(AGAIN) run-check

# What could not be built counts as failed, and the rest is still tried.
# TESTS="tests/unit/test_x.c tests/e2e/test_y.py" runs only those.
.PHONY: run-check
TESTS ?= $(CHECK_SRC) $(FUZZ_SRC) $(SCRIPTS)
run-check:
	+$(Q)$(MAKE) --no-print-directory -k tests; built=$$?; \
	CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER:-5} \
	CC='$(CC)' FOREBAY_DUCKDB='$(abspath $(DEPS))/libduckdb.so' \
	    FOREBAY_DEPS='$(abspath $(DEPS))' \
	    $(PYTHON) tests/run.py --build '$(BUILD)' --jobs $(JOBS) \
	    --build-status $$built $(TESTS)

# intercept_tls_get_addr=0: up to gcc 13 the leak checker takes some thread
# storage of libraries loaded late for that of an old glibc, and crashes.
ASAN_CHECKS := detect_leaks=1:strict_string_checks=1:intercept_tls_get_addr=0
.PHONY: check-asan
check-asan: ## the same under the address and undefined-behaviour sanitizers
	$(Q)DEPS='$(DEPS)' scripts/setup.sh check
	+$(Q)ASAN_OPTIONS=$(ASAN_CHECKS) \
	    UBSAN_OPTIONS=print_stacktrace=1 CK_TIMEOUT_MULTIPLIER=10 \
	    $(AGAIN) BUILD=build-asan CFLAGS='-O1 -g' run-check \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all'

.PHONY: check-tsan
check-tsan: ## the same under the thread sanitizer
	$(Q)DEPS='$(DEPS)' scripts/setup.sh check
	+$(Q)TSAN_OPTIONS=halt_on_error=1:die_after_fork=0:suppressions=$(abspath \
	    tests/tsan.supp) \
	    CK_TIMEOUT_MULTIPLIER=10 \
	    $(AGAIN) BUILD=build-tsan CFLAGS='-O1 -g' \
	    SANITIZE=-fsanitize=thread run-check

.PHONY: coverage
coverage: ## run every test and print the line coverage of each file
	$(Q)DEPS='$(DEPS)' scripts/setup.sh check
	+$(Q)$(AGAIN) BUILD=build-coverage CFLAGS='-O0 -g' \
	    SANITIZE=--coverage run-check
	$(Q)$(PYTHON) scripts/coverage.py build-coverage

FUZZ_SECONDS ?= 60
FUZZ_SANITIZE := address,undefined
.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZ_SECONDS (60); needs clang
	$(Q)scripts/setup.sh build fuzz
	+$(Q)$(AGAIN) BUILD=build-fuzz CC=clang CFLAGS='-O1 -g' \
	    SANITIZE=-fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) run-fuzz

.PHONY: run-fuzz
run-fuzz: $(FUZZ_BIN)
	$(Q)for bin in $(FUZZ_BIN); do \
	    name=$$(basename $$bin .libfuzzer); name=$${name#fuzz_}; \
	    mkdir -p $(BUILD)/corpus/$$name tests/fuzz/corpus/$$name; \
	    $$bin -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	        -artifact_prefix=$(BUILD)/$$name- $(BUILD)/corpus/$$name \
	        tests/fuzz/corpus/$$name || exit 1; \
	done

$(FUZZ_BIN): $(BUILD)/%.libfuzzer: $(BUILD)/obj/%.o $(BUILD)/libaws.a \
             $(BUILD)/libhost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ \
	    -Wl,--start-group $^ -Wl,--end-group -Wl,--as-needed $(AWS_LIBS) $(HOST_LIBS)

.PHONY: bench
BENCH_FLAGS ?=
bench: ## measure speed and memory beside other programs (BENCH_FLAGS=--quick)
	$(Q)DEPS='$(DEPS)' scripts/setup.sh build bench
	+$(Q)$(AGAIN) all
	$(Q)FOREBAY_BUILD='$(abspath $(BUILD))' FOREBAY_DEPS='$(abspath $(DEPS))' \
	    $(PYTHON) tests/bench/bench.py $(BENCH_FLAGS)

# --- Trying it -------------------------------------------------------------

.PHONY: demo
demo: ## set up, build and run two pipelines on sample data
	$(Q)DEPS='$(DEPS)' scripts/setup.sh demo
	+$(Q)$(AGAIN) all
	$(Q)scripts/demo.sh '$(BUILD)'

.PHONY: setup
setup: ## install the Debian packages that a build needs
	$(Q)scripts/setup.sh build

# --- Reading it ------------------------------------------------------------

.PHONY: lint
lint: ## clang-format, clang-tidy and cppcheck
	$(Q)scripts/setup.sh lint
	$(Q)HOST_CFLAGS="$$(pkg-config --cflags $(HOST_PC) $(HOST_PC_LATE) check)" \
	    JOBS=$(JOBS) scripts/lint.sh $(C_FILES)

.PHONY: format
format: ## rewrite every C file the way .clang-format says
	$(Q)scripts/setup.sh lint
	$(Q)clang-format -i $(C_FILES)

# --- Installing ------------------------------------------------------------

DIRS = -e 's|@prefix@|$(prefix)|g' -e 's|@bindir@|$(bindir)|g' \
       -e 's|@docdir@|$(docdir)|g' \
       -e 's|@libdir@|$(libdir)|g' -e 's|@includedir@|$(includedir)|g' \
       -e 's|@pluginsdir@|$(pluginsdir)|g' -e 's|@VERSION@|$(VERSION)|g'
D = $(DESTDIR)

UNITS := $(notdir $(wildcard deploy/systemd/forebay*.service \
                         deploy/systemd/forebay*.timer))
DOCS  := $(wildcard LICENSE README.md docs/*.md docs/*.png plugins/*/*.md)
EXAMPLES := $(sort $(shell find pipelines schemas deploy/iam -type f \
              2>/dev/null))

# put MODE FILE TARGET: a file with its @directories@ filled in.
define put
	$(Q)$(INSTALL) -d -m 0755 '$(dir $(3))'
	$(Q)sed $(DIRS) $(2) >'$(3).new' && chmod $(1) '$(3).new' && \
	    mv -f '$(3).new' '$(3)'

endef

.PHONY: install
install: all ## install below prefix (/usr/local); DESTDIR is respected
	$(call say,INSTALL,$(D)$(prefix))
	$(Q)$(INSTALL) -d -m 0755 '$(D)$(bindir)' '$(D)$(pluginsdir)' \
	    '$(D)$(includedir)/forebay' '$(D)$(docdir)'
	$(Q)$(INSTALL) -m 0755 $(BUILD)/forebay '$(D)$(bindir)'
	$(Q)$(INSTALL) -m 0755 $(PLUGIN_SO) '$(D)$(pluginsdir)'
	$(if $(ENGINE_SO),$(Q)$(INSTALL) -d -m 0755 '$(D)$(pluginsdir)/lib' && \
	    $(INSTALL) -m 0755 $(ENGINE_SO) '$(D)$(pluginsdir)/lib')
	$(Q)$(INSTALL) -m 0644 host/include/forebay/plugin.h \
	    '$(D)$(includedir)/forebay'
	$(Q)for file in $(DOCS); do \
	    $(INSTALL) -D -m 0644 "$$file" '$(D)$(docdir)'/"$$file" || exit 1; \
	done
	$(Q)for file in $(EXAMPLES); do \
	    $(INSTALL) -D -m 0644 "$$file" '$(D)$(datadir)/forebay'/"$$file" \
	        || exit 1; \
	done
	$(call put,0644,forebay.pc.in,$(D)$(pkgconfigdir)/forebay.pc)
	$(foreach u,$(UNITS),$(call put,0644,deploy/systemd/$(u),$(D)$(unitdir)/$(u)))
	$(call put,0644,deploy/systemd/sysusers.conf,$(D)$(sysusersdir)/forebay.conf)
	$(call put,0644,deploy/cron/forebay.cron,$(D)$(docdir)/forebay.cron)

.PHONY: uninstall
uninstall: ## remove what install put there; plugins of others stay
	$(Q)rm -f '$(D)$(bindir)/forebay' \
	    $(PLUGINS:%='$(D)$(pluginsdir)/%.so') \
	    '$(D)$(pluginsdir)/lib/libduckdb.so' \
	    '$(D)$(includedir)/forebay/plugin.h' \
	    '$(D)$(pkgconfigdir)/forebay.pc' \
	    $(UNITS:%='$(D)$(unitdir)/%') '$(D)$(sysusersdir)/forebay.conf' \
	    $(EXAMPLES:%='$(D)$(datadir)/forebay/%') \
	    $(DOCS:%='$(D)$(docdir)/%') \
	    '$(D)$(docdir)/forebay.cron'
	$(Q)for dir in '$(D)$(datadir)/forebay' '$(D)$(docdir)' \
	    '$(D)$(includedir)/forebay' '$(D)$(libdir)/forebay'; do \
	    [ ! -d "$$dir" ] || find "$$dir" -depth -type d -empty -delete; \
	done

# --- The rest --------------------------------------------------------------

.PHONY: clean
clean: ## remove what was built, but not what set-up downloaded
	$(Q)rm -rf build-asan build-tsan build-coverage build-fuzz
	$(Q)[ ! -d '$(BUILD)' ] || find '$(BUILD)' -mindepth 1 -maxdepth 1 \
	    ! -path '$(DEPS)' -exec rm -rf {} +

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	    while IFS='|' read -r name text; do \
	        printf '  %-12s %s\n' "$$name" "$$text"; done
	@echo
	@echo '  BUILD=dir V=1 WERROR=1 CFLAGS= prefix= DESTDIR= are understood.'

-include $(patsubst %.o,%.d,$(HOST_OBJ) $(SUPPORT_OBJ)) \
    $(wildcard $(BUILD)/obj/plugins/*/*.d $(BUILD)/obj/tests/*/*.d)
