// SPDX-License-Identifier: GPL-2.0-only
/* BPF_PROG_RUN against an oracle: random calls come from a seed, and tables of rules predict how each one ends.
 *
 *	fuzz [-s SEED] [-n CALLS] [-f FIRST] [-d] [-r mainline]	-d draws without calling: the digest of the calls alone
 *
 * A call depends only on the seed and its number; -s SEED -f NUMBER -n 1 repeats it.
 *
 * The rules come from the project's design for XDP, and for the other program types from the kernel that has it. A call
 * that breaks one rule must give that rule's errno; one that breaks several must give the errno of one of them, because
 * no order among them is promised; one that breaks none must succeed. A call that is rejected must not have run a program,
 * and one that is accepted must have run it as often as asked. Where mainline's own implementation, with the fixes for it,
 * answers differently, it has its own rules (-r mainline).
 *
 * Pointers: every field has an area of its own in memory,
 *
 *	| 2 pages, read-only | 4 pages, writable | 1 page without access |
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <sched.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_ether.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "frame.h"
#include "live.h"

#define PAGE		page_size()
#define RW		(2 * PAGE)	/* where the writable part of an area starts */
#define END		(6 * PAGE)	/* where access ends */
#define XDP_MAX		(mainline ? live_max() - XDP_PAGE_HEAD : live_max())
#define XDP_PLAIN_MAX	(mainline ? 4 * PAGE : PLAIN_MAX)
#define SKB_MAX		(PAGE - SKB_HEAD - SKB_TAIL)
#define V0		100		/* a device with 3 queues */
#define V0_QUEUES	3
static bool mainline;

#ifndef ENOTSUPP
#define ENOTSUPP	524
#endif

/* --- What a call is */

enum field { ATTR, DATA_IN, DATA_OUT, CTX_IN, CTX_OUT, FIELDS };

struct ptr {
	enum { NIL, AT, KERNEL } kind;
	__u32 off;			/* in the area of the field */
};

#define CTX_WORDS 64

struct call {
	const char *prog;
	bool no_cap;			/* without CAP_NET_ADMIN */
	__u32 attr_size, attr_tail;	/* attr_tail: offset of a byte that is not zero, behind the last field */
	__u32 data_size_in, data_size_out, repeat, duration, ctx_size_in, ctx_size_out, flags, cpu, batch_size;
	struct ptr at[FIELDS];
	__u32 h_proto;			/* of the packet */
	__u32 ctx[CTX_WORDS];		/* at ctx_in */
};

static const struct number {
	const char *name;
	size_t call, attr;		/* where it is in struct call and, if it is there, in union bpf_attr */
} numbers[] = {
#define IN_CALL(name) #name, offsetof(struct call, name)
#define IN_BOTH(name) IN_CALL(name), offsetof(union bpf_attr, test.name)
	{ IN_CALL(attr_size) }, { IN_CALL(attr_tail) }, { IN_BOTH(data_size_in) }, { IN_BOTH(data_size_out) }, { IN_BOTH(repeat) },
	{ IN_BOTH(duration) }, { IN_BOTH(ctx_size_in) }, { IN_BOTH(ctx_size_out) }, { IN_BOTH(flags) }, { IN_BOTH(cpu) },
	{ IN_BOTH(batch_size) }, { IN_CALL(h_proto) },
};

static const char *const fields[] = { "ATTR", "DATA_IN", "DATA_OUT", "CTX_IN", "CTX_OUT" };
static const size_t pointers[] = {	/* in union bpf_attr */
	[DATA_IN] = offsetof(union bpf_attr, test.data_in), [DATA_OUT] = offsetof(union bpf_attr, test.data_out),
	[CTX_IN] = offsetof(union bpf_attr, test.ctx_in), [CTX_OUT] = offsetof(union bpf_attr, test.ctx_out),
};
#define AT_OFFSET(type, start, offset) ((type *)((char *)(start) + (offset)))

static __u8 *area[FIELDS];

static void *address(enum field f, struct ptr p)
{
	switch (p.kind) {
	case NIL: return NULL;
	case KERNEL: return (void *)0xffff888000001000UL;
	default: return area[f] + p.off;
	}
}

static bool within(struct ptr p, __u32 from, __u32 skip, __u64 len)
{
	return !len || (p.kind == AT && p.off + skip >= from && p.off + skip + len <= END);
}

#define readable(p, skip, len) within(p, 0, skip, len)
#define writable(p, skip, len) within(p, RW, skip, len)

/* --- Programs */

enum kind { NO_RUN, XDP, SKB_L2, SKB, DISSECTOR, LOOKUP, RAW_TP, TRACING, NO_PROG };

static struct prog {
	const char *name;
	enum kind kind;
	enum bpf_prog_type type;
	int ret;
	enum bpf_attach_type attach;
	int ctx_bytes;			/* read by a raw_tp program */
	int err;			/* what its descriptor gives */
	const char *btf;
	int fd;
} progs[] = {
	/* the first ones are drawn more often */
	{ "xdp_drop", XDP, BPF_PROG_TYPE_XDP, XDP_DROP },
	{ "xdp_pass", XDP, BPF_PROG_TYPE_XDP, XDP_PASS },
	{ "xdp_tx", XDP, BPF_PROG_TYPE_XDP, XDP_TX },
	{ "xdp_aborted", XDP, BPF_PROG_TYPE_XDP, XDP_ABORTED },
	{ "xdp_17", XDP, BPF_PROG_TYPE_XDP, 17 },
	{ "sched_cls", SKB_L2, BPF_PROG_TYPE_SCHED_CLS, 0 },
	{ "flow_dissector", DISSECTOR, BPF_PROG_TYPE_FLOW_DISSECTOR, 0, BPF_FLOW_DISSECTOR },
	{ "sk_lookup", LOOKUP, BPF_PROG_TYPE_SK_LOOKUP, 1, BPF_SK_LOOKUP },
	{ "raw_tp", RAW_TP, BPF_PROG_TYPE_RAW_TRACEPOINT },
	{ "raw_tp_16", RAW_TP, BPF_PROG_TYPE_RAW_TRACEPOINT, .ctx_bytes = 16 },
	{ "fentry", TRACING, BPF_PROG_TYPE_TRACING, 0, BPF_TRACE_FENTRY, .btf = "bpf_fentry_test1" },
	{ "fexit", TRACING, BPF_PROG_TYPE_TRACING, 0, BPF_TRACE_FEXIT, .btf = "bpf_fentry_test1" },
	{ "fmod_ret", TRACING, BPF_PROG_TYPE_TRACING, 0, BPF_MODIFY_RETURN, .btf = "bpf_modify_return_test" },
	{ "tp_btf", TRACING, BPF_PROG_TYPE_TRACING, 0, BPF_TRACE_RAW_TP, .err = EFAULT, .btf = "sched_switch" },
	{ "xdp_devmap", XDP, BPF_PROG_TYPE_XDP, XDP_DROP, BPF_XDP_DEVMAP, .err = EINVAL },
	{ "xdp_cpumap", XDP, BPF_PROG_TYPE_XDP, XDP_DROP, BPF_XDP_CPUMAP, .err = EINVAL },
	{ "sched_act", SKB_L2, BPF_PROG_TYPE_SCHED_ACT, 0 },
	{ "socket_filter", SKB, BPF_PROG_TYPE_SOCKET_FILTER, 0 },
	{ "cgroup_skb", SKB, BPF_PROG_TYPE_CGROUP_SKB, 1, BPF_CGROUP_INET_INGRESS },
	{ "lwt_xmit", SKB, BPF_PROG_TYPE_LWT_XMIT, 0 },
	{ "kprobe", NO_RUN, BPF_PROG_TYPE_KPROBE, 0, .err = ENOTSUPP },
	{ "map", NO_PROG, .err = EINVAL },
	{ "file", NO_PROG, .err = EINVAL },
	{ "minus_one", NO_PROG, .err = EBADF, .fd = -1 },
	{ "closed", NO_PROG, .err = EBADF, .fd = 999 },
};

