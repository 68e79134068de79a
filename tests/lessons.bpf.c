// SPDX-License-Identifier: GPL-2.0-only
/* Frames that are numbered, and looked at where they arrive: nothing may be lost, doubled or altered. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"
#include "frame.h"

#define REDIRECT_MAP(name, map_type, value)		\
	struct {					\
		__uint(type, map_type);			\
		__uint(max_entries, 8);			\
		__uint(key_size, 4);			\
		__uint(value_size, value);		\
	} name SEC(".maps")

REDIRECT_MAP(devmap, BPF_MAP_TYPE_DEVMAP, sizeof(struct bpf_devmap_val));
REDIRECT_MAP(devmap_hash, BPF_MAP_TYPE_DEVMAP_HASH, sizeof(struct bpf_devmap_val));
REDIRECT_MAP(cpumap, BPF_MAP_TYPE_CPUMAP, sizeof(struct bpf_cpumap_val));
REDIRECT_MAP(xskmap, BPF_MAP_TYPE_XSKMAP, 4);

/* What send does */
int verdict, how, to_ifindex, look_up, far_verdict = XDP_DROP, tc_verdict = TC_ACT_SHOT;
__u64 seq;

/* What look does to the start of a frame: this must work, and this not */
int grow, not_grow;

/* What it did, by verdict; what arrived, at XDP and at TC */
__u64 sent[5], arrived[2], altered, dirty;
__u8 seen[MAX_SEQ];

XDP(send)
int send(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	int act = verdict;

	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	if (act == MIX)
		act = seq % 5;
	frame->seq = seq;
	frame->words[0] = WORD(seq, 0);
	frame->words[1] = WORD(seq, 1);
	frame->words[2] = WORD(seq, 2);
	frame->words[3] = WORD(seq, 3);
	frame->words[4] = WORD(seq, 4);
	seq++;
	if (act >= 0 && act < 5)
		sent[act]++;
	if (act != XDP_REDIRECT) {
		/* A target that is not used */
		if (look_up == 1)
			bpf_redirect(to_ifindex, 0);
		else if (look_up)
			bpf_redirect_map(&devmap, 0, 0);
		return act;
	}
	switch (how) {
	case BY_DEVMAP: return bpf_redirect_map(&devmap, 0, 0);
	case BY_DEVMAP_HASH: return bpf_redirect_map(&devmap_hash, 0, 0);
	case BY_CPUMAP: return bpf_redirect_map(&cpumap, 0, 0);
	case BY_XSKMAP: return bpf_redirect_map(&xskmap, 0, 0);
	case BY_CPUS: return bpf_redirect_map(&cpumap, frame->seq & 1, 0);
	default: return bpf_redirect(to_ifindex, 0);
	}
}

/* On the other CPU */
XDP_CPUMAP(to_socket)
int to_socket(struct xdp_md *ctx)
{
	return bpf_redirect_map(&xskmap, 0, 0);
}

/* A batch of these takes long. */
__u64 slow_ran, spun;
XDP(slow)
int slow(struct xdp_md *ctx)
{
	int i;

	__sync_fetch_and_add(&slow_ran, 1);
	for (i = 0; i < 50000; i++)
		__sync_fetch_and_add(&spun, 1);
	return bpf_redirect_map(&xskmap, 0, 0);
}

static __always_inline int look(void *data, void *data_end, int where)
{
	struct frame *frame = data;
	__u64 number;

	if ((void *)(frame + 1) > data_end ||
	    frame->type[0] != FRAME_TYPE >> 8 || frame->type[1] != (FRAME_TYPE & 0xff))
		return 0;
	number = frame->seq;
	if (data_end - data != FRAME_LEN || frame->words[0] != WORD(number, 0) || frame->words[1] != WORD(number, 1) ||
	    frame->words[2] != WORD(number, 2) || frame->words[3] != WORD(number, 3) || frame->words[4] != WORD(number, 4))
		__sync_fetch_and_add(&altered, 1);
	seen[number & (MAX_SEQ - 1)]++;
	__sync_fetch_and_add(&arrived[where], 1);
	return 1;
}

XDP(look)
int look_xdp(struct xdp_md *ctx)
{
	if (grow && (!bpf_xdp_adjust_head(ctx, -not_grow) || bpf_xdp_adjust_head(ctx, -grow) || bpf_xdp_adjust_head(ctx, grow)))
		__sync_fetch_and_add(&altered, 1);
	return look((void *)(long)ctx->data, (void *)(long)ctx->data_end, 0) ? far_verdict : XDP_PASS;
}

TC(look)
int look_tc(struct __sk_buff *skb)
{
	/* The Ethernet header may be all that is linear. */
	bpf_skb_pull_data(skb, skb->len);
	return look((void *)(long)skb->data, (void *)(long)skb->data_end, 1) ? tc_verdict : TC_ACT_OK;
}

/* Counts the frames whose headroom or new tailroom is not all zero. */
#define HEAD 208
#define TAIL 96
XDP(rooms)
int rooms(struct xdp_md *ctx)
{
	__u64 *word, *end, any = 0;
	int i;

	if (bpf_xdp_adjust_head(ctx, -HEAD) || bpf_xdp_adjust_tail(ctx, TAIL))
		return XDP_ABORTED;
	word = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if ((void *)word + HEAD + FRAME_LEN + TAIL > (void *)end)
		return XDP_ABORTED;
#pragma unroll
	for (i = 0; i < HEAD / 8; i++)
		any |= word[i];
#pragma unroll
	for (i = (HEAD + FRAME_LEN) / 8; i < (HEAD + FRAME_LEN + TAIL) / 8; i++)
		any |= word[i];
	dirty += any != 0;
	if (bpf_xdp_adjust_head(ctx, HEAD) || bpf_xdp_adjust_tail(ctx, -TAIL))
		return XDP_ABORTED;
	seq++;
	return bpf_redirect(to_ifindex, 0);
}

char _license[] SEC("license") = "GPL";
