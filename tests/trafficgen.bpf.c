// SPDX-License-Identifier: GPL-2.0-only
/* For xdp-trafficgen.t, at the far end: counts the packets it gets by protocol and destination port. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"

#define PORTS 128
#define TCP PORTS		/* entry for all TCP segments with data */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PORTS + 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

XDP(count_ports)
int count_ports(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	int verdict = XDP_PASS;
	__u64 *count;
	__u32 key;

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;

	if (ip->nexthdr == IPPROTO_UDP) {
		key = bpf_ntohs(udp->dest);
		verdict = XDP_DROP;
	} else if (ip->nexthdr == IPPROTO_TCP && bpf_ntohs(ip->payload_len) > 60) {
		key = TCP;
	} else {
		return XDP_PASS;
	}
	count = bpf_map_lookup_elem(&packets, &key);
	if (count)
		(*count)++;
	return verdict;
}

char _license[] SEC("license") = "GPL";