static volatile __u64 *ran;		/* counted by the programs */

/* At the far end of v0, which sends nothing without */
static void drop_at_v1(void)
{
	struct bpf_insn insns[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_DROP },
		{ BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP, .insns = (unsigned long)insns, .insn_cnt = ARRAY_SIZE(insns),
		.license = (unsigned long)"GPL",
	};
	int fd = syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	if (fd < 0 || attach_xdp(101, fd, DRV_MODE))
		die("XDP at v1");
	close(fd);
}

static void load(struct prog *p, int map)
{
	struct bpf_insn count[] = {
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0, map }, {},
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 1 },
		{ BPF_STX | BPF_XADD | BPF_DW, BPF_REG_2, BPF_REG_3, 0, 0 },
		/* raw_tp_16 replaces this */
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, p->ret },
		{ BPF_JMP | BPF_EXIT },
	};
	static char log[65536];
	union bpf_attr attr = {
		.prog_type = p->type, .expected_attach_type = p->attach,
		.insns = (unsigned long)count, .insn_cnt = ARRAY_SIZE(count), .license = (unsigned long)"GPL",
		.log_level = 1, .log_buf = (unsigned long)log, .log_size = sizeof(log),
	};

	strncpy(attr.prog_name, p->name, sizeof(attr.prog_name) - 1);
	if (p->ctx_bytes)
		count[4] = (struct bpf_insn){ BPF_LDX | BPF_DW | BPF_MEM, BPF_REG_4, BPF_REG_1, p->ctx_bytes - 8 };
	if (p->btf)
		attr.attach_btf_id = libbpf_find_vmlinux_btf_id(p->btf, p->attach);
	p->fd = syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (p->fd < 0 && strstr(log, "is not modifiable"))
		diag("%s is left out, this kernel has no error injection", p->name);
	else if (p->fd < 0 && user_mode_linux() && (p->kind == RAW_TP || p->kind == TRACING || p->kind == NO_RUN))
		diag("%s is left out, User-mode Linux has no perf events", p->name);
	else if (p->fd < 0)
		die("loading %s: %s", p->name, log);
}

static void load_all(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1,
		.map_flags = BPF_F_MMAPABLE,
	};
	int map = syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	unsigned int i;

	if (map < 0)
		die("map");
	ran = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, map, 0);
	if (ran == MAP_FAILED)
		die("mmap of the map");
	for (i = 0; i < ARRAY_SIZE(progs); i++) {
		if (progs[i].kind != NO_PROG)
			load(&progs[i], map);
		else if (!strcmp(progs[i].name, "map"))
			progs[i].fd = map;
		/* A program that is attached stays in the XDP dispatcher, which spares the plain runs 20 ms each. */
		if (progs[i].kind == XDP && !progs[i].err &&
		    (sh("ip link add dummy%u index %u type dummy", i, 200 + i) ||
		     attach_xdp(200 + i, progs[i].fd, SKB_MODE)))
			die("attaching %s", progs[i].name);
	}
}

static struct prog *prog_of(const struct call *c)
{
	unsigned int i;

	for (i = 0; strcmp(progs[i].name, c->prog); i++)
		;
	return &progs[i];
}

static struct prog *prog_with_fd(int fd)
{
	struct prog *p = progs;

	while (p < progs + ARRAY_SIZE(progs) - 1 && p->fd != fd)
		p++;
	return p;
}

/* --- The oracle */

/* A call as the kernel sees it, once it has read the attributes */
struct seen {
	const struct call *c;
	const struct prog *p;
	union bpf_attr a;
	union {
		struct xdp_md xdp;
		struct __sk_buff skb;
		struct bpf_flow_keys keys;
		struct bpf_sk_lookup lookup;
		__u8 bytes[256];
	} ctx;
	__u32 ctx_max;			/* size of the context structure of that program type */
	bool has_ctx;			/* it could be read */
	__u16 proto;			/* of the packet, as it was read */
};

struct rule {
	int err;
	const char *what;
	bool (*broken)(const struct seen *s);
};

#define T s->a.test
#define COND(name, condition) static bool name(const struct seen *s) { return (condition); }

static bool is_live(const struct seen *s)
{
	return T.flags & LIVE;
}

static bool zero(const struct seen *s, __u32 from, __u32 to)
{
	while (from < to)
		if (s->ctx.bytes[from++])
			return false;
	return true;
}

/* The first byte that stops a check for zeroes: 'f'ault, 'd'ata or none */
static char tail_stop(enum field f, struct ptr p, __u32 from, __u32 to)
{
	for (; from < to; from++) {
		if (!readable(p, from, 1))
			return 'f';
		if (area[f][p.off + from])
			return 'd';
	}
	return 0;
}

#define ctx_tail(s) (T.ctx_size_in > PAGE ? 0 : tail_stop(CTX_IN, (s)->c->at[CTX_IN], (s)->ctx_max, T.ctx_size_in))
#define skb_len (T.data_size_in - (s->p->kind == SKB ? ETH_HLEN : 0))
#define offsetofend(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))
#define min_u32(a, b) ((a) < (b) ? (a) : (b))

static bool device(__u32 ifindex)
{
	static bool known[256], asked;
	char name[IF_NAMESIZE];
	unsigned int i;

	for (i = 1; !asked && i < 256; i++)
		known[i] = if_indextoname(i, name);
	asked = true;
	return ifindex < 256 && known[ifindex];
}

static __u32 queues(__u32 ifindex)
{
	return ifindex == V0 ? V0_QUEUES : 1;
}

/* Before the program is looked at */
COND(unknown_field, tail_stop(ATTR, s->c->at[ATTR], offsetofend(union bpf_attr, test.batch_size),
	min_u32(s->c->attr_size, sizeof(s->a))))
COND(ctx_in_halves, !T.ctx_in != !T.ctx_size_in)
COND(ctx_out_halves, !T.ctx_out != !T.ctx_size_out)
COND(bad_prog, s->p->err)

