// SPDX-License-Identifier: GPL-2.0-only
/* bench [-n FRAMES] [-w | -l] [NAME]...: the cost of XDP live frames, and of other ways to send or receive a frame
 *
 * Meant for QEMU's instruction counting on one CPU, where a nanosecond is an instruction. Prints lines of "name value
 * value": instructions per frame, if the name does not say otherwise, in each of two runs, after one to warm up. With
 * -w, millions of frames a second by the clock, on one CPU and on two at once. With -l, how long others have to wait while a
 * run without end keeps the CPU busy, in microseconds, the worst of many times.
 *
 *   veth0 ------ veth1 (XDP: drop)     veth2 ------ veth3 (XDP: drop)     tap0 (reader: this program)
 *
 * guest/bench has made the veth devices. Runs on newer kernels, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/if_xdp.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "xsk.h"
#include "frames.skel.h"
#include "bench.skel.h"

#define RUNS 3			/* of each scenario; the last two are told */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LIVE (1U << 1)		/* BPF_F_TEST_XDP_LIVE_FRAMES; older headers lack it */

static struct frames_bpf *frames;
static struct bench_bpf *own;
static int veth0, veth1;
static int nr_frames = 20000;
static char **only;

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static bool wanted(const char *name)
{
	char **p;

	for (p = only; *p; p++)
		if (!strcmp(*p, name))
			return true;
	return !*only;
}

static void result(const char *name, const double *runs)
{
	printf("%s %g %g\n", name, runs[0], runs[1]);
	fflush(stdout);
}

enum frame {
	UNCLAIMED,		/* an ethertype that no protocol handles */
	UDP,			/* to the discard port of veth0's address */
	OTHER_HOST,		/* the same for somebody else, which is what pktgen sends here */
};

