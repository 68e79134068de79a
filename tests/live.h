/* SPDX-License-Identifier: GPL-2.0-only */
/* What the test programs share: TAP, a shell line, and one live run. */
#ifndef LIVE_H
#define LIVE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <linux/bpf.h>
#include "attach.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LIVE BPF_F_TEST_XDP_LIVE_FRAMES

/* What the kernel puts in front of, and behind, the data of an skb: NET_SKB_PAD + NET_IP_ALIGN, and struct skb_shared_info.
 * Both are the machine's choice.
 */
#ifdef __s390x__
enum { SKB_HEAD = 32 + 2, SKB_TAIL = 512 };
#else
enum { SKB_HEAD = 64, SKB_TAIL = 320 };
#endif

static int tap_n;

static void diag(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# ");
	vprintf(fmt, args);
	puts("");
	fflush(stdout);
	va_end(args);
}

static bool ok(bool good, const char *fmt, ...)
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

/* The plan comes last: a program that dies before has none, which is a failure. */
static int done(void)
{
	printf("1..%d\n", tap_n);
	return 0;
}

static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("Bail out! ");
	vprintf(fmt, args);
	printf(": %s\n", strerror(errno));
	va_end(args);
	exit(1);
}

/* ONLY in the environment picks a part of a test. */
static bool wanted(const char *name)
{
	const char *only = getenv("ONLY");

	return !only || strstr(name, only);
}

static int sh(const char *fmt, ...)
{
	char line[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fflush(stdout);
	return system(line);
}

static void setup(const char *lines)
{
	if (sh("set -e\n%s", lines))
		die("setup failed");
}

static unsigned long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

static int sys_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return syscall(__NR_bpf, cmd, attr, size) < 0 ? -errno : 0;
}

struct run {
	int prog;
	const void *data;
	__u32 size;		/* with metadata */
	__u32 repeat, batch;
	struct xdp_md md;	/* data_end is filled in */
	__u32 ran;		/* out: retval */
	__u32 ns;		/* out: duration */
};

/* Return: 0 or -errno */
static int live(struct run *run)
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

/* The same without live frames and context. Return: 0 or -errno */
static int plain_run(struct run *run)
{
	union bpf_attr attr = {};

	attr.test.prog_fd = run->prog;
	attr.test.data_in = (unsigned long)run->data;
	attr.test.data_size_in = run->size;
	attr.test.repeat = run->repeat;
	return sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
}

#endif
