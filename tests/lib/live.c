// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include "live.h"

static int tap_n;

void diag(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# ");
	vprintf(fmt, args);
	puts("");
	fflush(stdout);
	va_end(args);
}

bool ok(bool good, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("%s %d - ", good ? "ok" : "not ok", ++tap_n);
	vprintf(fmt, args);
	puts("");
	fflush(stdout);
	va_end(args);
	return good;
}

int done(void)
{
	printf("1..%d\n", tap_n);
	return 0;
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("Bail out! ");
	vprintf(fmt, args);
	printf(": %s\n", strerror(errno));
	va_end(args);
	exit(1);
}

bool wanted(const char *name)
{
	const char *only = getenv("ONLY");

	return !only || strstr(name, only);
}

bool debug_kernel(void)
{
	return !strcmp(getenv("CONFIG") ?: "", "debug");
}

int sh(const char *fmt, ...)
{
	char line[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fflush(stdout);
	return system(line);
}

void setup(const char *lines)
{
	if (sh("set -e\n%s", lines))
		die("setup failed");
}

unsigned long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

bool user_mode_linux(void)
{
	static int known = -1;

	if (known < 0)
		known = !system("grep -q 'User Mode Linux' /proc/cpuinfo");
	return known;
}

__u32 page_size(void)
{
	static __u32 size;

	return size ?: (size = sysconf(_SC_PAGESIZE));
}

__u32 live_max(void)
{
	return page_size() - 256 - SKB_TAIL;
}

int sys_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return syscall(__NR_bpf, cmd, attr, size) < 0 ? -errno : 0;
}

int live(struct run *run)
{
	union bpf_attr attr = {};
	int err;

	run->md.data_end = run->size;
	attr.test.prog_fd = run->prog;
	attr.test.retval = 0xdeadbeef;
	attr.test.data_in = (unsigned long)run->data;
	attr.test.data_size_in = run->size;
	attr.test.repeat = run->repeat;
	attr.test.ctx_in = (unsigned long)&run->md;
	attr.test.ctx_size_in = sizeof(run->md);
	attr.test.flags = LIVE;
	attr.test.batch_size = run->batch;
	err = sys_bpf(BPF_PROG_RUN, &attr, sizeof(attr));
	run->ran = attr.test.retval;
	run->ns = attr.test.duration;
	return err;
}

int plain_run(struct run *run)
{
	union bpf_attr attr = {};

	attr.test.prog_fd = run->prog;
	attr.test.data_in = (unsigned long)run->data;
	attr.test.data_size_in = run->size;
	attr.test.repeat = run->repeat;
	return sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
}
