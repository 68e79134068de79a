// SPDX-License-Identifier: GPL-2.0-only
/* Replaces a function of dispatcher.bpf.c, as libxdp does with the programs that it attaches. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("freplace/part")
int part_of_dispatcher(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