static const struct rule common_rules[] = {
	{ EINVAL, "something behind the last field", unknown_field },
	{ EINVAL, "ctx_in without size, or size without ctx_in", ctx_in_halves },
	{ EINVAL, "ctx_out without size, or size without ctx_out", ctx_out_halves },
	{}
};

/* The context, for the types that have one */
COND(ctx_huge, T.ctx_in && T.ctx_size_in > PAGE)
COND(ctx_tail_data, T.ctx_in && ctx_tail(s) == 'd')
COND(ctx_tail_fault, T.ctx_in && ctx_tail(s) == 'f')
COND(ctx_fault, T.ctx_in && !readable(s->c->at[CTX_IN], 0, min_u32(T.ctx_size_in, s->ctx_max)))

#define CTX_RULES							\
	{ E2BIG, "context larger than a page", ctx_huge },		\
	{ E2BIG, "data after the context structure", ctx_tail_data },	\
	{ EFAULT, "unreadable after the context structure", ctx_tail_fault }, \
	{ EFAULT, "unreadable context", ctx_fault }

COND(data_fault, !readable(s->c->at[DATA_IN], 0, T.data_size_in))

/* XDP: the table of design.md */
COND(xdp_flags, T.flags & ~LIVE)
COND(cpu, T.cpu)
COND(xdp_batch, T.batch_size && !is_live(s))
COND(xdp_batch_big, T.batch_size > 256 && is_live(s))
COND(xdp_out, (T.data_out || T.ctx_out) && is_live(s))
COND(xdp_perm, s->c->no_cap && is_live(s))
COND(xdp_size, T.data_size_in > live_max() && is_live(s))
COND(xdp_plain_size, T.data_size_in > PLAIN_MAX && !is_live(s))
COND(xdp_plain_short, T.data_size_in - s->ctx.xdp.data < ETH_HLEN && !is_live(s))
COND(xdp_meta, s->has_ctx && (s->ctx.xdp.data % 4 || s->ctx.xdp.data > 32 || s->ctx.xdp.data > T.data_size_in))
COND(xdp_data_meta, s->has_ctx && s->ctx.xdp.data_meta)
COND(xdp_data_end, s->has_ctx && s->ctx.xdp.data_end != T.data_size_in)
COND(xdp_egress, s->has_ctx && s->ctx.xdp.egress_ifindex)
COND(xdp_no_device, s->ctx.xdp.ingress_ifindex && !device(s->ctx.xdp.ingress_ifindex))
COND(xdp_queue, s->ctx.xdp.rx_queue_index && s->ctx.xdp.rx_queue_index >= queues(s->ctx.xdp.ingress_ifindex))
COND(xdp_queue_alone, s->ctx.xdp.rx_queue_index && !s->ctx.xdp.ingress_ifindex)

static const struct rule xdp_rules[] = {
	{ EINVAL, "program for a map", bad_prog },
	{ EINVAL, "unknown flag", xdp_flags },
	{ EINVAL, "cpu without its flag", cpu },
	{ EINVAL, "batch_size without the live flag", xdp_batch },
	{ E2BIG, "batch_size above 256", xdp_batch_big },
	{ EINVAL, "data_out or ctx_out in live mode", xdp_out },
	{ EPERM, "live mode without CAP_NET_ADMIN", xdp_perm },
	{ EINVAL, "packet too large", xdp_size },
	{ EMSGSIZE, "packet too large, plain", xdp_plain_size },
	{ EINVAL, "packet too short, plain", xdp_plain_short },
	{ EINVAL, "metadata length", xdp_meta },
	{ EINVAL, "data_meta", xdp_data_meta },
	{ EINVAL, "data_end is not the size", xdp_data_end },
	{ EINVAL, "egress_ifindex", xdp_egress },
	{ ENODEV, "no such device", xdp_no_device },
	{ EINVAL, "no such queue", xdp_queue },
	{ EINVAL, "queue without device", xdp_queue_alone },
	{ EFAULT, "unreadable packet", data_fault },
	CTX_RULES, {}
};

/* sched_cls and the others that get an skb */
COND(any_mode, T.flags || T.cpu || T.batch_size)
COND(skb_size, T.data_size_in < ETH_HLEN || T.data_size_in > SKB_MAX)
COND(skb_no_device, s->ctx.skb.ifindex > 1 && !device(s->ctx.skb.ifindex))
COND(skb_ip, s->proto == ETH_P_IP && T.data_size_in < ETH_HLEN + 20)
COND(skb_ipv6, s->proto == ETH_P_IPV6 && T.data_size_in < ETH_HLEN + 40)
COND(skb_unused, !zero(s, 0, offsetof(struct __sk_buff, mark)) ||
	!zero(s, offsetofend(struct __sk_buff, mark), offsetof(struct __sk_buff, priority)) ||
	!zero(s, offsetofend(struct __sk_buff, priority), offsetof(struct __sk_buff, ifindex)) ||
	!zero(s, offsetofend(struct __sk_buff, ifindex), offsetof(struct __sk_buff, cb)) ||
	!zero(s, offsetofend(struct __sk_buff, cb), offsetof(struct __sk_buff, tstamp)) ||
	!zero(s, offsetofend(struct __sk_buff, gso_segs), offsetof(struct __sk_buff, gso_size)) ||
	!zero(s, offsetofend(struct __sk_buff, gso_size), sizeof(struct __sk_buff)))
COND(skb_wire_len, s->ctx.skb.wire_len && (s->ctx.skb.wire_len < skb_len || s->ctx.skb.wire_len > 65536))
COND(skb_gso, s->ctx.skb.gso_segs > 65535)

static const struct rule skb_rules[] = {
	{ EINVAL, "flags, cpu or batch_size", any_mode },
	{ EINVAL, "packet size", skb_size },
	{ EFAULT, "unreadable packet", data_fault },
	{ ENODEV, "no such device", skb_no_device },
	{ EINVAL, "IPv4 without its header", skb_ip },
	{ EINVAL, "IPv6 without its header", skb_ipv6 },
	{ EINVAL, "a field that must be zero", skb_unused },
	{ EINVAL, "wire_len", skb_wire_len },
	{ EINVAL, "gso_segs", skb_gso },
	CTX_RULES, {}
};

/* Where mainline differs, and why:
 * - A plain run ignores cpu, as it has since there are test runs of XDP.
 * - Live mode needs no capability: loading the program does.
 * - A live packet leaves room for what mainline keeps at the start of each page, and metadata takes none of that room.
 * - A live packet must have an Ethernet header, like a plain one.
 * - A plain packet may have fragments. data_end of the context says where its linear part ends, so it may be below the size; a
 *   live packet must be linear.
 * - Metadata has all the headroom but for the frame, and comes back in data_out without ctx_out, too.
 * - In live mode data_size_out gets the size, too, and one that is too small is refused, though there is no data_out.
 */
