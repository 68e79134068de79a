// SPDX-License-Identifier: GPL-2.0-only
/* What only the bench needs */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"

volatile int lag_ifindex;
volatile __u64 lag_sent;	/* frames that run_lag has sent to lag_ifindex */
volatile __u64 pages;		/* pages that entered any page pool */

XDP(run_lag)
int run_lag(struct xdp_md *ctx)
{
	lag_sent++;
	return bpf_redirect(lag_ifindex, 0);
}

SEC("raw_tracepoint/page_pool_state_hold")
int count_pages(void *ctx)
{
	pages++;
	return 0;
}

char _license[] SEC("license") = "GPL";