/* A frame that arrives at veth0, in a buffer of the calling thread */
static const unsigned char *frame(int size, enum frame kind)
{
	static __thread unsigned char buf[2048];
	struct ethhdr *eth = (void *)buf;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *uh = (void *)(ip + 1);
	unsigned int i, sum = 0;

	memset(buf, 0, sizeof(buf));
	memcpy(eth->h_dest, kind == OTHER_HOST ? "\x02\0\0\0\0\x07" : "\x02\0\0\0\0\x01", ETH_ALEN);
	memcpy(eth->h_source, "\x02\0\0\0\0\x02", ETH_ALEN);
	eth->h_proto = htons(0x88b5);	/* for local experiments */
	if (kind == UNCLAIMED)
		return buf;

	eth->h_proto = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(size - sizeof(*eth));
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = inet_addr("198.18.0.2");
	ip->daddr = inet_addr("198.18.0.1");
	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += ((unsigned short *)ip)[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~(sum + (sum >> 16));
	uh->source = htons(9);
	uh->dest = htons(9);
	uh->len = htons(size - sizeof(*eth) - sizeof(*ip));
	return buf;
}

/* Where the frames of a run are counted, if they are: a cheap run may be one that failed. */
#define AT_PEER "veth1/statistics/rx_packets"
#define UNHANDLED "veth0/statistics/rx_dropped"

static long counted(const char *counter)
{
	char path[128];
	long n = 0;
	FILE *f;

	if (!counter)
		return 0;
	snprintf(path, sizeof(path), "/sys/class/net/%s", counter);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%ld", &n) != 1)
		die("%s", path);
	fclose(f);
	return n;
}

/* A scenario that lost frames has no figure; for our kernel, `make bench` does not accept that. */
static bool arrived(const char *name, const char *counter, long before, int frames)
{
	int i;

	for (i = 0; counter && counted(counter) - before != frames; i++) {
		if (i == 100) {
			fprintf(stderr, "bench: %s: %ld of %d frames arrived, no figure\n", name, counted(counter) - before, frames);
			return false;
		}
		usleep(10000);
	}
	return true;
}

struct run {
	const struct bpf_program *prog;
	int repeat;
	int batch;		/* 0: plain test run */
	int size;		/* 64 if 0 */
	int ifindex;		/* veth0 if 0 */
	enum frame kind;
	const char *counter;	/* where frames arrive, or NULL */
	int err;		/* how it ends */
	unsigned int duration;	/* out: the kernel's mean time of a frame */
	long long call;		/* out: the time of the whole call */
};

static void run(struct run *r)
{
	int size = r->size ?: 64;
	struct xdp_md md = { .data_end = size, .ingress_ifindex = r->ifindex ?: veth0 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = bpf_program__fd(r->prog);
	attr.test.data_in = (unsigned long)frame(size, r->kind);
	attr.test.data_size_in = size;
	attr.test.repeat = r->repeat ?: nr_frames;
	if (r->batch) {
		attr.test.ctx_in = (unsigned long)&md;
		attr.test.ctx_size_in = sizeof(md);
		attr.test.flags = LIVE;
		attr.test.batch_size = r->batch;
	}

	r->call = now();
	if ((syscall(__NR_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)) ? errno : 0) != r->err)
		die("BPF_PROG_RUN");
	r->call = now() - r->call;
	r->duration = attr.test.duration;
}

static void per_frame(const char *name, struct run r)
{
	double runs[2];
	long before;
	int i;

	if (!wanted(name))
		return;
	for (i = 0; i < RUNS; i++) {
		before = counted(r.counter);
		run(&r);
		runs[i % 2] = r.duration;
		if (!arrived(name, r.counter, before, nr_frames))
			return;
	}
	result(name, runs);
}

/* The best of ten */
static void whole_call(const char *name, struct run r)
{
	double runs[2];
	int i, j;

	if (!wanted(name))
		return;
	for (i = 0; i < RUNS; i++)
		for (j = 0; j < 10; j++) {
			run(&r);
			if (!j || r.call < runs[i % 2])
				runs[i % 2] = r.call;
		}
	result(name, runs);
}

static void live(void)
{
	const struct {
		const char *name;
		struct bpf_program *prog;
		const char *counter;
	} t[] = {
		{ "drop", frames->progs.run_drop },
		{ "tx", frames->progs.run_tx, AT_PEER },
		{ "redirect", frames->progs.run_redirect, AT_PEER },
		{ "devmap", frames->progs.run_devmap, AT_PEER },
		{ "devmap_hash", frames->progs.run_devmap_hash, AT_PEER },
		{ "pass64", frames->progs.run_pass, UNHANDLED },
	};
	const int batches[] = { 1, 16, 256 };
	char name[64];
	unsigned int i, j;

	per_frame("plain_drop", (struct run){ frames->progs.run_drop });
	for (i = 0; i < ARRAY_SIZE(t); i++)
		per_frame(t[i].name, (struct run){ t[i].prog, .batch = 64, .counter = t[i].counter });
	per_frame("pass1500", (struct run){ frames->progs.run_pass, .batch = 64, .size = 1500, .counter = UNHANDLED });
	per_frame("pass_other", (struct run){ frames->progs.run_pass, .batch = 64, .kind = OTHER_HOST });
	per_frame("rewrite", (struct run){ frames->progs.run_rewrite, .batch = 64, .counter = AT_PEER });
	for (i = 0; i < ARRAY_SIZE(t); i++)
		for (j = 0; j < ARRAY_SIZE(batches); j++) {
			snprintf(name, sizeof(name), "%s_batch%d", t[i].name, batches[j]);
			per_frame(name, (struct run){ t[i].prog, .batch = batches[j], .counter = t[i].counter });
		}

	whole_call("call_drop1", (struct run){ frames->progs.run_drop, 1, 64 });
	whole_call("call_drop1000", (struct run){ frames->progs.run_drop, 1000, 64 });
	whole_call("call_tx1", (struct run){ frames->progs.run_tx, 1, 64 });
	whole_call("call_pass1", (struct run){ frames->progs.run_pass, 1, 64 });
}

/* The kernel's figure is the sender's side. The whole call has the receiver's, too, a thread of the kernel. With real-time
 * priority it runs after each batch, as if on a CPU of its own that keeps up.
 */
static void cpumap(void)
{
	struct run r = { frames->progs.run_cpumap, .batch = 64 };
	struct sched_param param = { .sched_priority = 1 };
	double duration[2], call[2];
	FILE *ps;
	int pid, i;

	if (!wanted("cpumap"))
		return;
	ps = popen("grep -l ^cpumap/0 /proc/[0-9]*/comm", "r");
	if (!ps || fscanf(ps, "/proc/%d", &pid) != 1 || sched_setscheduler(pid, SCHED_FIFO, &param))
		die("thread of cpumap");
	pclose(ps);
	for (i = 0; i < RUNS; i++) {
		run(&r);
		duration[i % 2] = r.duration;
		call[i % 2] = r.call / nr_frames;
	}
	result("cpumap", duration);
	result("cpumap_both", call);
}

/* No more frames than the socket can hold: the reader comes afterwards. */
static void pass_udp(void)
{
	struct run r = { frames->progs.run_pass, .repeat = 4000, .batch = 64, .kind = UDP };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd, i, got, size = 64 << 20;
	double runs[2];
	char buf[64];

	if (!wanted("pass_udp"))
		return;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (void *)&sin, sizeof(sin)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die("UDP socket");
	for (i = 0; i < RUNS; i++) {
		run(&r);
		runs[i % 2] = r.duration;
		for (got = 0; recv(fd, buf, sizeof(buf), MSG_DONTWAIT) == 22; got++)
			;
		if (got != r.repeat)
			die("UDP socket received %d of %d", got, r.repeat);
	}
	close(fd);
	result("pass_udp", runs);
}

/* One AF_XDP socket, for XSKMAP and as a sender */
static void af_xdp(void)
{
	enum { NR = 4096, SIZE = 2048, RING = 2048, RUN = 1024, BURST = 64 };
	struct xsk xs = { .fill.size = RING, .comp.size = RING, .rx.size = RING, .tx.size = RING, .chunk = SIZE };
	struct run r = { frames->progs.run_xskmap, RUN, 64 };
	__u32 key = 0, idx = 0;
	int i, j, done;
	double runs[2];
	long before;
	long long t;
	char *area;

	if (!wanted("xskmap") && !wanted("af_xdp"))
		return;
	area = aligned_alloc(4096, NR * SIZE);
	memset(area, 0, NR * SIZE);
	errno = -xsk_open(&xs, if_nametoindex("veth0"), 0, area, NR * SIZE);
	if (errno)
		die("AF_XDP socket");
	if (bpf_map_update_elem(bpf_map__fd(frames->maps.xskmap), &key, &xs.fd, 0))
		die("xskmap");

	for (i = 0; wanted("xskmap") && i < RUNS; i++) {
		reserve(&xs.fill, RUN, &idx);
		for (j = 0; j < RUN; j++)
			*addr_at(&xs.fill, idx++) = j * SIZE;
		publish(&xs.fill, RUN);
		run(&r);
		runs[i % 2] = r.duration;
		j = peek(&xs.rx, RING, &idx);
		give_back(&xs.rx, j);
		if (j != RUN)
			die("AF_XDP socket received %d of %d", j, RUN);
	}
	if (wanted("xskmap"))
		result("xskmap", runs);

	for (j = RUN; j < RUN + BURST; j++)
		memcpy(area + j * SIZE, frame(64, UNCLAIMED), 64);
	for (i = 0; wanted("af_xdp") && i < RUNS; i++) {
		before = counted(AT_PEER);
		t = now();
		for (done = 0; done < nr_frames; done += BURST) {
			if (reserve(&xs.tx, BURST, &idx) != BURST)
				die("AF_XDP: no room to send");
			for (j = 0; j < BURST; j++) {
				desc_at(&xs.tx, idx)->addr = (RUN + j) * SIZE;
				desc_at(&xs.tx, idx++)->len = 64;
			}
			publish(&xs.tx, BURST);
			for (j = 0; j < BURST;) {
				int n;

				if (sendto(xs.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) && errno != EAGAIN && errno != EBUSY)
					die("AF_XDP: sendto");
				n = peek(&xs.comp, BURST, &idx);
				give_back(&xs.comp, n);
				j += n;
			}
		}
		runs[i % 2] = (now() - t) / done;
		if (!arrived("af_xdp", AT_PEER, before, done))
			return;
	}
	if (wanted("af_xdp"))
		result("af_xdp", runs);
	xsk_close(&xs);
	free(area);
}

static void packet(void)
{
	enum { BURST = 64 };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_ifindex = veth0 };
	struct iovec iov = { .iov_len = 64 };
	struct mmsghdr msg[BURST];
	int i, fd, one = 1, sent;
	double runs[2];
	long before;
	long long t;

	if (!wanted("af_packet"))
		return;
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (void *)&ll, sizeof(ll)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		die("AF_PACKET socket");
	iov.iov_base = (void *)frame(64, UNCLAIMED);
	memset(msg, 0, sizeof(msg));
	for (i = 0; i < BURST; i++) {
		msg[i].msg_hdr.msg_iov = &iov;
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < RUNS; i++) {
		before = counted(AT_PEER);
		t = now();
		for (sent = 0; sent < nr_frames; sent += BURST)
			if (sendmmsg(fd, msg, BURST, 0) != BURST)
				die("sendmmsg");
		runs[i % 2] = (now() - t) / sent;
		if (!arrived("af_packet", AT_PEER, before, sent))
			return;
	}
	close(fd);
	result("af_packet", runs);
}

