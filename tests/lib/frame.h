/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test frame contains. The rest of it is for lessons.bpf.c and the programs that use it. */
#ifndef FRAME_H
#define FRAME_H

#define FRAME_LEN	64
#define FRAME_TYPE	0x88b5		/* local experiments */
#define FRAME_ADDRS	"\2\0\0\0\0\2\2\0\0\0\0\1"
#define MAX_SEQ		(1 << 20)
#define MIX		100		/* each of the five verdicts in turn */
#define WORD(seq, i)	((seq) * 0x9e3779b97f4a7c15ULL + (i))

enum { BY_IFINDEX, BY_DEVMAP, BY_DEVMAP_HASH, BY_CPUMAP, BY_XSKMAP, BY_CPUS };

struct frame {
	__u8 addrs[12];
	__u8 type[2];
	__u16 pad;
	__u64 seq;
	__u64 words[5];
} __attribute__((packed, aligned(2)));

#endif
