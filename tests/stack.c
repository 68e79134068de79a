// SPDX-License-Identifier: GPL-2.0-only
/* What the stack sees of passed frames, and what the run sees of frames that the stack has had.
 *
 *	a0 --------- a1 ~~~ forwarding ~~~ b0 --------- b1
 *	live TX      XDP: pass             XDP: drop    XDP: peer
 *	             TC: linear_tc
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <linux/if_tun.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "live.h"
#include "stack.skel.h"
#include "counts.skel.h"

#define META 0x6d65746164617461ULL
#define PIN "/sys/fs/bpf/stack"
enum { A0 = 100, A1, B0, B1, D0 };
enum { AT_TC, AT_CGROUP, AT_REUSEPORT };

static struct stack_bpf *skel;
static struct { __u64 meta; __u8 data[4096]; } packet = { META };

/* Ethernet, IPv4, UDP to port 9 */
static void to(const char *address, __u16 len)
{
	__u8 *ip = packet.data + 14, *udp = ip + 20;
	__u32 sum = 0;
	int i;

	memset(packet.data, 0, sizeof(packet.data));
	memcpy(packet.data, "\2\0\0\0\1\1\2\0\0\0\0\x9\x8\0", 14);
	memcpy(ip, "\x45\0\0\0\0\1\0\0\x40\x11\0\0\x0a\1\0\x9", 16);
	ip[2] = (len - 14) >> 8;
	ip[3] = len - 14;
	if (inet_pton(AF_INET, address, ip + 16) != 1)
		die("%s", address);
	for (i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	ip[10] = sum >> 8;
	ip[11] = sum;
	udp[1] = udp[3] = 9;
	udp[4] = (len - 34) >> 8;
	udp[5] = len - 34;
	memcpy(skel->bss->expected, packet.data, sizeof(skel->bss->expected));
}

static int frames(__u32 n, __u32 batch, __u32 len, __u32 ifindex, int verdict, bool meta)
{
	struct run run = {
		.prog = bpf_program__fd(skel->progs.send), .repeat = n, .batch = batch, .md.ingress_ifindex = ifindex,
		.data = meta ? (void *)&packet : packet.data, .size = len + (meta ? 8 : 0), .md.data = meta ? 8 : 0,
	};

	memset(skel->bss->arrived, 0, sizeof(skel->bss->arrived));
	memset(skel->bss->not_linear, 0, sizeof(skel->bss->not_linear));
	skel->bss->ran = skel->bss->dirty = skel->bss->far = skel->bss->without_meta = 0;
	skel->bss->want_meta = meta;
	skel->bss->verdict = verdict;
	return live(&run);
}

/* A driver behind the stack writes a descriptor into a page that the stack has written to. */
static void forwarded(void)
{
	static const int verdicts[] = { XDP_TX, XDP_DROP, XDP_REDIRECT };
	static const __u32 batches[] = { 16, 64, 256 };
	unsigned int v, b;
	int err;

	to("10.2.0.2", 64);
	skel->bss->to_ifindex = B1;
	for (v = 0; v < ARRAY_SIZE(verdicts); v++)
		for (b = 0; b < ARRAY_SIZE(batches); b++) {
			skel->bss->far_verdict = verdicts[v];
			err = frames(20000, batches[b], 64, A0, XDP_TX, false);
			ok(!err && skel->bss->far > 1000 && !skel->bss->dirty,
			   "R2: 20000 frames in batches of %u, forwarded to a peer that returns %d: %llu got there, "
			   "%llu were found altered (%d)", batches[b], verdicts[v], skel->bss->far, skel->bss->dirty, err);
		}
	skel->bss->far_verdict = XDP_DROP;
}

/* The stack must not write into the page of a frame that it was passed. */
static void passed(void)
{
	static const __u32 sizes[] = { 64, 300, 1500 };
	unsigned int i, meta;
	int err;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (meta = 0; meta < 2; meta++) {
			to("10.2.0.2", sizes[i]);
			err = frames(20000, 64, sizes[i], A1, XDP_PASS, meta);
			ok(!err && skel->bss->far > 1000 && !skel->bss->dirty && !skel->bss->without_meta,
			   "R2, L10: 20000 frames of %u bytes, with%s metadata, passed and forwarded: %llu got there, "
			   "%llu were found altered (%d)", sizes[i], meta ? "" : "out", skel->bss->far, skel->bss->dirty, err);
		}
}

static int udp_socket(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1, prog = bpf_program__fd(skel->progs.linear_reuseport);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, (void *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_SOCKET, 52 /* SO_ATTACH_REUSEPORT_EBPF */, &prog, sizeof(prog)))
		die("UDP socket");
	return fd;
}