/* A reader of tap0 that stays @lag frames behind, whatever is sent. It has real-time priority, so on one CPU it runs
 * after each batch; edge-triggered, so it sleeps although there is something to read.
 */
static int tap = -1, lag_by;
static bool lag_stop;

static void *lag_reader(void *arg)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0);
	__u64 taken = own->bss->lag_sent;
	char buf[2048];

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, tap, &ev))
		die("epoll");
	while (!__atomic_load_n(&lag_stop, __ATOMIC_ACQUIRE)) {
		epoll_wait(ep, &ev, 1, 10);
		while (own->bss->lag_sent > taken + lag_by && read(tap, buf, sizeof(buf)) > 0)
			taken++;
	}
	while (read(tap, buf, sizeof(buf)) > 0)
		taken++;
	close(ep);
	return (void *)taken;
}

/* Sends @n frames, and returns the pages that were allocated for them. */
static int lag_run(int n)
{
	struct run r = { own->progs.run_lag, n, 64 };
	struct sched_param param = { .sched_priority = 1 };
	__u64 sent = own->bss->lag_sent, pages = own->bss->pages;
	pthread_attr_t attr;
	pthread_t thread;
	void *taken;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	lag_stop = false;
	errno = pthread_create(&thread, &attr, lag_reader, NULL);
	if (errno)
		die("pthread_create");
	run(&r);
	pages = own->bss->pages - pages;
	__atomic_store_n(&lag_stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, &taken);
	if ((__u64)taken - sent != n)
		die("lag %d: %llu of %d frames arrived", lag_by, (__u64)taken - sent, n);
	return pages;
}