#define xdp_linear (s->has_ctx ? s->ctx.xdp.data_end : T.data_size_in)
COND(main_size, is_live(s) && T.data_size_in > min_u32(xdp_linear, XDP_MAX + s->ctx.xdp.data))
COND(main_cpu, T.cpu && is_live(s))
COND(main_short, T.data_size_in - s->ctx.xdp.data < ETH_HLEN)
COND(main_meta, s->ctx.xdp.data % 4 || s->ctx.xdp.data > 256 - 40)	/* 40: struct xdp_frame */
COND(main_order, s->has_ctx && (s->ctx.xdp.data > s->ctx.xdp.data_end || s->ctx.xdp.data_end > T.data_size_in))
COND(main_space, is_live(s) && T.data_size_out && T.data_size_out < T.data_size_in)

static const struct rule main_xdp_rules[] = {
	{ EINVAL, "program for a map", bad_prog },
	{ EINVAL, "unknown flag", xdp_flags },
	{ EINVAL, "batch_size without the live flag", xdp_batch },
	{ E2BIG, "batch_size above 256", xdp_batch_big },
	{ EINVAL, "cpu in live mode", main_cpu },
	{ EINVAL, "data_out or ctx_out in live mode", xdp_out },
	{ EINVAL, "packet too large, or not linear, in live mode", main_size },
	{ EINVAL, "packet too short", main_short },
	{ EINVAL, "metadata length", main_meta },
	{ EINVAL, "data, data_end and the size are out of order", main_order },
	{ EINVAL, "data_meta", xdp_data_meta },
	{ EINVAL, "egress_ifindex", xdp_egress },
	{ ENODEV, "no such device", xdp_no_device },
	{ EINVAL, "no such queue", xdp_queue },
	{ EINVAL, "queue without device", xdp_queue_alone },
	{ ENOSPC, "data_size_out in live mode", main_space },
	{ EFAULT, "unreadable packet", data_fault },
	CTX_RULES, {}
};

/* As above: fragments, data_end, which programs for a tunnel must not have; and a flag, and fields that are newer than 5.10. */
#define HWTSTAMP 184			/* offset of what is not in the headers of 5.10 */
#define CHECKSUM_COMPLETE (1u << 2)
#define skb_linear min_u32(SKB_MAX, s->ctx.skb.data_end ? s->ctx.skb.data_end : T.data_size_in)
COND(main_skb_mode, T.flags & ~CHECKSUM_COMPLETE || T.cpu || T.batch_size)
COND(main_skb_short, T.data_size_in < ETH_HLEN)
COND(main_skb_data, s->ctx.skb.data_end > T.data_size_in || s->ctx.skb.data || s->ctx.skb.data_meta)
COND(main_skb_lwt, s->ctx.skb.data_end && s->p->type == BPF_PROG_TYPE_LWT_XMIT)
COND(main_skb_ip, s->proto == ETH_P_IP && skb_linear < ETH_HLEN + 20)
COND(main_skb_ipv6, s->proto == ETH_P_IPV6 && skb_linear < ETH_HLEN + 40)
COND(main_skb_unused, !zero(s, 0, offsetof(struct __sk_buff, mark)) ||
	!zero(s, offsetofend(struct __sk_buff, mark), offsetof(struct __sk_buff, priority)) ||
	!zero(s, offsetofend(struct __sk_buff, ifindex), offsetof(struct __sk_buff, cb)) ||
	!zero(s, offsetofend(struct __sk_buff, cb), offsetof(struct __sk_buff, data_end)) ||
	!zero(s, offsetofend(struct __sk_buff, data_end), offsetof(struct __sk_buff, tstamp)) ||
	!zero(s, offsetofend(struct __sk_buff, gso_segs), offsetof(struct __sk_buff, gso_size)) ||
	!zero(s, offsetofend(struct __sk_buff, gso_size), HWTSTAMP) ||
	!zero(s, HWTSTAMP + 8, sizeof(struct __sk_buff)))

static const struct rule main_skb_rules[] = {
	{ EINVAL, "flags but one, cpu or batch_size", main_skb_mode },
	{ EINVAL, "packet too short", main_skb_short },
	{ EFAULT, "unreadable packet", data_fault },
	{ ENODEV, "no such device", skb_no_device },
	{ EINVAL, "data, data_meta or data_end", main_skb_data },
	{ EINVAL, "fragments for a tunnel", main_skb_lwt },
	{ EINVAL, "IPv4 without its header", main_skb_ip },
	{ EINVAL, "IPv6 without its header", main_skb_ipv6 },
	{ EINVAL, "a field that must be zero", main_skb_unused },
	{ EINVAL, "wire_len", skb_wire_len },
	{ EINVAL, "gso_segs", skb_gso },
	CTX_RULES, {}
};

COND(dissector_size, T.data_size_in < ETH_HLEN || T.data_size_in > PAGE)
COND(keys_unused, !zero(s, 0, offsetof(struct bpf_flow_keys, flags)) ||
	!zero(s, offsetofend(struct bpf_flow_keys, flags), sizeof(struct bpf_flow_keys)))

static const struct rule dissector_rules[] = {
	{ EINVAL, "flags, cpu or batch_size", any_mode },
	{ EINVAL, "packet size", dissector_size },
	{ EFAULT, "unreadable packet", data_fault },
	{ EINVAL, "a field that must be zero", keys_unused },
	CTX_RULES, {}
};

COND(lookup_data, T.data_in || T.data_size_in || T.data_out || T.data_size_out)
COND(lookup_no_ctx, !T.ctx_in && !T.ctx_out)
COND(lookup_sk, s->ctx.lookup.cookie)
COND(lookup_unused, !zero(s, offsetofend(struct bpf_sk_lookup, local_port), sizeof(struct bpf_sk_lookup)))	/* newer than 5.10 */
COND(lookup_port, s->ctx.lookup.local_port > 65535 || s->ctx.lookup.remote_port > 65535)
COND(lookup_family, (__u16)s->ctx.lookup.family != AF_INET && (__u16)s->ctx.lookup.family != AF_INET6)

static const struct rule lookup_rules[] = {
	{ EINVAL, "flags, cpu or batch_size", any_mode },
	{ EINVAL, "data", lookup_data },
	{ EINVAL, "no context", lookup_no_ctx },
	{ EINVAL, "a socket", lookup_sk },
	{ EINVAL, "a field that must be zero", lookup_unused },
	{ ERANGE, "port", lookup_port },
	{ EAFNOSUPPORT, "family", lookup_family },
	CTX_RULES, {}
};

static int cpus;
COND(raw_tp_fields, T.data_in || T.data_out || T.ctx_out || T.duration || T.repeat || T.batch_size)
COND(raw_tp_ctx, T.ctx_size_in < (__u32)s->p->ctx_bytes || T.ctx_size_in > 12 * 8)
COND(raw_tp_cpu, T.cpu && !(T.flags & BPF_F_TEST_RUN_ON_CPU))
COND(raw_tp_no_cpu, T.cpu >= (__u32)cpus && (T.flags & BPF_F_TEST_RUN_ON_CPU))
COND(raw_tp_fault, !readable(s->c->at[CTX_IN], 0, T.ctx_size_in))