/* Programs that do not pull find all of a packet, as behind a driver. */
static void linear(void)
{
	static const __u32 sizes[] = { 64, 255, 256, 257, 300, 1500, PLAIN_MAX };
	int cgroup = open("/sys/fs/cgroup", O_RDONLY), prog = bpf_program__fd(skel->progs.linear_cgroup);
	__u64 *n = skel->bss->arrived, *wrong = skel->bss->not_linear;
	int fd = udp_socket(), err;
	unsigned int i;

	if (cgroup < 0 || bpf_prog_attach(prog, cgroup, BPF_CGROUP_INET_INGRESS, 0))
		die("cgroup");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		__u32 size = sizes[i];

		to("10.1.0.1", size);
		err = frames(100, 64, size, A1, XDP_PASS, false);
		usleep(100000);
		ok(!err && n[AT_TC] == 100 && n[AT_CGROUP] == 100 && n[AT_REUSEPORT] == 100 &&
		   !wrong[AT_TC] && !wrong[AT_CGROUP] && !wrong[AT_REUSEPORT],
		   "R12: 100 packets of %u bytes are linear; TC %llu, not %llu; cgroup %llu, not %llu; reuseport %llu, not %llu (%d)",
		   size, n[AT_TC], wrong[AT_TC], n[AT_CGROUP], wrong[AT_CGROUP], n[AT_REUSEPORT], wrong[AT_REUSEPORT], err);
	}
	bpf_prog_detach2(prog, cgroup, BPF_CGROUP_INET_INGRESS);
	close(cgroup);
	close(fd);
}

static void metadata(void)
{
	static const __u32 sizes[] = { 64, 248, 300, 1500 };
	unsigned int i, generic;
	int err;

	for (generic = 0; generic < 2; generic++) {
		if (generic && attach_xdp(D0, bpf_program__fd(skel->progs.pass), SKB_MODE))
			die("generic XDP");
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			to("10.9.0.1", sizes[i]);
			err = frames(1000, 64, sizes[i], D0, XDP_PASS, true);
			ok(!err && skel->bss->arrived[AT_TC] == 1000 && !skel->bss->without_meta && !skel->bss->dirty,
			   "R5: metadata of 1000 packets of %u bytes at TC, with%s generic XDP: %llu arrived, %llu without (%d)",
			   sizes[i], generic ? "" : "out", skel->bss->arrived[AT_TC], skel->bss->without_meta, err);
		}
	}
	attach_xdp(D0, -1, SKB_MODE);
}

/* Pages of frames that were sent are used again, although all others are passed. */
static void turns(void)
{
	struct run run = {
		.prog = bpf_program__fd(skel->progs.first_two), .data = packet.data, .size = 64, .repeat = 10000, .batch = 64,
		.md.ingress_ifindex = D0,
	};
	int err;

	to("10.9.0.1", 64);
	skel->bss->ran = 0;
	skel->bss->to_ifindex = B0;
	skel->bss->far_verdict = XDP_DROP;
	memset(skel->bss->marks, 0, sizeof(skel->bss->marks));
	err = live(&run);
	ok(!err && skel->bss->marks[0] && skel->bss->marks[1],
	   "R8: of 10000 frames the first two are sent; their pages come %llu and %llu times again (%d)",
	   skel->bss->marks[1], skel->bss->marks[0], err);
}

/* A queue that goes away under a batch is worth a line in the log, but no splat. */
static void queue_gone(void)
{
	struct ifreq req = { .ifr_name = "mq0", .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE };
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), fds[4], runs = 0, ended = 0, odd = 0, splats = 0, err;
	unsigned long long end = now_ms() + 5000;
	char line[1024];
	cpu_set_t cpu;
	unsigned int i;
	ssize_t len;
	pid_t pid;

	if (log < 0 || lseek(log, 0, SEEK_END) < 0)
		die("/dev/kmsg");
	for (i = 0; i < 4; i++) {
		fds[i] = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
		if (fds[i] < 0 || ioctl(fds[i], TUNSETIFF, &req))
			die("mq0");
	}
	/* Any map of receive packet steering makes the stack look at the queues of all devices. */
	setup("ip link set mq0 up; echo 1 > /sys/class/net/lo/queues/rx-0/rps_cpus");
	if (attach_xdp(if_nametoindex("mq0"), bpf_program__fd(skel->progs.pass), SKB_MODE))
		die("generic XDP");
	to("10.9.0.1", 64);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CPU_ZERO(&cpu);
		CPU_SET(1, &cpu);
		sched_setaffinity(0, sizeof(cpu), &cpu);
		for (;; usleep(1000)) {
			req.ifr_flags = IFF_DETACH_QUEUE;
			ioctl(fds[3], TUNSETQUEUE, &req);
			usleep(1000);
			req.ifr_flags = IFF_ATTACH_QUEUE;
			ioctl(fds[3], TUNSETQUEUE, &req);
		}
	}
	while (now_ms() < end) {
		struct run run = {
			.prog = bpf_program__fd(skel->progs.pass), .data = packet.data, .size = 64, .repeat = 100000, .batch = 256,
			.md.ingress_ifindex = if_nametoindex("mq0"), .md.rx_queue_index = 3,
		};

		err = live(&run);
		runs++;
		ended += err == -EINVAL && run.ran;
		odd += err && err != -EINVAL;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while ((len = read(log, line, sizeof(line) - 1)) > 0) {
		line[len] = 0;
		splats += !!strstr(line, "cut here");
	}
	ok(ended && !odd && !splats, "R4: %d runs, %d of them lost their queue, %d ended otherwise; %d splats", runs, ended, odd, splats);
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close(log);
	setup("echo 0 > /sys/class/net/lo/queues/rx-0/rps_cpus");
}