/* Pages for each 1000 frames, once there are enough for those in flight, and pages in all. Each page is initialised
 * when it is allocated. At most half as many frames in flight as are sent.
 */
static void in_flight(void)
{
	const int lags[] = { 64, 256, 512, 1000 };
	struct ifreq ifr = { .ifr_name = "tap0", .ifr_flags = IFF_TAP | IFF_NO_PI };
	int n = nr_frames < 4000 ? 4000 : nr_frames;
	struct bpf_link *link;
	char name[64];
	unsigned int i;
	double runs[2];
	int a, b, j;

	if (!wanted("lag"))
		return;
	tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &ifr))
		die("tap0");
	if (system("ifconfig tap0 txqueuelen 4096 up"))
		die("ifconfig");
	own->bss->lag_ifindex = if_nametoindex("tap0");
	link = bpf_program__attach(own->progs.count_pages);
	if (libbpf_get_error(link))
		die("page_pool_state_hold");

	for (i = 0; i < ARRAY_SIZE(lags); i++) {
		lag_by = lags[i];
		for (j = 0; j < 2; j++) {
			a = lag_run(n / 2);
			b = lag_run(n);
			runs[j] = (b - a) * 1000.0 / (n / 2);
		}
		snprintf(name, sizeof(name), "lag%d_pages", lag_by);
		result(name, runs);
		runs[0] = runs[1] = b;
		snprintf(name, sizeof(name), "lag%d_all", lag_by);
		result(name, runs);
	}
	bpf_link__destroy(link);
	close(tap);
}

static void *wall_thread(void *arg)
{
	struct run *r = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(r->ifindex == veth0 ? 0 : 1, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("to run on two CPUs");
	run(r);
	return NULL;
}

/* The same program on one CPU, then on two CPUs and devices at once */
static void wall(void)
{
	const struct {
		const char *name;
		struct bpf_program *prog;
	} t[] = {
		{ "drop", frames->progs.run_drop },
		{ "tx", frames->progs.run_tx },
		{ "pass64", frames->progs.run_pass },
	};
	int ifindex[] = { veth0, if_nametoindex("veth2") };
	struct run runs[2];
	pthread_t thread[2];
	long long start;
	unsigned int i;
	int j, cpus;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		for (cpus = 1; cpus <= 2; cpus++) {
			start = now();
			for (j = 0; j < cpus; j++) {
				runs[j] = (struct run){ t[i].prog, .batch = 64, .ifindex = ifindex[j] };
				errno = pthread_create(&thread[j], NULL, wall_thread, &runs[j]);
				if (errno)
					die("pthread_create");
			}
			for (j = 0; j < cpus; j++)
				pthread_join(thread[j], NULL);
			printf("wall_%s_cpus%d %.3f\n", t[i].name, cpus,
			       1e3 * nr_frames * cpus / (now() - start));
		}
}

/* --- Latency: a run without end keeps the CPU busy */

static void *endless(void *arg)
{
	struct run *r = arg;

	r->repeat = -1;
	run(r);
	return NULL;
}

static void set_priority(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, policy, &param))
		die("sched_setscheduler");
}