static const struct rule raw_tp_rules[] = {
	{ EINVAL, "a field it does not have", raw_tp_fields },
	{ EINVAL, "context size", raw_tp_ctx },
	{ EINVAL, "cpu without its flag", raw_tp_cpu },
	{ ENXIO, "no such cpu", raw_tp_no_cpu },
	{ EFAULT, "unreadable context", raw_tp_fault },
	{}
};

static const struct rule tracing_rules[] = {
	{ EINVAL, "flags, cpu or batch_size", any_mode },
	{ EFAULT, "attach type without a test", bad_prog },
	{}
};

static const struct rule no_rules[] = { {} };

static void draw_xdp(struct call *, const struct prog *), draw_skb(struct call *, const struct prog *),
	draw_dissector(struct call *, const struct prog *), draw_lookup(struct call *, const struct prog *),
	draw_raw_tp(struct call *, const struct prog *);

static const struct kind_info {
	const char *name;
	const struct rule *rules;
	__u32 ctx_size;
	void (*draw)(struct call *c, const struct prog *p);	/* a call that should succeed */
	const struct rule *mainline;	/* if it has its own */
} kinds[] = {
	[XDP] = { "XDP", xdp_rules, sizeof(struct xdp_md), draw_xdp, main_xdp_rules },
	[SKB_L2] = { "skb with Ethernet header", skb_rules, sizeof(struct __sk_buff), draw_skb, main_skb_rules },
	[SKB] = { "skb", skb_rules, sizeof(struct __sk_buff), draw_skb, main_skb_rules },
	[DISSECTOR] = { "flow_dissector", dissector_rules, sizeof(struct bpf_flow_keys), draw_dissector },
	[LOOKUP] = { "sk_lookup", lookup_rules, sizeof(struct bpf_sk_lookup), draw_lookup },
	[RAW_TP] = { "raw_tp", raw_tp_rules, 0, draw_raw_tp },
	[TRACING] = { "tracing", tracing_rules },
	[NO_RUN] = { "without test runs", no_rules },
	[NO_PROG] = { "none", no_rules },
};

struct answer {
	int errs[32];			/* allowed ones; 0 is success */
	const char *why[32];
	int n;
	__u32 runs;			/* of the program */
	bool live;
};

static void allow(struct answer *answer, int err, const char *why)
{
	answer->why[answer->n] = why;
	answer->errs[answer->n++] = err;
}

static void check_rules(struct answer *answer, const struct rule *rule, const struct seen *s)
{
	for (; rule->broken; rule++)
		if (rule->broken(s))
			allow(answer, rule->err, rule->what);
}

/* What is written back, in the order in which it is: one outcome. */
static void results(struct answer *answer, const struct seen *s)
{
	const struct call *c = s->c;
	enum kind kind = s->p->kind;
	__u32 size, len;

#define OUT(member) writable(c->at[ATTR], offsetof(union bpf_attr, test.member), 4)
	if (kind == RAW_TP || kind == TRACING) {
		allow(answer, OUT(retval) ? 0 : EFAULT, "results");
		return;
	}
	size = kind == DISSECTOR ? sizeof(struct bpf_flow_keys) :
	       kind == LOOKUP || is_live(s) ? 0 : T.data_size_in;
	/* Without ctx_out, the packet alone, without metadata */
	if (kind == XDP && size && !T.ctx_out && !mainline)
		size -= s->ctx.xdp.data;
	len = T.data_size_out && size > T.data_size_out ? T.data_size_out : size;
	if (T.data_out && !writable(c->at[DATA_OUT], 0, len)) {
		allow(answer, len < size ? ENOSPC : EFAULT, "data_out");
		return;
	}
	if (!OUT(data_size_out) || !OUT(retval) || !OUT(duration)) {
		allow(answer, len < size ? ENOSPC : EFAULT, "results");
		return;
	}
	if (len < size) {
		allow(answer, ENOSPC, "data_size_out");
		return;
	}
	if (T.ctx_out) {
		size = s->ctx_max;
		len = min_u32(T.ctx_size_out, size);
		if (!writable(c->at[CTX_OUT], 0, len) || !OUT(ctx_size_out)) {
			allow(answer, len < size ? ENOSPC : EFAULT, "ctx_out");
			return;
		}
		if (len < size) {
			allow(answer, ENOSPC, "ctx_size_out");
			return;
		}
	}
	allow(answer, 0, "nothing is wrong");
}

static struct ptr as_read(enum field f, struct ptr p, __u64 value)
{
	return value == (unsigned long)address(f, p) ? p : (struct ptr){ value ? KERNEL : NIL };
}

static void predict(const struct call *c, struct answer *answer)
{
	struct call cut = *c;
	struct seen s = { .c = &cut };
	__u32 size = min_u32(c->attr_size, (__u32)sizeof(s.a)), i;
	enum field f;
	char stop;

	memset(answer, 0, sizeof(*answer));

	/* Reading the attributes: this order is fixed. */
	stop = c->attr_size > PAGE ? 'd' : tail_stop(ATTR, c->at[ATTR], sizeof(s.a), c->attr_size);
	if (stop)
		return allow(answer, stop == 'd' ? E2BIG : EFAULT, "tail of the attributes");
	if (!readable(c->at[ATTR], 0, size))
		return allow(answer, EFAULT, "unreadable attributes");
	if (size)
		memcpy(&s.a, address(ATTR, c->at[ATTR]), size);

	/* They may be cut short, in the middle of a pointer, too. */
	s.p = prog_with_fd(s.a.test.prog_fd);
	for (f = DATA_IN; f < FIELDS; f++)
		cut.at[f] = as_read(f, c->at[f], *AT_OFFSET(__u64, &s.a, pointers[f]));
	c = &cut;
	check_rules(answer, common_rules, &s);
	if (answer->n)
		return;
	if (s.p->fd < 0)
		return allow(answer, EBADF, "no descriptor");
	if (s.p->kind == NO_PROG || s.p->kind == NO_RUN)
		return allow(answer, s.p->err, "the descriptor");

	s.ctx_max = kinds[s.p->kind].ctx_size;
	s.has_ctx = s.a.test.ctx_in && readable(c->at[CTX_IN], 0, min_u32(s.a.test.ctx_size_in, s.ctx_max));
	if (s.has_ctx)
		memcpy(s.ctx.bytes, address(CTX_IN, c->at[CTX_IN]), min_u32(s.a.test.ctx_size_in, s.ctx_max));
	if (s.a.test.data_size_in >= ETH_HLEN && readable(c->at[DATA_IN], 0, s.a.test.data_size_in)) {
		const __u8 *data = address(DATA_IN, c->at[DATA_IN]);

		s.proto = data[12] << 8 | data[13];
	}
	check_rules(answer, mainline && kinds[s.p->kind].mainline ? kinds[s.p->kind].mainline : kinds[s.p->kind].rules, &s);
	if (answer->n)
		return;

	i = s.a.test.repeat;
	answer->live = s.p->kind == XDP && is_live(&s);
	answer->runs = s.p->kind == TRACING ? 0 : i ? i : 1;
	results(answer, &s);
}