/* Who gives no context has no way to tell metadata from packet. */
static void plain_output(void)
{
	__u8 out[128] = {};
	union bpf_attr attr = {
		.test.prog_fd = bpf_program__fd(skel->progs.push_meta), .test.data_in = (unsigned long)packet.data,
		.test.data_size_in = 64, .test.data_out = (unsigned long)out, .test.data_size_out = sizeof(out),
	};
	struct xdp_md md = {};
	int err;

	to("10.9.0.1", 64);
	err = sys_bpf(BPF_PROG_RUN, &attr, sizeof(attr));
	ok(!err && attr.test.data_size_out == 64 && !memcmp(out, packet.data, 64),
	   "R7: plain run, metadata pushed, no context: %u bytes of 64 (%d)", attr.test.data_size_out, err);

	attr.test.data_size_out = sizeof(out);
	attr.test.ctx_out = (unsigned long)&md;
	attr.test.ctx_size_out = sizeof(md);
	err = sys_bpf(BPF_PROG_RUN, &attr, sizeof(attr));
	ok(!err && attr.test.data_size_out == 72 && !memcmp(out + 8, packet.data, 64) && md.data == 8 && md.data_end == 72,
	   "R7: with a context: %u bytes, 8 of them metadata (%d)", attr.test.data_size_out, err);
}

static void counters(void)
{
	struct counts_bpf *counts = counts_bpf__open_and_load();
	int err;

	if (!counts || counts_bpf__attach(counts)) {
		ok(false, "tp_btf: a program that reads the counters is loaded");
		return;
	}
	to("10.9.0.1", 64);
	err = frames(300, 64, 64, D0, XDP_PASS, false);
	ok(!err && counts->bss->frames == 300 && counts->bss->passed == 300 && !counts->bss->failed,
	   "tp_btf: a program reads the counters: %u frames, %u passed, %u failed (%d)", counts->bss->frames, counts->bss->passed,
	   counts->bss->failed, err);
	counts_bpf__destroy(counts);
}

static void prepare(void)
{
	cpu_set_t cpu;

	/* On one CPU: from another, a run fills veth's ring before it is emptied. */
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu) || unshare(CLONE_NEWNET))
		die("one CPU, own network");
	setup("sysctl -q net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0\n"
	      "sysctl -q net.ipv4.conf.default.rp_filter=0\n"
	      "ip link set lo up\n"
	      "ip link add a0 index 100 type veth peer name a1 index 101 address 02:00:00:00:01:01\n"
	      "ip link add b0 index 102 type veth peer name b1 index 103\n"
	      "ip link add d0 index 104 type dummy\n"
	      "for dev in a0 a1 b0 b1 d0; do ip link set $dev up; done\n"
	      "ip addr add 10.1.0.1/24 dev a1; ip addr add 10.2.0.1/24 dev b0\n"
	      "ip neigh add 10.2.0.2 lladdr 02:00:00:00:02:02 dev b0\n"
	      "tc qdisc add dev a1 clsact; tc qdisc add dev d0 clsact");
	skel = stack_bpf__open_and_load();
	if (!skel)
		die("stack.bpf.o");
	if (attach_xdp(A1, bpf_program__fd(skel->progs.pass), DRV_MODE) ||
	    attach_xdp(B0, bpf_program__fd(skel->progs.drop), DRV_MODE) ||
	    attach_xdp(B1, bpf_program__fd(skel->progs.peer), DRV_MODE) ||
	    bpf_program__pin(skel->progs.linear_tc, PIN) ||
	    sh("tc filter add dev a1 ingress bpf da pinned " PIN " && tc filter add dev d0 ingress bpf da pinned " PIN))
		die("attaching");
	unlink(PIN);
}

/* ONLY=R2 in the environment runs what has that in its name. */
static const struct {
	const char *name;
	void (*test)(void);
} tests[] = {
	{ "R2", forwarded },
	{ "R2, L10", passed },
	{ "R4", queue_gone },
	{ "R5", metadata },
	{ "R7", plain_output },
	{ "R8", turns },
	{ "R12", linear },
	{ "tp_btf", counters },
};

int main(void)
{
	unsigned int i;

	prepare();
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (wanted(tests[i].name))
			tests[i].test();
	return done();
}
