# tierlab. `make lab` is what a newcomer types; `make help` lists the rest.

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1
BUILD   := build
CC      ?= gcc
CFLAGS  ?= -O2 -g
PKG     ?= pkg-config

# SAN=1 builds everything under AddressSanitizer and UndefinedBehaviorSanitizer, in a folder of its own.
ifdef SAN
BUILD   := build/san
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
BASE_FLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' -Icommon $(WARN) $(SANFLAGS)

# Packages that each program is linked with; HACKING.md says why each.
COMMON_PKGS  := yaml-0.1 libcrypto smartcols
BUILDER_PKGS := $(COMMON_PKGS) libcurl libguestfs json-c libarchive
VMCTL_PKGS   := $(COMMON_PKGS) libvirt libvirt-qemu libxml-2.0 json-c

COMMON_SRC  := $(wildcard common/*.c)
BUILDER_SRC := $(wildcard builder/*.c)
VMCTL_SRC   := $(wildcard vmctl/*.c)
BENCH_LIB   := $(wildcard overlay/bench/bench*.c)
# A workload is NAME.c, and NAME-*.c are its further files.
BENCH       := $(foreach f,$(basename $(notdir $(wildcard overlay/bench/*.c))),$(if $(findstring -,$f)$(filter bench,$f),,$f))
# tierrun's parts have names of their own: unit tests are linked with them.
TIERRUN     := $(wildcard overlay/bench/tierrun-*.c)
UNIT        := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test-*.c))

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
# Asked only when something is compiled: pkg-config itself may come with `make setup`.
pkg_cflags = $(shell $(PKG) --cflags $(1))
pkg_libs   = $(shell $(PKG) --libs $(1))

PROGRAMS := $(BUILD)/vmbuild $(BUILD)/vmctl
MANUALS  := $(patsubst man/%.scd,build/man/%,$(wildcard man/*.scd))

.PHONY: all lab setup check check-unit check-cli check-live check-long check-layers bench bench-kernel install clean help
.DELETE_ON_ERROR:

all: $(PROGRAMS) $(addprefix $(BUILD)/bench/,$(BENCH)) $(MANUALS)

help:
	@echo "make lab         set everything up, build, boot the CXL machine, prove it"
	@echo "make setup       only install what is needed"
	@echo "make             only compile"
	@echo "make check       all tests; or of them check-unit, check-cli, check-live"
	@echo "make check-long  what check leaves out, hours: all of Debian's kernels, builds"
	@echo "                 twice from nothing, builds that are killed"
	@echo "make bench       the figures of the README, half an hour (bench-kernel: one)"
	@echo "make install     PREFIX=/usr/local [DESTDIR=]"

# ---- the two commands of the README ----

SETUP := common/setup/setup.sh --for build,image,kernel,run,man
LAB   ?= cxl
LAB_IMAGE ?= cxl-tcg
step  = @printf '== %s of 5: %s\n' $(1) $(2)

setup:
	@$(SETUP)

# The machine `cxl`, or another: make lab LAB=cxl-small
lab:
	$(call step,1,"set-up of this host")
	@$(SETUP)
	$(call step,2,"compiling tierlab")
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	$(call step,3,"the image")
	@$(BUILD)/vmbuild $(LAB_IMAGE)
	$(call step,4,"the machine")
	@$(BUILD)/vmctl start $(LAB)
	$(call step,5,"what it is")
	@$(BUILD)/vmctl summary $(LAB)

check:
	@$(SETUP),test
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@tests/run.sh

check-unit check-cli check-live check-long: all
	@tests/run.sh $(@:check-%=%)

check-layers:
	@tests/check-layers.sh

bench: all $(BUILD)/bench-domain-xml $(BUILD)/bench-plain-loop
	@tests/bench/vmbuild.sh
	@tests/bench/customize.sh
	@tests/bench/machine.sh
	@tests/bench/commands.sh
	@tests/bench/xml.sh
	@tests/bench/topologies.sh
	@tests/bench/workloads.sh
	@tests/bench/lab.sh

bench-kernel: all
	@tests/bench/kernel.sh

# ---- compiling ----

$(BUILD)/vmbuild: $(call obj,$(COMMON_SRC) $(BUILDER_SRC))
	$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(call pkg_libs,$(BUILDER_PKGS)) -lpthread

$(BUILD)/vmctl: $(call obj,$(COMMON_SRC) $(VMCTL_SRC))
	$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(call pkg_libs,$(VMCTL_PKGS)) -lpthread -lm

$(BUILD)/obj/common/%.o: common/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) $(call pkg_cflags,$(COMMON_PKGS)) -MMD -c -o $@ $<

$(BUILD)/obj/builder/%.o: builder/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -Ibuilder $(call pkg_cflags,$(BUILDER_PKGS)) -MMD -c -o $@ $<

$(BUILD)/obj/vmctl/%.o: vmctl/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -Ivmctl $(call pkg_cflags,$(VMCTL_PKGS)) -MMD -c -o $@ $<

# The workloads go into guests of any distribution: static, and nothing but libc.
.SECONDEXPANSION:
$(BUILD)/bench/%: overlay/bench/%.c $(BENCH_LIB) $$(wildcard overlay/bench/$$*-*.[ch] overlay/bench/bench*.h)
	@mkdir -p $(@D)
	gcc -O2 -s -Wall -Wextra -std=gnu11 -static -pthread -o $@ $(filter %.c,$^) -lm

build/man/%: man/%.scd
	@mkdir -p $(@D)
	scdoc < $< > $@

$(BUILD)/obj/overlay/bench/%.o: overlay/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 $(WARN) $(SANFLAGS) -MMD -c -o $@ $<

# Unit tests: each is linked with all but the programs' main.
$(BUILD)/unit/test-%: tests/unit/test-%.c $(call obj,$(COMMON_SRC) $(filter-out %/main.c,$(BUILDER_SRC)) \
		$(filter-out %/main.c,$(VMCTL_SRC)) $(BENCH_LIB) $(TIERRUN))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -Ibuilder -Ivmctl $(call pkg_cflags,$(BUILDER_PKGS) $(VMCTL_PKGS) cmocka) -MMD -MF $@.d -o $@ $< \
		-Wl,--start-group $(filter %.o,$^) -Wl,--end-group \
		$(call pkg_libs,$(BUILDER_PKGS) $(VMCTL_PKGS) cmocka) -lpthread -lm

# Of the benchmarks, one that times a function and not a program, and a loop that gups is measured by. Compiled with the
# unit tests, or they would rot.
$(BUILD)/bench-domain-xml: tests/bench/domain-xml.c $(call obj,$(COMMON_SRC) $(filter-out %/main.c,$(VMCTL_SRC)))
	$(CC) $(CFLAGS) $(BASE_FLAGS) -Ivmctl -o $@ $^ $(call pkg_libs,$(VMCTL_PKGS)) -lpthread -lm

$(BUILD)/bench-plain-loop: tests/bench/plain-loop.c
	@mkdir -p $(@D)
	gcc -O2 -Wall -Wextra -std=gnu11 -static -pthread -o $@ $<

unit: $(addprefix $(BUILD)/unit/,$(UNIT)) $(BUILD)/bench-domain-xml $(BUILD)/bench-plain-loop

# A header that is gone: what included it is compiled again, and nothing stops.
%.h: ;

-include $(wildcard $(BUILD)/obj/*/*.d $(BUILD)/obj/overlay/bench/*.d $(BUILD)/unit/*.d)

# ---- installing ----

SHARE := $(DESTDIR)$(PREFIX)/share

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/tierlab/machines $(SHARE)/tierlab/recipes $(SHARE)/tierlab/kconfigs \
		$(SHARE)/tierlab/bench $(SHARE)/man/man1 $(SHARE)/man/man5
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 vmctl/machines/*.yaml $(SHARE)/tierlab/machines
	install -m 644 recipes/*.yaml $(SHARE)/tierlab/recipes
	install -d $(SHARE)/tierlab/recipes/experiments
	install -m 644 recipes/experiments/* $(SHARE)/tierlab/recipes/experiments
	install -m 644 kconfigs/* $(SHARE)/tierlab/kconfigs
	install -m 755 $(addprefix $(BUILD)/bench/,$(BENCH)) $(SHARE)/tierlab/bench
	install -d $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	for p in $(PROGRAMS); do n=$${p##*/}; \
		$$p completion bash > $(SHARE)/bash-completion/completions/$$n && \
		$$p completion zsh > $(SHARE)/zsh/site-functions/_$$n && \
		$$p completion fish > $(SHARE)/fish/vendor_completions.d/$$n.fish || exit 1; done
	cp -a --no-preserve=ownership overlay $(SHARE)/tierlab
	cp -a --no-preserve=ownership common/setup $(SHARE)/tierlab
	for m in build/man/*.1; do install -m 644 $$m $(SHARE)/man/man1; done
	for m in build/man/*.5; do install -m 644 $$m $(SHARE)/man/man5; done

clean:
	rm -rf build
