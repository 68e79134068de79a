/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs whose frames are numbered and looked at where they arrive (lessons.bpf.c), for lessons.c, races.c, faults.c and gone.c.
 *
 *	v0 ----------------- v1
 *	TC: look_tc          XDP: look_xdp
 */
#ifndef LOOKER_H
#define LOOKER_H

#include <fcntl.h>
#include <sched.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/if_tun.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "live.h"
#include "xsk.h"
#include "frame.h"
#include "lessons.skel.h"

#define TRACE "/sys/kernel/tracing/instances/lessons/"
#define PIN "/sys/fs/bpf/lessons"
/* How long to wait for what must happen, however slow the machine: QEMU's s390 takes half a minute to unmap a socket's memory. */
#ifdef __s390x__
#define PATIENCE_MS 300000
#else
#define PATIENCE_MS 30000
#endif
enum { LO = 1, V0 = 100, V1 };

extern struct lessons_bpf *skel;
extern struct frame packet;
extern bool debug;			/* the debug kernel, with KASAN and the like */
extern volatile struct run *shared;	/* a page for the results of children */

struct run run_of(__u32 repeat, __u32 batch, __u32 ifindex);
void write_file(const char *path, const char *text);
/* Frames that did not fit into v1's ring, which veth counts at v0 */
__u64 ring_full(void);
extern __u64 full_before;
void start(int verdict, int how);
/* Frames that were seen; those that were seen twice are printed, and spoil the number. */
long seen(void);
__u64 arrived(void);
/* Whether all N frames arrive, each once and as it was sent, except those that the ring had no room for */
bool wait_for(__u64 n);

/* --- What the tracepoints said */

struct totals {
	unsigned int frames, act[5], failed;
	int err;
};

/* Lines of the trace with TEXT; the last one is returned, and the trace is emptied. */
int trace(const char *text, char *last, size_t len);
void clear_trace(void);
bool traced(struct totals *t);
int pools_gone(void);
bool wait_for_pools(int n);

/* --- Sockets */

extern struct xsk sock;
#define SLOTS 4096

void open_socket(void);
void look(const struct frame *frame, size_t len);
void read_socket(void);
void close_socket(void);

/* --- tun: frames wait in its ring for a reader */

int open_tap(int ring);
/* Return: frames of ours that were read */
int read_tap(int fd, bool check);

/* Free all that can be freed: KASAN's quarantine of a slab cache, too, which shrinking it empties. */
void settle(void);
long meminfo(const char *field);
void prepare(void);

#endif