/* Return: by how much the kernel was late to wake a real-time task, in ns, the worst of N times */
static long long wakeup(int n)
{
	long long late, worst = 0, due;
	struct timespec t;
	int i;

	set_priority(SCHED_FIFO, 50);
	for (i = 0; i < n; i++) {
		due = now() + 1000000 + i % 100 * 1000;
		t = (struct timespec){ due / 1000000000, due % 1000000000 };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		late = now() - due;
		if (late > worst)
			worst = late;
	}
	set_priority(SCHED_OTHER, 0);
	return worst;
}

/* Return: ns that it takes to delete veth2, and veth3 with it; both are there again afterwards */
static long long removal(pthread_t *runner)
{
	long long took = now();

	if (system("ip link del veth2"))
		die("ip link del");
	took = now() - took;
	if (runner)
		pthread_join(*runner, NULL);
	if (system("ip link add veth3 type veth; ip link set veth2 up; ip link set veth3 up"))
		die("ip link add");
	errno = -attach_xdp(if_nametoindex("veth3"), bpf_program__fd(frames->progs.drop), DRV_MODE);
	if (errno)
		die("XDP at veth3");
	return took;
}

static void latency(void)
{
	const struct run runs[] = {
		{ frames->progs.run_drop, .batch = 256, .err = ENODEV },
		{ frames->progs.run_tx, .batch = 64, .err = ENODEV },
		{ frames->progs.run_tx, .batch = 256, .err = ENODEV },
		{ frames->progs.run_pass, .batch = 256, .err = ENODEV },
	};
	const char *names[] = { "drop256", "tx64", "tx256", "pass256" };
	long long took, worst;
	pthread_t thread;
	unsigned int i, j;

	printf("wakeup_idle %g\n", wakeup(1000) / 1e3);
	printf("removal_idle %g\n", removal(NULL) / 1e3);
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		worst = 0;
		for (j = 0; j < 5; j++) {
			struct run r = runs[i];

			r.ifindex = if_nametoindex("veth2");
			errno = pthread_create(&thread, NULL, endless, &r);
			if (errno)
				die("pthread_create");
			usleep(20000);
			if (!j)
				printf("wakeup_%s %g\n", names[i], wakeup(1000) / 1e3);
			took = removal(&thread);
			if (took > worst)
				worst = took;
		}
		printf("removal_%s %g\n", names[i], worst / 1e3);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct bpf_devmap_val dev = {};
	struct bpf_cpumap_val cpu = { .qsize = 2048 };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	__u32 zero = 0;
	bool by_clock = false, by_latency = false;
	int opt, drop;

	while ((opt = getopt(argc, argv, "n:wl")) != -1)
		switch (opt) {
		case 'n': nr_frames = atoi(optarg); break;
		case 'w': by_clock = true; break;
		case 'l': by_latency = true; break;
		default: return 2;
		}
	only = argv + optind;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	veth0 = if_nametoindex("veth0");
	veth1 = if_nametoindex("veth1");
	if (!veth0 || !veth1 || !if_nametoindex("veth3"))
		die("veth");
	frames = frames_bpf__open_and_load();
	own = bench_bpf__open_and_load();
	if (!frames || !own)
		die("BPF programs");
	drop = bpf_program__fd(frames->progs.drop);
	errno = -(attach_xdp(veth1, drop, DRV_MODE) ?:
		  attach_xdp(if_nametoindex("veth3"), drop, DRV_MODE));
	if (errno)
		die("XDP at the far end");
	frames->bss->to_ifindex = veth0;
	dev.ifindex = veth0;
	if (bpf_map_update_elem(bpf_map__fd(frames->maps.devmap), &zero, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(frames->maps.devmap_hash), &zero, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(frames->maps.cpumap), &zero, &cpu, 0))
		die("redirect maps");

	if (by_clock) {
		wall();
		return 0;
	}
	if (by_latency) {
		latency();
		return 0;
	}

	live();
	cpumap();
	pass_udp();
	af_xdp();
	packet();
	in_flight();
	return 0;
}
