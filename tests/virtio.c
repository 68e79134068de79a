// SPDX-License-Identifier: GPL-2.0-only
/* Live frames out of a virtio-net device, which QEMU writes to a file of the host (filter-dump) as they leave the guest.
 * RUN/virtio.sent says what was sent, one line per case; on the host, virtio.host compares it with the file.
 *
 *	guest			| host
 *	lo, eth --------------- | - QEMU --> RUN/virtio.pcap
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <net/if.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "live.h"
#include "frame.h"
#include "lessons.skel.h"

#define RING	256		/* QEMU's transmit ring; what finds it full is dropped, and counted */
#define LARGEST	1514		/* of the MTU */

static struct lessons_bpf *skel;
static char name[IFNAMSIZ], pcap[4096];
static int ifindex;
static FILE *sent_file;
static __u64 captured;		/* bytes that the file should have: 16 and the frame for each frame */
static unsigned char packet[32 + LARGEST] = {};

static void find_device(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/sys/bus/virtio/drivers/virtio_net/virtio0/net");
	unsigned int i;
	char path[300];

	for (i = 1; !dir && i < 32; i++) {
		snprintf(path, sizeof(path), "/sys/bus/virtio/drivers/virtio_net/virtio%u/net", i);
		dir = opendir(path);
	}
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(name, sizeof(name), "%.15s", entry->d_name);
	ifindex = if_nametoindex(name);
	if (!ifindex)
		die("no virtio-net device");
	closedir(dir);
}

/* Sum of the device's counters whose names end like that */
static unsigned long long counter(const char *end)
{
	unsigned long long sum = 0;
	char line[256];
	FILE *f;

	snprintf(line, sizeof(line), "ethtool -S %s", name);
	f = popen(line, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (colon && colon - line > (long)strlen(end) && !strncmp(colon - strlen(end), end, strlen(end)))
			sum += strtoull(colon + 1, NULL, 10);
	}
	if (!f || pclose(f))
		die("ethtool -S %s", name);
	return sum;
}

/* The ring is empty when all of it is in the file. */
static bool wait_for_file(void)
{
	unsigned long long end = now_ms() + 20000;
	struct stat st = {};

	while (now_ms() < end) {
		if (stat(pcap, &st))
			die("%s", pcap);
		if ((__u64)st.st_size == captured)
			return true;
		usleep(20000);
	}
	diag("%s has %llu bytes, not %llu", pcap, (unsigned long long)st.st_size, captured);
	return false;
}

static struct lessons_bpf *load(void)
{
	struct bpf_devmap_val dev = { .ifindex = ifindex };
	struct lessons_bpf *s = lessons_bpf__open_and_load();
	__u32 key = 0;

	if (!s || bpf_map_update_elem(bpf_map__fd(s->maps.devmap), &key, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(s->maps.devmap_hash), &key, &dev, 0))
		die("lessons.bpf.o");
	s->bss->to_ifindex = ifindex;
	return s;
}

static int send_frames(struct lessons_bpf *s, __u32 frames, __u32 batch, __u32 metalen, __u32 len)
{
	struct run run = {
		.prog = bpf_program__fd(s->progs.send), .data = packet + 32 - metalen, .size = metalen + len,
		.repeat = frames, .batch = batch, .md.data = metalen,
		.md.ingress_ifindex = s->bss->verdict == XDP_TX ? ifindex : 1 /* lo */,
	};

	return live(&run);
}

/* The host reads: number of the first frame, frames, those that the full ring dropped, length */
static void tell(__u64 first, __u32 frames, __u64 dropped, __u32 len)
{
	fprintf(sent_file, "%llu %u %llu %u\n", (unsigned long long)first, frames, (unsigned long long)dropped, len);
	fflush(sent_file);
}

static const struct {
	const char *name;
	int verdict, how;
} ways[] = {
	{ "TX", XDP_TX, 0 },
	{ "REDIRECT to ifindex", XDP_REDIRECT, BY_IFINDEX },
	{ "REDIRECT by DEVMAP", XDP_REDIRECT, BY_DEVMAP },
	{ "REDIRECT by DEVMAP_HASH", XDP_REDIRECT, BY_DEVMAP_HASH },
};

/* As many as the ring has room for, so none may be missing. The second run gets pages that the driver has changed:
 * its header is in front of the packet, and the descriptor counts it.
 */
