// SPDX-License-Identifier: GPL-2.0-only
/* bench [-n FRAMES] [-r RUNS] [-w | -l] [NAME]...: the cost of XDP live frames, and of other ways to send or receive a frame
 *
 * For QEMU's instruction counting on one CPU, where a nanosecond is an instruction, and for User-mode Linux, where it is one.
 * Prints lines of "name value value": nanoseconds per frame, if the name does not say otherwise, in each of two runs, after one
 * to warm up, or, with more RUNS, in the best of each half of them. With -w, what two CPUs send by the clock of what one sends:
 * "name median quartile quartile". With -l, how long others have to wait while a run without end keeps the CPU busy, in
 * microseconds, the worst of many times.
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

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LIVE (1U << 1)		/* BPF_F_TEST_XDP_LIVE_FRAMES; older headers lack it */

static struct frames_bpf *frames;
static struct bench_bpf *own;
static int veth0, veth1;
static int nr_frames = 20000;
static int nr_runs = 3;		/* of each scenario */
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

/* Of three runs the last two are told, of more the best with an even number and the best with an odd one. */
static void note(double *runs, int i, double value)
{
	if (i < 2 || nr_runs == 3 || value < runs[i % 2])
		runs[i % 2] = value;
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
	static __thread unsigned char buf[9000];
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
#define AT_VETH3 "veth3/statistics/rx_packets"
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
	int batch;		/* 0: plain test run */
	const char *counter;	/* where frames arrive, or NULL */
	int size;		/* 64 if 0 */
	int repeat;		/* nr_frames if 0 */
	int ifindex;		/* veth0 if 0 */
	enum frame kind;
	int err;		/* how it ends */
	int sent;		/* out: frames */
	unsigned int duration;	/* out: the kernel's mean time of a frame */
	long long call;		/* out: the time of the whole call */
};

struct scenario {
	const char *name;
	void (*measure)(const struct scenario *);	/* prints figures */
	struct run run;
	void (*prepare)(void);
	double (*once)(struct run *);	/* for per_frame(): does the run, returns its figure; run() and the kernel's if NULL */
	const char *call;		/* the name of a second figure, of the whole call */
	int lag;			/* for in_flight() */
};

/* Return: 0, or what errno is */
static int try_run(struct run *r)
{
	int size = r->size ?: 64;
	struct xdp_md md = { .data_end = size, .ingress_ifindex = r->ifindex ?: veth0 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = bpf_program__fd(r->prog);
	attr.test.data_in = (unsigned long)frame(size, r->kind);
	attr.test.data_size_in = size;
	attr.test.repeat = r->sent = r->repeat ?: nr_frames;
	if (r->batch) {
		attr.test.ctx_in = (unsigned long)&md;
		attr.test.ctx_size_in = sizeof(md);
		attr.test.flags = LIVE;
		attr.test.batch_size = r->batch;
	}

	r->call = now();
	if (syscall(__NR_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)))
		return errno;
	r->call = now() - r->call;
	r->duration = attr.test.duration;
	return 0;
}

static void run(struct run *r)
{
	if (try_run(r) != r->err)
		die("BPF_PROG_RUN");
}

static void per_frame(const struct scenario *s)
{
	struct run r = s->run;
	double runs[2], call[2];
	long before;
	int i;

	for (i = 0; i < nr_runs; i++) {
		before = counted(r.counter);
		if (!s->once)
			run(&r);
		note(runs, i, s->once ? s->once(&r) : r.duration);
		note(call, i, r.call / nr_frames);
		if (!arrived(s->name, r.counter, before, r.sent))
			return;
	}
	result(s->name, runs);
	if (s->call)
		result(s->call, call);
}

/* The best of ten */
static double whole_call(struct run *r)
{
	long long best = 0;
	int i;

	for (i = 0; i < 10; i++) {
		run(r);
		if (!i || r->call < best)
			best = r->call;
	}
	return best;
}

static struct frames_bpf *jumbo;	/* the same programs, for frames with fragments, over veth2 to veth3 */
static int veth2;