/* --- Drawing a call */

static __u64 state;

static __u32 draw(void)
{
	__u64 z = state += 0x9e3779b97f4a7c15;	/* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) >> 16;
}

static bool one_in(__u32 n)
{
	return draw() % n == 0;
}

static __u32 edge(void)
{
	const __u32 edges[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 14, 15, 16, 23, 24, 25, 28, 31, 32, 33, 34, 36, 40, 53, 54, 55, 56, 60,
		63, 64, 65, 72, 76, 80, 96, 97, 100, 101, 104, 120, 128, 184, 192, 216, 220, 252, 255, 256, 257, 1000,
		1024, 1500, 2048, XDP_MAX - 32, XDP_MAX - 1, XDP_MAX, XDP_MAX + 1, SKB_MAX, SKB_MAX + 1, PAGE - 1, PAGE,
		PAGE + 1, 2 * PAGE, 4 * PAGE, 4 * PAGE + 1, 65535, 65536, 65537, 1u << 31, -4u, -1u,
	};

	switch (draw() % 8) {
	case 0: return draw();
	case 1: return 1u << draw() % 32;
	case 2: return draw() % 257;
	default: return edges[draw() % ARRAY_SIZE(edges)];
	}
}

/* A place for LEN bytes: in the middle, or at an edge */
static struct ptr place(__u32 len, bool good)
{
	struct ptr p = { AT, RW };

	if (len > 4 * PAGE)
		len = 4 * PAGE;
	if (good) {
		switch (draw() % 4) {
		case 0: p.off = END - len; break;	/* ends where access ends */
		case 1: p.off = RW + draw() % 64; break;
		}
		if (p.off + len > END)
			p.off = END - len;
		return p;
	}
	switch (draw() % 8) {
	case 0: return (struct ptr){ NIL };
	case 1: return (struct ptr){ KERNEL };
	case 2: p.off = END; break;			/* no access at all */
	case 3: p.off = END - len + 1; break;		/* one byte too far */
	case 4: p.off = END - 1; break;
	case 5: p.off = RW - 1; break;			/* one byte that cannot be written */
	case 6: p.off = 0; break;			/* read-only */
	case 7: p.off = END - draw() % (2 * PAGE); break;
	}
	return p;
}

/* --- A call that should succeed: what each program type takes, kinds[].draw */

static void draw_xdp(struct call *c, const struct prog *p)
{
	c->flags = one_in(4) ? 0 : LIVE;
	c->data_size_in = c->flags ? draw() % (XDP_MAX + 1) : 14 + draw() % (XDP_PLAIN_MAX - 45);
	if (one_in(2))
		c->data_size_in = 46 + draw() % 64;
	if (c->flags && one_in(2))
		c->batch_size = one_in(2) ? 1 + draw() % 256 : 1 + draw() % 4;
	if (one_in(2)) {
		c->ctx_size_in = sizeof(struct xdp_md);
		c->ctx[0] = draw() % (mainline ? 55 : 9) * 4;
		if (c->ctx[0] + (c->flags && !mainline ? 0 : ETH_HLEN) > c->data_size_in)
			c->ctx[0] = 0;
		c->ctx[1] = c->data_size_in;
		if (mainline && !c->flags && one_in(4))
			c->ctx[1] = c->ctx[0] + draw() % (c->data_size_in - c->ctx[0]);
		c->ctx[3] = one_in(2) ? 0 : one_in(2) ? 1 : V0;
		if (c->ctx[3] == V0)
			c->ctx[4] = draw() % V0_QUEUES;
	}
}

static void draw_skb(struct call *c, const struct prog *p)
{
	struct __sk_buff *skb = (void *)c->ctx;

	c->data_size_in = 54 + draw() % ((mainline ? 4 * PAGE : SKB_MAX) - 53);
	if (mainline && one_in(4))
		c->flags = CHECKSUM_COMPLETE;
	if (one_in(2)) {
		c->ctx_size_in = sizeof(*skb);
		skb->mark = draw();
		skb->priority = draw();
		skb->ifindex = one_in(2) ? 0 : V0;
		skb->gso_segs = draw() % 65536;
		if (mainline && p->type != BPF_PROG_TYPE_LWT_XMIT && one_in(2))
			skb->data_end = 54 + draw() % (c->data_size_in - 53);
	}
}

static void draw_dissector(struct call *c, const struct prog *p)
{
	c->data_size_in = 14 + draw() % (PAGE - 13);
	if (one_in(2)) {
		c->ctx_size_in = sizeof(struct bpf_flow_keys);
		((struct bpf_flow_keys *)c->ctx)->flags = draw();
	}
}

static void draw_lookup(struct call *c, const struct prog *p)
{
	struct bpf_sk_lookup *lookup = (void *)c->ctx;

	c->ctx_size_in = sizeof(*lookup);
	lookup->family = one_in(2) ? AF_INET : AF_INET6;
	lookup->local_port = draw() % 65536;
}

static void draw_raw_tp(struct call *c, const struct prog *p)
{
	c->repeat = 0;
	c->ctx_size_in = p->ctx_bytes + draw() % (97 - p->ctx_bytes);
	if (one_in(2)) {
		c->flags = BPF_F_TEST_RUN_ON_CPU;
		c->cpu = draw() % cpus;
	}
}

static void draw_good(struct call *c, const struct prog *p)
{
	const struct kind_info *kind = &kinds[p->kind];

	c->prog = p->name;
	c->attr_size = sizeof(union bpf_attr);
	if (one_in(4))
		c->attr_size = offsetofend(union bpf_attr, test.batch_size);
	c->repeat = draw() % 4;
	c->h_proto = one_in(3) ? ETH_P_IP : one_in(2) ? ETH_P_IPV6 : FRAME_TYPE;
	if (kind->draw)
		kind->draw(c, p);
	c->at[ATTR] = place(sizeof(union bpf_attr), true);
	if (c->data_size_in)
		c->at[DATA_IN] = place(c->data_size_in, true);
	if (c->ctx_size_in)
		c->at[CTX_IN] = place(c->ctx_size_in, true);
	if (kind->ctx_size && !c->flags && one_in(2)) {
		if (p->kind != LOOKUP && one_in(2)) {
			c->at[DATA_OUT] = place(c->data_size_in, true);
			c->data_size_out = one_in(2) ? 0 : c->data_size_in;
		}
		if (one_in(2)) {
			c->ctx_size_out = kind->ctx_size;
			c->at[CTX_OUT] = place(c->ctx_size_out, true);
		}
	}
}

/* --- What makes it another one */

#define CHANGE(name, statements) static void name(struct call *c) { statements; }

CHANGE(cut_attr, c->attr_size = edge();
	/* A pointer that loses its low bits may point to something that the model does not know. */
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && c->attr_size < sizeof(union bpf_attr))
		c->attr_size &= ~7)
