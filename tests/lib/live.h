/* SPDX-License-Identifier: GPL-2.0-only */
/* What the test programs share: TAP, a shell line, and one live run. */
#ifndef LIVE_H
#define LIVE_H

#include <errno.h>
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

/* User-mode Linux, whose machine is what this is compiled for, or nearly so */
bool user_mode_linux(void);

/* What the kernel puts in front of, and behind, the data of an skb: NET_SKB_PAD + NET_IP_ALIGN, and struct skb_shared_info.
 * Both are the machine's choice.
 */
#ifdef __s390x__
enum { NET_SKB_PAD = 32, NET_IP_ALIGN = 2, SKB_TAIL = 512 };
#else
enum { NET_SKB_PAD = 64, NET_IP_ALIGN = 0, SKB_TAIL = 320 };
#endif
#define SKB_HEAD (NET_SKB_PAD + (user_mode_linux() ? 2 : NET_IP_ALIGN))

/* The largest packet of a live run: a page without headroom and struct skb_shared_info; of a plain one, whatever the page */
__u32 page_size(void);
__u32 live_max(void);
#define XDP_PAGE_HEAD 112	/* what mainline has at the start of a live frame's page, and counts */
#define PLAIN_MAX (4096U - 256 - SKB_TAIL)

/* --- TAP */

void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool ok(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The plan comes last: a program that dies early has none, which is a failure. */
int done(void);
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ONLY in the environment picks a part of a test. */
bool wanted(const char *name);
/* That of CONFIG=debug, with KASAN and the like; scripts/guest says so */
bool debug_kernel(void);
int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* LINES of shell that must succeed */
void setup(const char *lines);
unsigned long long now_ms(void);
int sys_bpf(int cmd, union bpf_attr *attr, unsigned int size);

/* --- A run */

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
int live(struct run *run);
/* The same without live frames and context. Return: 0 or -errno */
int plain_run(struct run *run);

#endif
