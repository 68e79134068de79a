# SPDX-License-Identifier: GPL-2.0-only
# The table of contents: each verb is one script, and can be run alone.
#   KERNEL=name of a directory of kernels/  CONFIG=default|debug|kcsan  ARCH=x86|arm64|s390  KERNEL_SRC=DIR  T=name  ACCEL=kvm|uml|tcg  NO_INSTALL=1  JOBS=n
export KERNEL CONFIG CONFIG_FILE ARCH KERNEL_SRC SRC QUICK FULL CROSS T M MINUTES ROUNDS SEED ACCEL NO_INSTALL JOBS CPUS MEM TIMEOUT

help: ## this list
	@echo "make VERB [KERNEL=$(shell cat kernels/default)] [CONFIG=debug] [T=name] [ACCEL=kvm|uml|tcg] [KERNEL_SRC=DIR] [NO_INSTALL=1]"
	@LC_ALL=C sed -n 's/^\([a-z-]*\): ## /  \1\t/p' Makefile | expand -t 15
deps: ## install what is missing (NO_INSTALL=1 names the packages and stops)
tree: ## unpack the kernel and apply kernels/KERNEL/patches: build/KERNEL/linux (KERNEL_SRC=DIR instead of the download)
series: ## write the commits of that tree back to kernels/KERNEL/patches
kernel: ## build the kernel for the guest (CONFIG=default, debug, or kcsan for data races)
demo: ## send a million frames with each verdict through a veth pair, in the guest
test: ## run the kernel's selftests and ours, in the guest (T=name runs one; ARCH=arm64 [CONFIG=64k] or s390: emulated machines)
fuzz: ## check a million random calls against a model of the design, in the guest (CALLS=n SEED=n)
mutants: ## boot kernels with the mistakes of kernels/KERNEL/mutants, one at a time: are they caught? (CONFIG=debug, M="NAME...")
soak: ## run all tests in random order on the debug kernel, for MINUTES=n (SEED=n T=names)
configs: ## compile what the series touches with other options and preemption models
bench: ## measure what a frame costs in instructions, against peers (QUICK=1: against the recorded figures)
bench-native: ## measure what a frame costs by the clock, on User-mode Linux, against peers (ROUNDS=10)
bench-peers: ## build the kernels that bench compares with (an hour)
apply-check: ## tell whether the series applies to SRC=DIR, another tree of that kernel, and how to apply it (needs only git)
trees: ## apply and build the series on the archive's versions and on plain ones (an hour; QUICK=1 only applies; T="VERSION...")
compare: ## run the kernel's XDP selftests with and without the series: the results must be the same
kselftest: ## the same with the kernel's BPF selftests and its own runner (T="NAME..."; all of them: an hour or more)
lessons: ## write the table of lessons in docs/testing.md, from tests/lessons.tsv
check: ## check each patch: applies, builds (gcc, clang, i386, arm64), checkpatch, sparse; for the series: round trip, docs (CROSS=1: other machines)
send: ## do a dry run of submitting the series: base-commit, get_maintainer.pl, git send-email
deb: ## build Debian packages of kernel, headers, libbpf and bpftool, with the distribution's configuration or CONFIG_FILE=
deb-check: ## run make deb with the guest's configuration, install the packages in a root of that release, and boot it
shell: ## open a shell in the guest, with this machine's tools
clean: ## remove build/KERNEL, unless work would be lost

deps tree series kernel demo test fuzz mutants soak configs bench bench-native bench-peers apply-check trees compare kselftest lessons check send deb deb-check shell clean:
	@scripts/$@

.PHONY: help deps tree series kernel demo test fuzz mutants soak configs bench bench-native bench-peers apply-check trees compare kselftest lessons check send deb deb-check shell clean
