// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "looker.h"

struct lessons_bpf *skel;
struct frame packet = { { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 }, { FRAME_TYPE >> 8, FRAME_TYPE & 0xff } };
bool debug;
volatile struct run *shared;
__u64 full_before;
struct xsk sock = { .fd = -1 };
/* Mapped once: QEMU's s390 takes half a minute to unmap it. Shared: the kernel writes to its pages, whoever has forked. */
static char *sock_area;

struct run run_of(__u32 repeat, __u32 batch, __u32 ifindex)
{
	return (struct run){
		.prog = bpf_program__fd(skel->progs.send), .data = &packet, .size = sizeof(packet),
		.repeat = repeat, .batch = batch, .md.ingress_ifindex = ifindex,
	};
}

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("%s", path);
	close(fd);
}

__u64 ring_full(void)
{
	FILE *f = fopen("/proc/net/dev", "r");
	unsigned long long n = 0;
	char line[512];

	if (!f)
		die("/proc/net/dev");
	while (fgets(line, sizeof(line), f))
		if (strstr(line, " v0:") && sscanf(strchr(line, ':') + 1, "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu", &n) != 1)
			die("/proc/net/dev");
	fclose(f);
	return n;
}

void start(int verdict, int how)
{
	full_before = ring_full();
	memset(skel->bss->seen, 0, MAX_SEQ);
	memset(skel->bss->sent, 0, sizeof(skel->bss->sent));
	memset(skel->bss->arrived, 0, sizeof(skel->bss->arrived));
	skel->bss->altered = skel->bss->dirty = skel->bss->seq = 0;
	skel->bss->verdict = verdict;
	skel->bss->how = how;
	skel->bss->to_ifindex = V0;
}

long seen(void)
{
	long i, n = 0, doubled = 0;

	for (i = 0; i < MAX_SEQ; i++) {
		n += !!skel->bss->seen[i];
		doubled += skel->bss->seen[i] > 1;
	}
	if (doubled)
		diag("%ld frames arrived more than once", doubled);
	return doubled ? -1 : n;
}

__u64 arrived(void)
{
	return skel->bss->arrived[0] + skel->bss->arrived[1];
}

bool wait_for(__u64 n)
{
	unsigned long long end = now_ms() + PATIENCE_MS;

	while (now_ms() < end && arrived() + ring_full() - full_before < n)
		usleep(10000);
	return arrived() + ring_full() - full_before == n && seen() == (long)arrived() && !skel->bss->altered;
}

int trace(const char *text, char *last, size_t len)
{
	FILE *f = fopen(TRACE "trace", "r");
	char line[1024];
	int n = 0;

	if (!f)
		die("trace");
	while (fgets(line, sizeof(line), f))
		if (line[0] != '#' && strstr(line, text)) {
			n++;
			if (last)
				snprintf(last, len, "%s", strstr(line, text));
		}
	fclose(f);
	return n;
}

void clear_trace(void)
{
	write_file(TRACE "trace", "");
}

bool traced(struct totals *t)
{
	char line[1024];
	int n = trace("xdp_live_run:", line, sizeof(line));

	if (n != 1 || sscanf(strstr(line, "frames="), "frames=%u passed=%u transmitted=%u redirected=%u dropped=%u "
			     "aborted=%u failed=%u err=%d", &t->frames, &t->act[XDP_PASS], &t->act[XDP_TX],
			     &t->act[XDP_REDIRECT], &t->act[XDP_DROP], &t->act[XDP_ABORTED], &t->failed, &t->err) != 8) {
		diag("%d events, the last one: %s", n, line);
		return false;
	}
	return t->act[0] + t->act[1] + t->act[2] + t->act[3] + t->act[4] + t->failed == t->frames;
}

int pools_gone(void)
{
	return trace(" inflight=0 ", NULL, 0);
}

bool wait_for_pools(int n)
{
	unsigned long long end = now_ms() + PATIENCE_MS;

	while (pools_gone() < n && now_ms() < end)
		usleep(100000);
	return pools_gone() == n;
}

