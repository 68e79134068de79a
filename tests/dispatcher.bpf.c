// SPDX-License-Identifier: GPL-2.0-only
/* A program with a function to replace, see part.bpf.c */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"

__attribute__((noinline)) int part(struct xdp_md *ctx)
{
	volatile int verdict = XDP_PASS;

	return ctx ? verdict : XDP_ABORTED;
}

XDP(dispatcher)
int dispatcher(struct xdp_md *ctx)
{
	return part(ctx);
}

char _license[] SEC("license") = "GPL";
