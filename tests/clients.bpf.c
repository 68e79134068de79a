// SPDX-License-Identifier: GPL-2.0-only
/* For clients.c: one program that sends frames, and one that counts them at the far end. Both look at the contents. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "sections.h"

#define SIZE 64			/* of the packet, its bytes are numbered */
#define META 0xa5		/* a byte of the metadata */

volatile int to_ifindex;	/* where the frames go */
volatile __u32 metalen;		/* what the program shall find */
volatile __u64 sent, received, wrong;

static int sound(struct xdp_md *ctx)
{
	__u8 *meta = (void *)(long)ctx->data_meta, *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int i;

	if (data + SIZE > end)
		return 0;
	asm volatile("" : "+r"(end));	/* or the compiler makes "!=" of both, from which the verifier takes no bound */
	if (data + SIZE < end || data - meta != metalen)
		return 0;
	for (i = 0; i < SIZE; i++)
		if (data[i] != i)
			return 0;
	for (i = 0; i < 8; i++)
		if (meta + i + 1 <= data && meta[i] != META)
			return 0;
	return 1;
}

XDP(send)
int send(struct xdp_md *ctx)
{
	__sync_fetch_and_add(sound(ctx) ? &sent : &wrong, 1);
	return bpf_redirect(to_ifindex, 0);
}

XDP(receive)
int receive(struct xdp_md *ctx)
{
	__sync_fetch_and_add(sound(ctx) ? &received : &wrong, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