void open_socket(void)
{
	unsigned long long end = now_ms() + PATIENCE_MS;
	__u32 i, at, key = 0;
	int err;

	sock = (struct xsk){ .fill.size = SLOTS, .comp.size = 64, .rx.size = SLOTS, .chunk = 2048 };
	/* The queue is busy until the last socket's pool is gone. */
	do {
		err = xsk_open(&sock, if_nametoindex("v0"), 0, sock_area, SLOTS * 2048);
	} while (err == -EBUSY && now_ms() < end && !usleep(2000));
	errno = -err;
	if (err || reserve(&sock.fill, SLOTS, &at) != SLOTS)
		die("AF_XDP socket");
	for (i = 0; i < SLOTS; i++)
		*addr_at(&sock.fill, at + i) = i * 2048;
	publish(&sock.fill, SLOTS);
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.xskmap), &key, &sock.fd, 0))
		die("xskmap");
}

void look(const struct frame *frame, size_t len)
{
	bool good = len == FRAME_LEN;
	int i;

	for (i = 0; i < 5; i++)
		good &= frame->words[i] == WORD(frame->seq, i);
	skel->bss->altered += !good;
	skel->bss->seen[frame->seq % MAX_SEQ]++;
	skel->bss->arrived[0]++;
}

void read_socket(void)
{
	static __u64 addrs[SLOTS];
	__u32 i, at, n = peek(&sock.rx, SLOTS, &at);

	for (i = 0; i < n; i++) {
		const struct xdp_desc *desc = desc_at(&sock.rx, at + i);

		look((void *)(sock_area + desc->addr), desc->len);
		addrs[i] = desc->addr;
	}
	give_back(&sock.rx, n);
	if (reserve(&sock.fill, n, &at) != n)
		die("fill ring");
	for (i = 0; i < n; i++)
		*addr_at(&sock.fill, at + i) = addrs[i];
	publish(&sock.fill, n);
}

void close_socket(void)
{
	xsk_close(&sock);
}

int open_tap(int ring)
{
	struct ifreq req = { .ifr_name = "tap0", .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &req) || sh("ip link set tap0 addrgenmode none txqueuelen %d up", ring))
		die("tap0");
	return fd;
}

int read_tap(int fd, bool check)
{
	union { struct frame frame; char room[2048]; } buf;
	ssize_t len;
	int n = 0;

	while ((len = read(fd, &buf, sizeof(buf))) > 0) {
		if (buf.frame.type[0] != FRAME_TYPE >> 8 || buf.frame.type[1] != (FRAME_TYPE & 0xff))
			continue;
		n++;
		if (check)
			look(&buf.frame, len);
	}
	return n;
}

void settle(void)
{
	sleep(1);
	sh("sync; echo 3 > /proc/sys/vm/drop_caches\n"
	   "for cache in /sys/kernel/slab/*/shrink; do echo 1 > $cache; done 2> /dev/null");
}

long meminfo(const char *field)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)))
			kb = atol(line + strlen(field));
	if (kb < 0)
		die("%s", field);
	fclose(f);
	return kb;
}

void prepare(void)
{
	struct bpf_devmap_val dev = { .ifindex = V0 };
	struct bpf_cpumap_val cpu = { .qsize = 2048 };
	__u32 key = 0;

	if (unshare(CLONE_NEWNET))
		die("unshare");
	/* Nothing is sent but what a test sends. */
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	setup("ip link set lo up\n"
	      "ip link add v0 index 100 type veth peer name v1 index 101\n"
	      "ip link set v1 up; ip link set v0 up; tc qdisc add dev v0 clsact\n"
	      "mkdir -p " TRACE "; echo 8192 > " TRACE "buffer_size_kb\n"
	      "enable=" TRACE "events/bpf_test_run/xdp_live_run/enable; [ ! -e $enable ] || echo 1 > $enable\n"	/* of the series for 5.10 */
	      "echo 1 > " TRACE "events/page_pool/page_pool_release/enable\n");
	skel = lessons_bpf__open_and_load();
	if (!skel)
		die("lessons.bpf.o");
	if (attach_xdp(V1, bpf_program__fd(skel->progs.look_xdp), DRV_MODE) ||
	    bpf_program__pin(skel->progs.look_tc, PIN) ||
	    sh("tc filter add dev v0 ingress bpf da pinned " PIN) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.devmap), &key, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.devmap_hash), &key, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.cpumap), &key, &cpu, 0))
		die("attaching");
	unlink(PIN);
	sock_area = mmap(NULL, SLOTS * 2048, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	debug = !access("/sys/kernel/debug/kmemleak", F_OK);
}