/* Kernels that do not know such frames, or do not run them, give no figure. */
static void jumbo_frames(void)
{
#ifdef LIBBPF_1
	const __u32 has_frags = 1U << 5;	/* BPF_F_XDP_HAS_FRAGS; older headers lack it */
	struct ifreq ifr = { .ifr_name = "veth3", .ifr_mtu = 9000 };
	struct bpf_devmap_val dev = { .ifindex = veth2 };
	int fd, veth3 = if_nametoindex("veth3");
	struct bpf_program *prog;
	__u32 zero = 0;

	if (bpf_program__fd(jumbo->progs.run_drop) >= 0)
		return;
	bpf_object__for_each_program(prog, jumbo->obj) {
		bpf_program__set_flags(prog, has_frags);
		bpf_program__set_autoload(prog, prog == jumbo->progs.drop || prog == jumbo->progs.run_drop || prog == jumbo->progs.run_tx ||
					  prog == jumbo->progs.run_redirect || prog == jumbo->progs.run_devmap || prog == jumbo->progs.run_pass);
	}
	libbpf_set_print(NULL);
	if (frames_bpf__load(jumbo)) {
		fprintf(stderr, "bench: this kernel does not know frames with fragments\n");
		return;
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	errno = -(attach_xdp(veth3, -1, DRV_MODE) ?: attach_xdp(veth3, bpf_program__fd(jumbo->progs.drop), DRV_MODE));
	if (errno || fd < 0 || ioctl(fd, SIOCSIFMTU, &ifr) || (ifr.ifr_name[4] = '2', ioctl(fd, SIOCSIFMTU, &ifr)) ||
	    bpf_map_update_elem(bpf_map__fd(jumbo->maps.devmap), &zero, &dev, 0))
		die("jumbo frames");
	close(fd);
	jumbo->bss->to_ifindex = veth2;
#endif
}

static void per_jumbo(const struct scenario *s)
{
	struct run r = s->run;

	r.repeat = 1;
	if (bpf_program__fd(r.prog) < 0 || try_run(&r))
		fprintf(stderr, "bench: %s: this kernel does not run live frames with fragments\n", s->name);
	else
		per_frame(s);
}

/* The kernel's figure is the sender's side. The whole call has the receiver's, too, a thread of the kernel. With real-time
 * priority it runs after each batch, as if on a CPU of its own that keeps up.
 */
static void cpumap_thread(void)
{
	struct sched_param param = { .sched_priority = 1 };
	FILE *ps;
	int pid;

	ps = popen("grep -l ^cpumap/0 /proc/[0-9]*/comm", "r");
	if (!ps || fscanf(ps, "/proc/%d", &pid) != 1 || sched_setscheduler(pid, SCHED_FIFO, &param))
		die("thread of cpumap");
	pclose(ps);
}

static int udp = -1;

static void udp_socket(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(9) };
	int size = 64 << 20;

	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (udp < 0 || bind(udp, (void *)&sin, sizeof(sin)) ||
	    setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die("UDP socket");
}

/* No more frames than the socket can hold: the reader comes afterwards. */
static double pass_udp(struct run *r)
{
	char buf[64];
	int got;

	run(r);
	for (got = 0; recv(udp, buf, sizeof(buf), MSG_DONTWAIT) == 22; got++)
		;
	if (got != r->sent)
		die("UDP socket received %d of %d", got, r->sent);
	return r->duration;
}

/* One AF_XDP socket, for XSKMAP and as a sender */
enum { CHUNKS = 4096, CHUNK = 2048, RING = 2048, XSK_RUN = 1024, BURST = 64 };

static struct xsk xs = { .fill.size = RING, .comp.size = RING, .rx.size = RING, .tx.size = RING, .chunk = CHUNK };

static void xsk_socket(void)
{
	static char *area;
	__u32 key = 0;
	int i;

	if (area)
		return;
	area = aligned_alloc(4096, CHUNKS * CHUNK);
	memset(area, 0, CHUNKS * CHUNK);
	errno = -xsk_open(&xs, veth0, 0, area, CHUNKS * CHUNK);
	if (errno)
		die("AF_XDP socket");
	if (bpf_map_update_elem(bpf_map__fd(frames->maps.xskmap), &key, &xs.fd, 0))
		die("xskmap");
	for (i = XSK_RUN; i < XSK_RUN + BURST; i++)
		memcpy(area + i * CHUNK, frame(64, UNCLAIMED), 64);
}

static double xskmap(struct run *r)
{
	__u32 idx = 0;
	int i;

	reserve(&xs.fill, XSK_RUN, &idx);
	for (i = 0; i < XSK_RUN; i++)
		*addr_at(&xs.fill, idx++) = i * CHUNK;
	publish(&xs.fill, XSK_RUN);
	run(r);
	i = peek(&xs.rx, RING, &idx);
	give_back(&xs.rx, i);
	if (i != XSK_RUN)
		die("AF_XDP socket received %d of %d", i, XSK_RUN);
	return r->duration;
}

static double af_xdp(struct run *r)
{
	long long start = now();
	__u32 idx = 0;
	int i, n;

	for (r->sent = 0; r->sent < nr_frames; r->sent += BURST) {
		if (reserve(&xs.tx, BURST, &idx) != BURST)
			die("AF_XDP: no room to send");
		for (i = 0; i < BURST; i++) {
			desc_at(&xs.tx, idx)->addr = (XSK_RUN + i) * CHUNK;
			desc_at(&xs.tx, idx++)->len = 64;
		}
		publish(&xs.tx, BURST);
		for (i = 0; i < BURST; i += n) {
			if (sendto(xs.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) && errno != EAGAIN && errno != EBUSY)
				die("AF_XDP: sendto");
			n = peek(&xs.comp, BURST, &idx);
			give_back(&xs.comp, n);
		}
	}
	return (now() - start) / r->sent;
}

static int raw = -1;

static void packet_socket(void)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_ifindex = veth0 };
	int one = 1;

	raw = socket(AF_PACKET, SOCK_RAW, 0);
	if (raw < 0 || bind(raw, (void *)&ll, sizeof(ll)) ||
	    setsockopt(raw, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		die("AF_PACKET socket");
}

static double af_packet(struct run *r)
{
	struct iovec iov = { (void *)frame(64, UNCLAIMED), 64 };
	struct mmsghdr msg[BURST] = {};
	long long start;
	int i;

	for (i = 0; i < BURST; i++) {
		msg[i].msg_hdr.msg_iov = &iov;
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	start = now();
	for (r->sent = 0; r->sent < nr_frames; r->sent += BURST)
		if (sendmmsg(raw, msg, BURST, 0) != BURST)
			die("sendmmsg");
	return (now() - start) / r->sent;
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
	struct run r = { own->progs.run_lag, 64, .repeat = n };
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

static void lag_tap(void)
{
	struct ifreq ifr = { .ifr_name = "tap0", .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (tap >= 0)
		return;
	tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &ifr))
		die("tap0");
	if (system("ifconfig tap0 txqueuelen 4096 up"))
		die("ifconfig");
	own->bss->lag_ifindex = if_nametoindex("tap0");
	if (libbpf_get_error(bpf_program__attach(own->progs.count_pages)))
		die("page_pool_state_hold");
}

/* Pages for each 1000 frames, once there are enough for those in flight, and pages in all. Each page is initialised
 * when it is allocated. At most half as many frames in flight as are sent.
 */
static void in_flight(const struct scenario *s)
{
	int n = nr_frames < 4000 ? 4000 : nr_frames;
	char name[64];
	double runs[2];
	int a, b, i;

	lag_by = s->lag;
	for (i = 0; i < 2; i++) {
		a = lag_run(n / 2);
		b = lag_run(n);
		runs[i] = (b - a) * 1000.0 / (n / 2);
	}
	snprintf(name, sizeof(name), "%s_pages", s->name);
	result(name, runs);
	runs[0] = runs[1] = b;
	snprintf(name, sizeof(name), "%s_all", s->name);
	result(name, runs);
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

/* Return: frames a second on @cpus CPUs, each with a device of its own */
static double wall_run(const struct run *run, int cpus)
{
	int ifindex[] = { veth0, if_nametoindex("veth2") };
	struct run runs[2];
	pthread_t thread[2];
	long long start = now();
	int i;

	for (i = 0; i < cpus; i++) {
		runs[i] = *run;
		runs[i].ifindex = ifindex[i];
		errno = pthread_create(&thread[i], NULL, wall_thread, &runs[i]);
		if (errno)
			die("pthread_create");
	}
	for (i = 0; i < cpus; i++)
		pthread_join(thread[i], NULL);
	return 1e9 * nr_frames * cpus / (now() - start);
}

static int less(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : 1;
}

/* What two CPUs send of what one does: rounds of one after the other, the median and the quartiles of their ratios */
static void two_cpus(const struct scenario *s)
{
	enum { ROUNDS = 15 };
	double ratio[ROUNDS], one;
	int i;

	for (i = -1; i < ROUNDS; i++) {	/* the first one warms up */
		one = wall_run(&s->run, 1);
		ratio[i < 0 ? 0 : i] = wall_run(&s->run, 2) / one;
	}
	qsort(ratio, ROUNDS, sizeof(*ratio), less);
	printf("%s %.2f %.2f %.2f\n", s->name, ratio[ROUNDS / 2], ratio[ROUNDS / 4], ratio[ROUNDS - 1 - ROUNDS / 4]);
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

static void latency(const struct scenario *s)
{
	long long took, worst = 0;
	struct run r = s->run;
	pthread_t thread;
	int i;

	for (i = 0; i < (r.prog ? 5 : 1); i++) {
		if (r.prog) {
			r.ifindex = if_nametoindex("veth2");
			errno = pthread_create(&thread, NULL, endless, &r);
			if (errno)
				die("pthread_create");
			usleep(20000);
		}
		if (!i)
			printf("wakeup_%s %g\n", s->name, wakeup(1000) / 1e3);
		took = removal(r.prog ? &thread : NULL);
		if (took > worst)
			worst = took;
	}
	printf("removal_%s %g\n", s->name, worst / 1e3);
	fflush(stdout);
}

/* Those that are measured by what an option chose, or all others that are wanted */
static void run_scenarios(void (*by)(const struct scenario *))
{
#define BATCHES(name, prog, counter) \
	{ name "_batch1", per_frame, { prog, 1, counter } }, \
	{ name "_batch16", per_frame, { prog, 16, counter } }, \
	{ name "_batch256", per_frame, { prog, 256, counter } }
	typeof(&frames->progs) p = &frames->progs, j = &jumbo->progs;
	const struct scenario table[] = {
		{ "plain_drop", per_frame, { p->run_drop } },
		{ "drop", per_frame, { p->run_drop, 64 } },
		{ "tx", per_frame, { p->run_tx, 64, AT_PEER } },
		{ "redirect", per_frame, { p->run_redirect, 64, AT_PEER } },
		{ "devmap", per_frame, { p->run_devmap, 64, AT_PEER } },
		{ "devmap_hash", per_frame, { p->run_devmap_hash, 64, AT_PEER } },
		{ "pass64", per_frame, { p->run_pass, 64, UNHANDLED } },
		{ "pass1500", per_frame, { p->run_pass, 64, UNHANDLED, .size = 1500 } },
		{ "pass_other", per_frame, { p->run_pass, 64, .kind = OTHER_HOST } },
		{ "rewrite", per_frame, { p->run_rewrite, 64, AT_PEER } },
		BATCHES("drop", p->run_drop, NULL),
		BATCHES("tx", p->run_tx, AT_PEER),
		BATCHES("redirect", p->run_redirect, AT_PEER),
		BATCHES("devmap", p->run_devmap, AT_PEER),
		BATCHES("devmap_hash", p->run_devmap_hash, AT_PEER),
		BATCHES("pass64", p->run_pass, UNHANDLED),
		{ "call_drop1", per_frame, { p->run_drop, 64, .repeat = 1 }, .once = whole_call },
		{ "call_drop1000", per_frame, { p->run_drop, 64, .repeat = 1000 }, .once = whole_call },
		{ "call_tx1", per_frame, { p->run_tx, 64, .repeat = 1 }, .once = whole_call },
		{ "call_pass1", per_frame, { p->run_pass, 64, .repeat = 1 }, .once = whole_call },
		{ "cpumap", per_frame, { p->run_cpumap, 64, UNHANDLED }, cpumap_thread, .call = "cpumap_both" },
		{ "pass_udp", per_frame, { p->run_pass, 64, .repeat = 4000, .kind = UDP }, udp_socket, pass_udp },
		{ "drop9000", per_jumbo, { j->run_drop, 64, .size = 9000, .ifindex = veth2 }, jumbo_frames },
		{ "tx9000", per_jumbo, { j->run_tx, 64, AT_VETH3, 9000, .ifindex = veth2 }, jumbo_frames },
		{ "redirect9000", per_jumbo, { j->run_redirect, 64, AT_VETH3, 9000, .ifindex = veth2 }, jumbo_frames },
		{ "devmap9000", per_jumbo, { j->run_devmap, 64, AT_VETH3, 9000, .ifindex = veth2 }, jumbo_frames },
		{ "pass9000", per_jumbo, { j->run_pass, 64, "veth2/statistics/rx_dropped", 9000, .ifindex = veth2 }, jumbo_frames },
		{ "xskmap", per_frame, { p->run_xskmap, 64, .repeat = XSK_RUN }, xsk_socket, xskmap },
		{ "af_xdp", per_frame, { .counter = AT_PEER }, xsk_socket, af_xdp },
		{ "af_packet", per_frame, { .counter = AT_PEER }, packet_socket, af_packet },
		{ "lag64", in_flight, .prepare = lag_tap, .lag = 64 },
		{ "lag256", in_flight, .prepare = lag_tap, .lag = 256 },
		{ "lag512", in_flight, .prepare = lag_tap, .lag = 512 },
		{ "lag1000", in_flight, .prepare = lag_tap, .lag = 1000 },

		{ "wall_drop", two_cpus, { p->run_drop, 64 } },
		{ "wall_tx", two_cpus, { p->run_tx, 64 } },
		{ "wall_pass64", two_cpus, { p->run_pass, 64 } },

		{ "idle", latency },
		{ "drop256", latency, { p->run_drop, 256, .err = ENODEV } },
		{ "tx64", latency, { p->run_tx, 64, .err = ENODEV } },
		{ "tx256", latency, { p->run_tx, 256, .err = ENODEV } },
		{ "pass256", latency, { p->run_pass, 256, .err = ENODEV } },
	};
	const struct scenario *s;

	for (s = table; s < table + ARRAY_SIZE(table); s++) {
		bool special = s->measure == two_cpus || s->measure == latency;

		if (by ? s->measure != by : special || !wanted(s->name))
			continue;
		if (s->prepare)
			s->prepare();
		s->measure(s);
	}
}

int main(int argc, char **argv)
{
	struct bpf_devmap_val dev = {};
	struct bpf_cpumap_val cpu = { .qsize = 2048 };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	__u32 zero = 0;
	void (*by)(const struct scenario *) = NULL;
	int opt, drop;

	while ((opt = getopt(argc, argv, "n:r:wl")) != -1)
		switch (opt) {
		case 'n': nr_frames = atoi(optarg); break;
		case 'r': nr_runs = atoi(optarg) > 3 ? atoi(optarg) : 3; break;
		case 'w': by = two_cpus; break;
		case 'l': by = latency; break;
		default: return 2;
		}
	only = argv + optind;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	veth0 = if_nametoindex("veth0");
	veth1 = if_nametoindex("veth1");
	if (!veth0 || !veth1 || !if_nametoindex("veth3"))
		die("veth");
	veth2 = if_nametoindex("veth2");
	frames = frames_bpf__open();
	jumbo = frames_bpf__open();
	own = bench_bpf__open();
	if (!frames || !jumbo || !own)
		die("BPF programs");
	/* User-mode Linux has no programs at tracepoints, and is asked by names. */
	bpf_program__set_autoload(own->progs.count_pages, !*only);
	if (frames_bpf__load(frames) || bench_bpf__load(own))
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

	run_scenarios(by);
	return 0;
}
