# The table of contents: each verb is one script, and can be run alone.
#   KERNEL=name of a directory of kernels/  CONFIG=default|debug|kcsan  ARCH=x86|arm64|s390  KERNEL_SRC=DIR  T=name  ACCEL=kvm|tcg  NO_INSTALL=1  JOBS=n
export KERNEL CONFIG CONFIG_FILE ARCH KERNEL_SRC SRC QUICK FULL CROSS T M MINUTES SEED ACCEL NO_INSTALL JOBS CPUS MEM TIMEOUT

help: ## this list
	@echo "make VERB [KERNEL=$(shell cat kernels/default)] [CONFIG=debug] [T=name] [ACCEL=kvm|tcg] [KERNEL_SRC=DIR] [NO_INSTALL=1]"
	@sed -n 's/^\([a-z-]*\): ## /  \1\t/p' Makefile | expand -t 15
deps: ## install what is missing (NO_INSTALL=1 names the packages and stops)
tree: ## unpack the kernel and apply kernels/KERNEL/patches: build/KERNEL/linux (KERNEL_SRC=DIR instead of the download)
series: ## write the commits of that tree back to kernels/KERNEL/patches
kernel: ## build the kernel for the guest (CONFIG=default, debug, or kcsan for data races)
demo: ## a million frames with each verdict through a veth pair, in the guest
test: ## the kernel's selftests and ours, in the guest (T=name runs one; ARCH=arm64 [CONFIG=64k] or s390: emulated machines)
fuzz: ## a million random calls against a model of the design, in the guest (CALLS=n SEED=n)
mutants: ## kernels with the mistakes of kernels/KERNEL/mutants, one at a time: are they caught? (CONFIG=debug, M="NAME...")
soak: ## all tests in random order on the debug kernel, for MINUTES=n (SEED=n T=names)
configs: ## what the series touches, compiled with other options and preemption models
bench: ## what a frame costs, in instructions, against peers (QUICK=1: against what is recorded)
bench-peers: ## build the kernels that bench compares with (an hour)
apply-check: ## whether the series applies to SRC=DIR, another tree of that kernel, and how to apply it (needs only git)
trees: ## the series on the archive's versions of that kernel and on plain ones: applies, builds (an hour; QUICK=1 applies only; T="VERSION...")
compare: ## the kernel's XDP selftests with and without the series: the same results
check: ## per patch: applies, builds, checkpatch, sparse; for the series: round trip, i386, arm64 (CROSS=1: others), docs
send: ## a dry run of submitting the series: base-commit, get_maintainer.pl, git send-email
deb: ## kernel, headers, libbpf and bpftool packages for the Debian release of that kernel, of the distribution's configuration or CONFIG_FILE=
deb-check: ## make deb with the guest's configuration, install the packages in a root of that release, and boot it
shell: ## a shell in the guest, with this machine's tools
clean: ## remove build/KERNEL, unless work would be lost

deps tree series kernel demo test fuzz mutants soak configs bench bench-peers apply-check trees compare check send deb deb-check shell clean:
	@scripts/$@

.PHONY: help deps tree series kernel demo test fuzz mutants soak configs bench bench-peers apply-check trees compare check send deb deb-check shell clean
