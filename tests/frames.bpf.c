// SPDX-License-Identifier: GPL-2.0-only
/* The programs that the demo, the tests and the bench run on live frames, and those that count at the far end. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"

volatile int to_ifindex;	/* where run_redirect sends to */
volatile __u32 to_key;		/* entry of the map for the other redirects */

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct bpf_devmap_val));
} devmap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct bpf_devmap_val));
} devmap_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);		/* User-mode Linux has one CPU */
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} cpumap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 4);
} xskmap SEC(".maps");

struct count {
	__u64 frames;
	__u64 bytes;
};

/* 0: seen by an XDP program, 1: seen by a TC program */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

static __always_inline void count(__u32 key, __u64 bytes)
{
	struct count *c = bpf_map_lookup_elem(&counts, &key);

	if (c) {
		c->frames++;
		c->bytes += bytes;
	}
}

XDP(run_drop)
int run_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

XDP(run_pass)
int run_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

XDP(run_tx)
int run_tx(struct xdp_md *ctx)
{
	return XDP_TX;
}

XDP(run_aborted)
int run_aborted(struct xdp_md *ctx)
{
	return XDP_ABORTED;
}

XDP(run_redirect)
int run_redirect(struct xdp_md *ctx)
{
	return bpf_redirect(to_ifindex, 0);
}

/* Sends if it runs on the device to_ifindex, and aborts if it is attached to another one */
XDP(run_tx_or_abort)
int run_tx_or_abort(struct xdp_md *ctx)
{
	return ctx->ingress_ifindex == to_ifindex ? XDP_TX : XDP_ABORTED;
}

XDP(run_devmap)
int run_devmap(struct xdp_md *ctx)
{
	return bpf_redirect_map(&devmap, to_key, 0);
}

XDP(run_devmap_hash)
int run_devmap_hash(struct xdp_md *ctx)
{
	return bpf_redirect_map(&devmap_hash, to_key, 0);
}

XDP(run_cpumap)
int run_cpumap(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpumap, to_key, 0);
}

XDP(run_xskmap)
int run_xskmap(struct xdp_md *ctx)
{
	return bpf_redirect_map(&xskmap, to_key, 0);
}

/* What a traffic generator does: rewrite headers, and move the bounds there and back by different lengths. Where unaligned
 * access is not cheap (User-mode Linux), the verifier wants it aligned behind an Ethernet header that is not.
 */
XDP(run_rewrite)
int run_rewrite(struct xdp_md *ctx)
{
	void *data, *data_end;
	int i;

	if (bpf_xdp_adjust_head(ctx, -8) || bpf_xdp_adjust_tail(ctx, -4))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data + 6;
	data_end = (void *)(long)ctx->data_end;
	if (data + 48 > data_end)
		return XDP_ABORTED;
	for (i = 0; i < 6; i++)
		((__u64 *)data)[i] = i;
	return XDP_TX;
}

/* At the far end */
XDP(count_drop)
int count_drop(struct xdp_md *ctx)
{
	count(0, ctx->data_end - ctx->data);
	return XDP_DROP;
}

XDP(drop)
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

TC(count_shot)
int count_shot(struct __sk_buff *skb)
{
	count(1, skb->len);
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
