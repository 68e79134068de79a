/* SPDX-License-Identifier: GPL-2.0-only */
/* AF_XDP sockets, which only the older generation of libbpf has. */
#ifndef XSK_H
#define XSK_H

#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <linux/if_xdp.h>

struct ring {
	__u32 *producer, *consumer, size, next;		/* next: what was reserved, or looked at, before this */
	void *entries, *map;
	size_t len;
};

struct xsk {
	int fd;
	char *area;
	struct ring fill, comp, rx, tx;		/* set their sizes before xsk_open(); 0 is no ring, and fill and comp must be */
	__u32 chunk;
};

void xsk_close(struct xsk *xsk);
/* A socket at a queue, in copy mode, with len bytes at area. Return: 0 or -errno */
int xsk_open(struct xsk *xsk, int ifindex, __u32 queue, void *area, size_t len);

/* A ring that is written: reserve n entries, all or none, write them, and publish() */
static inline __u32 reserve(struct ring *ring, __u32 n, __u32 *at)
{
	if (ring->size - (ring->next - __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE)) < n)
		return 0;
	*at = ring->next;
	ring->next += n;
	return n;
}

static inline void publish(struct ring *ring, __u32 n)
{
	__atomic_store_n(ring->producer, *ring->producer + n, __ATOMIC_RELEASE);
}

/* A ring that is read: look at up to max entries, and give them back */
static inline __u32 peek(struct ring *ring, __u32 max, __u32 *at)
{
	__u32 n = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - ring->next;

	if (n > max)
		n = max;
	*at = ring->next;
	ring->next += n;
	return n;
}

static inline void give_back(struct ring *ring, __u32 n)
{
	__atomic_store_n(ring->consumer, *ring->consumer + n, __ATOMIC_RELEASE);
}

static inline __u64 *addr_at(struct ring *ring, __u32 i)
{
	return (__u64 *)ring->entries + (i & (ring->size - 1));
}

static inline struct xdp_desc *desc_at(struct ring *ring, __u32 i)
{
	return (struct xdp_desc *)ring->entries + (i & (ring->size - 1));
}

#endif