static bool exact(int way, __u32 batch, __u32 metalen, __u32 len)
{
	__u64 first = skel->bss->seq, dropped = counter("_xdp_tx_drops");
	bool good = true;
	int i, err = 0;

	skel->bss->verdict = ways[way].verdict;
	skel->bss->how = ways[way].how;
	for (i = 0; i < 2 && good; i++) {
		err = send_frames(skel, RING, batch, metalen, len);
		captured += RING * (16 + len);
		good = !err && wait_for_file();
	}
	dropped = counter("_xdp_tx_drops") - dropped;
	tell(first, skel->bss->seq - first, 0, len);
	ok(good && !dropped && skel->bss->seq - first == 2 * RING, "%s: %u frames of %u bytes, metadata %u, batch %u", ways[way].name,
	   2 * RING, len, metalen, batch);
	if (err || dropped)
		diag("err %d, %llu dropped", err, dropped);
	return good;
}

/* More than the ring has room for: each frame is either captured, or counted by the driver as dropped. */
static void flood(__u32 frames)
{
	__u64 first = skel->bss->seq, dropped = counter("_xdp_tx_drops");
	int err;

	skel->bss->verdict = XDP_TX;
	err = send_frames(skel, frames, 64, 0, FRAME_LEN);
	dropped = counter("_xdp_tx_drops") - dropped;
	tell(first, frames, dropped, FRAME_LEN);
	captured += (frames - dropped) * (16 + FRAME_LEN);
	ok(!err && wait_for_file(), "TX: %u frames of %u bytes, %llu of which the driver dropped", frames, FRAME_LEN,
	   (unsigned long long)dropped);
}

/* Runs on all CPUs at once: they share the queue, or have one each. */
static void all_cpus(void)
{
	__u64 dropped = counter("_xdp_tx_drops");
	int i, status, cpus = sysconf(_SC_NPROCESSORS_ONLN), frames = RING / cpus;
	bool good = true;

	for (i = 0; i < cpus; i++) {
		__u64 first = 1000000 * (i + 1);

		tell(first, frames, 0, FRAME_LEN);
		captured += frames * (16 + FRAME_LEN);
		if (!fork()) {
			struct lessons_bpf *own = load();
			cpu_set_t set;

			CPU_ZERO(&set);
			CPU_SET(i, &set);
			sched_setaffinity(0, sizeof(set), &set);
			own->bss->seq = first;
			own->bss->verdict = XDP_TX;
			_exit(send_frames(own, frames, 8, 0, FRAME_LEN) != 0);
		}
	}
	while (wait(&status) > 0)
		good &= !status;
	good &= wait_for_file();
	dropped = counter("_xdp_tx_drops") - dropped;
	ok(good && !dropped, "TX: %d frames from each of %d CPUs", frames, cpus);
}

int main(void)
{
	static const __u32 lens[] = { FRAME_LEN, 65, 1000, LARGEST };
	unsigned int i, w;
	char path[4096];
	struct stat st;

	if (!getenv("RUN"))
		die("RUN");
	snprintf(pcap, sizeof(pcap), "%s/virtio.pcap", getenv("RUN"));
	snprintf(path, sizeof(path), "%s/virtio.sent", getenv("RUN"));
	if (stat(pcap, &st))
		die("%s", pcap);
	captured = st.st_size;
	sent_file = fopen(path, "w");
	if (!sent_file)
		die("%s", path);
	memcpy(packet + 32, "\2\0\0\0\0\2\2\0\0\0\0\1\x88\xb5", 14);
	for (i = FRAME_LEN; i < LARGEST; i++)
		packet[32 + i] = i * 7;

	find_device();
	/* Nothing is sent but what this test sends. */
	if (sh("echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6; ip link set %s up", name, name))
		die("%s", name);
	skel = load();
	/* The driver takes frames only while it has a program. */
	if (attach_xdp(ifindex, bpf_program__fd(skel->progs.look_xdp), DRV_MODE))
		die("attaching to %s", name);

	for (w = 0; w < ARRAY_SIZE(ways); w++)
		for (i = 0; i < ARRAY_SIZE(lens); i++)
			if (!exact(w, i == 0 ? 1 : i * 64, i % 2 * 32, lens[i]))
				return 1;	/* without a plan; the file will never have what the next ones wait for */
	all_cpus();
	flood(20000);

	attach_xdp(ifindex, -1, DRV_MODE);
	sh("ip link set %s down", name);
	return done();
}
