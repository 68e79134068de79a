// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include "xsk.h"

static bool ring_open(struct ring *ring, int fd, const struct xdp_ring_offset *off, __u64 where, size_t entry)
{
	if (!ring->size)
		return true;
	ring->len = off->desc + ring->size * entry;
	ring->map = mmap(NULL, ring->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, where);
	if (ring->map == MAP_FAILED) {
		ring->map = NULL;
		return false;
	}
	ring->producer = ring->map + off->producer;
	ring->consumer = ring->map + off->consumer;
	ring->entries = ring->map + off->desc;
	ring->next = 0;
	return true;
}

static bool ring_size(const struct ring *ring, int fd, int option)
{
	return !ring->size || !setsockopt(fd, SOL_XDP, option, &ring->size, sizeof(ring->size));
}

void xsk_close(struct xsk *xsk)
{
	struct ring *rings[] = { &xsk->fill, &xsk->comp, &xsk->rx, &xsk->tx };
	int i;

	for (i = 0; i < 4; i++)
		if (rings[i]->map)
			munmap(rings[i]->map, rings[i]->len);
	if (xsk->fd >= 0)
		close(xsk->fd);
	xsk->fd = -1;
}

int xsk_open(struct xsk *xsk, int ifindex, __u32 queue, void *area, size_t len)
{
	struct xdp_umem_reg umem = { .addr = (unsigned long)area, .len = len, .chunk_size = xsk->chunk };
	struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP, .sxdp_ifindex = ifindex, .sxdp_queue_id = queue, .sxdp_flags = XDP_COPY,
	};
	struct xdp_mmap_offsets off;
	socklen_t offlen = sizeof(off);
	int err;

	xsk->area = area;
	xsk->fill.map = xsk->comp.map = xsk->rx.map = xsk->tx.map = NULL;
	xsk->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (xsk->fd < 0 ||
	    setsockopt(xsk->fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)) ||
	    !ring_size(&xsk->fill, xsk->fd, XDP_UMEM_FILL_RING) || !ring_size(&xsk->comp, xsk->fd, XDP_UMEM_COMPLETION_RING) ||
	    !ring_size(&xsk->rx, xsk->fd, XDP_RX_RING) || !ring_size(&xsk->tx, xsk->fd, XDP_TX_RING) ||
	    getsockopt(xsk->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &offlen) ||
	    !ring_open(&xsk->fill, xsk->fd, &off.fr, XDP_UMEM_PGOFF_FILL_RING, sizeof(__u64)) ||
	    !ring_open(&xsk->comp, xsk->fd, &off.cr, XDP_UMEM_PGOFF_COMPLETION_RING, sizeof(__u64)) ||
	    !ring_open(&xsk->rx, xsk->fd, &off.rx, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc)) ||
	    !ring_open(&xsk->tx, xsk->fd, &off.tx, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc)) ||
	    bind(xsk->fd, (struct sockaddr *)&to, sizeof(to))) {
		err = -errno;
		xsk_close(xsk);
		return err;
	}
	return 0;
}
