// SPDX-License-Identifier: GPL-2.0-only
/* What the stack and programs in it see of passed frames, and what comes back of frames that were sent. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"

#define META 0x6d65746164617461ULL

int verdict, to_ifindex, far_verdict, want_meta;
__u64 expected[5];			/* the start of the packet */
__u64 ran, dirty, far, marks[2];

/* Where linear looks */
enum { AT_TC, AT_CGROUP, AT_REUSEPORT, PLACES };
__u64 arrived[PLACES], not_linear[PLACES], without_meta;

/* Sends, if every byte is as it was. */
XDP(send)
int send(struct xdp_md *ctx)
{
	__u64 *word = (void *)(long)ctx->data;

	ran++;
	if ((void *)(word + 5) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	dirty += word[0] != expected[0] || word[1] != expected[1] || word[2] != expected[2] ||
		 word[3] != expected[3] || word[4] != expected[4];
	return verdict;
}

/* The first two frames are marked and sent; all others are passed. */
XDP(first_two)
int first_two(struct xdp_md *ctx)
{
	__u64 *word = (void *)(long)ctx->data;

	if ((void *)(word + 8) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	if (ran++ < 2) {
		word[7] = ran;
		return bpf_redirect(to_ifindex, 0);
	}
	if (word[7] == 1 || word[7] == 2)
		marks[word[7] & 1]++;
	return XDP_PASS;
}

XDP(push_meta)
int push_meta(struct xdp_md *ctx)
{
	__u64 *meta;

	if (bpf_xdp_adjust_meta(ctx, -8))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	*meta = META;
	return XDP_PASS;
}

XDP(peer)
int peer(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&far, 1);
	return far_verdict == XDP_REDIRECT ? bpf_redirect(to_ifindex, 0) : far_verdict;
}

XDP(pass)
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

XDP(drop)
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

static __always_inline void look(void *data, void *data_end, __u32 len, int where)
{
	__sync_fetch_and_add(&arrived[where], 1);
	if (data_end - data != len)
		__sync_fetch_and_add(&not_linear[where], 1);
}

TC(linear)
int linear_tc(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	__u64 *meta = (void *)(long)skb->data_meta;

	look(data, (void *)(long)skb->data_end, skb->len, AT_TC);
	if (want_meta && ((void *)(meta + 1) > data || *meta != META))
		__sync_fetch_and_add(&without_meta, 1);
	return TC_ACT_OK;
}

SEC("cgroup_skb/ingress")
int linear_cgroup(struct __sk_buff *skb)
{
	look((void *)(long)skb->data, (void *)(long)skb->data_end, skb->len, AT_CGROUP);
	return 1;
}

SEC("sk_reuseport")
int linear_reuseport(struct sk_reuseport_md *md)
{
	void *data = md->data, *data_end = md->data_end;

	look(data, data_end, md->len, AT_REUSEPORT);
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
