// SPDX-License-Identifier: GPL-2.0-only
/* A tp_btf program reads the counters of bpf_test_run:xdp_live_run. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct xdp_live_counts {
	__u32 frames, passed, transmitted, redirected, dropped, aborted, failed;
} __attribute__((preserve_access_index));

__u32 frames, passed, failed;

SEC("tp_btf/xdp_live_run")
int count(__u64 *args)
{
	const struct xdp_live_counts *counts = (void *)args[3];

	frames = counts->frames;
	passed = counts->passed;
	failed = counts->failed;
	return 0;
}

char _license[] SEC("license") = "GPL";