/* a tail that is not zero, in the union or beyond */
CHANGE(fill_tail, c->attr_size = one_in(2) ? sizeof(union bpf_attr) : sizeof(union bpf_attr) + edge();
	c->attr_tail = offsetofend(union bpf_attr, test.batch_size) + (one_in(2) ? draw() % 60 : draw() % (PAGE + 200)))
CHANGE(move_attr, c->at[ATTR] = place(one_in(2) ? sizeof(union bpf_attr) : c->attr_size, false))
CHANGE(flip_flag, c->flags ^= 1u << draw() % 4)
CHANGE(set_cpu, c->cpu = one_in(2) ? draw() % 8 : edge())
CHANGE(drop_cap, c->no_cap = true)
CHANGE(edge_in_md, __u32 i = draw() % 6; c->ctx[i] = edge())
CHANGE(edge_in_ctx, __u32 i = draw() % CTX_WORDS; c->ctx[i] = edge())
/* something, or nothing, after the context */
CHANGE(longer_ctx, c->ctx_size_in += draw() % 64; c->at[CTX_IN] = place(c->ctx_size_in, true))
/* size and data_end alike, so that what follows is reached */
CHANGE(both_sizes, c->data_size_in = c->ctx[1] = edge(); c->at[DATA_IN] = place(c->data_size_in, true))
CHANGE(other_prog, c->prog = progs[draw() % ARRAY_SIZE(progs)].name)
CHANGE(other_proto, c->h_proto = one_in(2) ? ETH_P_IP : draw() & 0xffff; c->data_size_in = 14 + draw() % 48)
CHANGE(device_and_queue, c->ctx[3] = draw() % 256; c->ctx[4] = draw() % 6)

static const struct change {
	void (*make)(struct call *c);
	size_t edge;			/* of a number in struct call, which becomes an edge case */
	enum field at;			/* which goes elsewhere, for as many bytes as that number says */
	bool or_good;			/* to a good place, half of the time */
} changes[] = {
#define EDGE(name) { .edge = offsetof(struct call, name) }
#define ELSEWHERE(field, size, ...) { NULL, offsetof(struct call, size), field, __VA_ARGS__ }
	{ cut_attr }, { fill_tail }, { move_attr }, EDGE(data_size_in), EDGE(data_size_out),
	ELSEWHERE(DATA_IN, data_size_in), ELSEWHERE(DATA_OUT, data_size_in, true),
	ELSEWHERE(CTX_IN, ctx_size_in), ELSEWHERE(CTX_OUT, ctx_size_out, true),
	EDGE(ctx_size_in), EDGE(ctx_size_out), EDGE(flags), { flip_flag }, { set_cpu }, EDGE(batch_size), EDGE(repeat),
	EDGE(duration), { drop_cap }, { edge_in_md }, { edge_in_ctx }, { longer_ctx }, { both_sizes }, { other_prog },
	{ other_proto }, { device_and_queue },
};

static void change(struct call *c)
{
	const struct change *one = &changes[draw() % ARRAY_SIZE(changes)];
	__u32 *number = AT_OFFSET(__u32, c, one->edge);

	if (one->make)
		one->make(c);
	else if (one->at)
		c->at[one->at] = place(*number, one->or_good && one_in(2));
	else
		*number = edge();
}

static void draw_call(struct call *c, __u64 seed, __u64 number)
{
	int n;

	memset(c, 0, sizeof(*c));
	state = seed * 0xd1342543de82ef95 + number * 0x2545f4914f6cdd1d;
	draw_good(c, &progs[one_in(2) ? draw() % 5 : draw() % ARRAY_SIZE(progs)]);
	for (n = draw() % 8; n > 3; n--)	/* none in half of the calls */
		change(c);
	if (one_in(16))
		for (n = draw() % 12; n; n--)
			change(c);
}

static __u64 digest(__u64 hash, const struct call *c)
{
	struct call copy = *c;
	const __u8 *byte = (void *)&copy;
	size_t i;

	copy.prog = NULL;
	for (i = 0; i < sizeof(copy); i++)
		hash = (hash ^ byte[i]) * 0x100000001b3;
	return hash + (prog_of(c) - progs);
}

static void print_call(const struct call *c)
{
	const __u32 *word = c->ctx + CTX_WORDS;
	size_t i;

	printf("# static const struct call reproducer = {\n#\t.prog = \"%s\",\n", c->prog);
	if (c->no_cap)
		puts("#\t.no_cap = true,");
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (*AT_OFFSET(__u32, c, numbers[i].call))
			printf("#\t.%s = %u,\n", numbers[i].name, *AT_OFFSET(__u32, c, numbers[i].call));
	for (i = 0; i < FIELDS; i++)
		if (c->at[i].kind)
			printf("#\t.at[%s] = { %s, %u },\n", fields[i], c->at[i].kind == AT ? "AT" : "KERNEL", c->at[i].off);
	while (word > c->ctx && !word[-1])
		word--;
	if (word > c->ctx) {
		printf("#\t.ctx = {");
		for (i = 0; i < (size_t)(word - c->ctx); i++)
			printf(" %u,", c->ctx[i]);
		puts(" },");
	}
	puts("# };");
}

/* --- Making a call */

/* Put SRC where P points to, as far as that can be written. */
static void poke(enum field f, struct ptr p, const void *src, __u32 len)
{
	__u32 skip = p.off < RW ? RW - p.off : 0;

	if (p.kind != AT || p.off >= END)
		return;
	len = min_u32(len, END - p.off);
	if (skip < len)
		memcpy(area[f] + p.off + skip, src + skip, len - skip);
}

static const __u8 zeroes[6 * 4096];

static void prepare(struct call *c)
{
	union bpf_attr a = { .test.prog_fd = prog_of(c)->fd, .test.retval = 0xdeadbeef };
	__u8 eth[ETH_HLEN];
	size_t i;

	memcpy(eth, FRAME_ADDRS, 12);
	eth[12] = c->h_proto >> 8;
	eth[13] = c->h_proto;
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].attr)
			*AT_OFFSET(__u32, &a, numbers[i].attr) = *AT_OFFSET(__u32, c, numbers[i].call);
	for (i = DATA_IN; i < FIELDS; i++)
		*AT_OFFSET(__u64, &a, pointers[i]) = (unsigned long)address(i, c->at[i]);
	poke(ATTR, c->at[ATTR], &a, sizeof(a));
	if (c->attr_tail && c->at[ATTR].kind == AT)
		poke(ATTR, (struct ptr){ AT, c->at[ATTR].off + c->attr_tail }, "\1", 1);
	poke(DATA_IN, c->at[DATA_IN], eth, sizeof(eth));
	poke(CTX_IN, c->at[CTX_IN], c->ctx, sizeof(c->ctx));
}

static void wipe(const struct call *c)
{
	poke(ATTR, c->at[ATTR], zeroes, sizeof(union bpf_attr));
	if (c->attr_tail && c->at[ATTR].kind == AT)
		poke(ATTR, (struct ptr){ AT, c->at[ATTR].off + c->attr_tail }, zeroes, 1);
	poke(DATA_IN, c->at[DATA_IN], zeroes, ETH_HLEN);
	poke(CTX_IN, c->at[CTX_IN], zeroes, sizeof(c->ctx));
}

static void net_admin(bool on)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(__NR_capget, &head, caps))
		die("capget");
	if (on)
		caps[0].effective |= 1u << CAP_NET_ADMIN;
	else
		caps[0].effective &= ~(1u << CAP_NET_ADMIN);
	if (syscall(__NR_capset, &head, caps))
		die("capset");
}

static void map_areas(void)
{
	int f;

	for (f = 0; f < FIELDS; f++) {
		area[f] = mmap(NULL, END + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (area[f] == MAP_FAILED)
			die("mmap");
		memset(area[f], 0, END);
		if (mprotect(area[f], RW, PROT_READ) || mprotect(area[f] + END, PAGE, PROT_NONE))
			die("mprotect");
	}
}

static unsigned long long seed = 1, calls = 200000, first;

/* The digest of the calls alone */
static __u64 digest_all(__u64 last)
{
	__u64 i, hash = 0;
	struct call c;

	for (i = first; i < last; i++) {
		draw_call(&c, seed, i);
		hash = digest(hash, &c);
	}
	return hash;
}

static void environment(void)
{
	close(0);
	if (open("/dev/null", O_RDWR))		/* what prog_fd 0 means */
		die("/dev/null");
	if (unshare(CLONE_NEWNET))
		die("unshare");
	setup("ip link set lo up\n"
	      "ip link add v0 index 100 numrxqueues 3 type veth peer name v1 index 101\n"
	      "for i in 0 1; do ip link set v$i addrgenmode none; ip link set v$i up; done\n"
	      "ip link add u0 type veth peer name u1; ip link set u1 up; ip link set u0 up\n");
	drop_at_v1();
	load_all();
	map_areas();
	device(0);
}

static struct {
	unsigned long long exact, runs;		/* calls with one possible outcome; runs of programs */
	unsigned long long of_kind[ARRAY_SIZE(kinds)], of_errno[ENOTSUPP + 1];
} stats;

/* Make call NUMBER. Return: whether it ended as predicted */
static bool one_call(__u64 number, __u64 *hash)
{
	struct answer answer;
	__u64 count = *ran;
	bool good, same = true;
	struct call c;
	__u32 retval;
	int err, i;

	draw_call(&c, seed, number);
	*hash = digest(*hash, &c);
	prepare(&c);
	predict(&c, &answer);
	if (answer.runs > 300) {	/* it would run: not that often */
		c.repeat %= 300;
		prepare(&c);
		predict(&c, &answer);
	}

	if (c.no_cap)
		net_admin(false);
	err = -sys_bpf(BPF_PROG_RUN, address(ATTR, c.at[ATTR]), c.attr_size);
	if (c.no_cap)
		net_admin(true);
	count = *ran - count;

	for (i = 0; i < answer.n && answer.errs[i] != err; i++)
		;
	good = i < answer.n && count == answer.runs;
	if (!good) {
		diag("call %llu of seed %llu gave %d and ran the program %llu times", (unsigned long long)number, seed, -err,
		     (unsigned long long)count);
		for (i = 0; i < answer.n; i++)
			diag("expected %d (%s), %u runs", -answer.errs[i], answer.why[i], answer.runs);
	} else if (!err && answer.live) {
		retval = ((union bpf_attr *)address(ATTR, c.at[ATTR]))->test.retval;
		good = !retval;
		if (!good)
			diag("call %llu of seed %llu: a live run that succeeded left %u in retval", (unsigned long long)number,
			     seed, retval);
	}
	if (!good)
		print_call(&c);
	wipe(&c);

	for (i = 1; i < answer.n; i++)
		same &= answer.errs[i] == answer.errs[0];
	stats.exact += same;
	stats.runs += count;
	stats.of_kind[prog_of(&c)->kind]++;
	stats.of_errno[err <= ENOTSUPP ? err : 0]++;
	return good;
}

static void report(void)
{
	const int reached[] = { EINVAL, EFAULT, E2BIG, ENODEV, mainline ? ENODEV : EPERM };
	bool all = stats.runs && stats.of_errno[0] > calls / 20;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		diag("%8llu  of program type: %s", stats.of_kind[i], kinds[i].name);
	for (i = 0; i <= ENOTSUPP; i++)
		if (stats.of_errno[i])
			diag("%8llu  %s", stats.of_errno[i], !i ? "success" : i == ENOTSUPP ? "ENOTSUPP" : strerror(i));
	for (i = 0; i < ARRAY_SIZE(reached); i++)
		all &= !!stats.of_errno[reached[i]];
	/* So few calls cannot reach all. */
	ok(calls < 10000 || all, "they reached what they were to reach");
}

/* A second, and more on a machine so slow that an unused device takes long. */
static void delete_devices(void)
{
	unsigned long long idle = now_ms(), used;
	int err;

	setup("ip link del u0");
	used = now_ms();
	idle = used - idle;
	err = sh("ip link del v0");
	used = now_ms() - used;
	ok(!err && used < 1000 + 3 * idle,
	   "L20: after all of them the device can be deleted, in %llu ms (one that was not used: %llu ms)", used, idle);
}

int main(int argc, char **argv)
{
	unsigned long long i, wrong = 0, start;
	bool dry = false;
	__u64 hash = 0;
	int opt;

	while ((opt = getopt(argc, argv, "s:n:f:dr:")) != -1) {
		switch (opt) {
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'n': calls = strtoull(optarg, NULL, 0); break;
		case 'f': first = strtoull(optarg, NULL, 0); break;
		case 'd': dry = true; break;
		case 'r':
			mainline = !strcmp(optarg, "mainline");
			if (!mainline)
				return 2;
			break;
		default: return 2;
		}
	}
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (dry)
		return printf("%016llx\n", (unsigned long long)digest_all(first + calls)) < 0;

	environment();
	start = now_ms();
	for (i = first; i < first + calls && wrong < 5; i++) {
		if (i > first && i % 10000000 == 0)
			diag("%llu calls so far", i - first);
		wrong += !one_call(i, &hash);
	}
	ok(!wrong, "%llu calls of seed %llu end as predicted", i - first, seed);
	start = now_ms() - start;
	diag("%llu calls in %llu ms, %llu a second; %llu of them with one possible outcome; %llu program runs; digest %016llx",
	     i - first, start, (i - first) * 1000 / (start ?: 1), stats.exact, stats.runs, (unsigned long long)hash);
	report();
	ok(wrong || hash == digest_all(i), "the same seed gives the same calls");
	delete_devices();
	return done();
}
