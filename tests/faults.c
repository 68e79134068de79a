// SPDX-License-Identifier: GPL-2.0-only
/* The n-th allocation of a live run fails, for n = 1, 2, 3 ... until a run ends before its n-th allocation.
 *
 * /proc/self/fail-nth counts the allocations (slab and page) of this task, and its copies from and to user space.
 * A run whose allocation failed returns -ENOMEM, one whose copy failed -EFAULT. Where the kernel has a fallback, the run
 * succeeds. Either way, the frames that it says it sent arrive, and the next run works.
 */
#define _GNU_SOURCE
#include "looker.h"

static const struct {
	const char *name;
	int verdict, how;
	__u32 frames;		/* 0: two more than the batch */
} verdicts[] = {
	{ "ABORTED", XDP_ABORTED },
	{ "DROP", XDP_DROP },
	/* The list of pages is larger than a page. */
	{ "DROP of 2000 frames", XDP_DROP, .frames = 2000 },
	{ "PASS", XDP_PASS },
	{ "TX", XDP_TX },
	{ "REDIRECT to ifindex", XDP_REDIRECT, BY_IFINDEX },
	{ "REDIRECT by DEVMAP", XDP_REDIRECT, BY_DEVMAP },
	{ "REDIRECT by DEVMAP_HASH", XDP_REDIRECT, BY_DEVMAP_HASH },
	{ "REDIRECT by CPUMAP", XDP_REDIRECT, BY_CPUMAP },
	{ "REDIRECT by XSKMAP", XDP_REDIRECT, BY_XSKMAP },
};

static unsigned int sites, runs;

static void fail_nth(int fd, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	/* Reading the text is a copy from user space, which may be the one that fails; the next one does not. */
	if (pwrite(fd, text, strlen(text), 0) < 0 && pwrite(fd, text, strlen(text), 0) < 0)
		die("fail-nth");
}

static unsigned int left(int fd)
{
	char text[16] = "";

	/* If this copy was the one to fail, the run had left it. */
	return pread(fd, text, sizeof(text) - 1, 0) < 0 ? 1 : atoi(text);
}

/* All frames that were traced as sent arrived. A run that failed during set-up was not traced, and sent nothing. */
static bool sent_arrived(const struct run *run, int err)
{
	struct totals t = {};
	int traced_runs = trace("xdp_live_run:", NULL, 0);

	if (sock.fd >= 0)
		read_socket();
	if (!traced_runs)
		return err && !skel->bss->seq;
	return traced(&t) && t.frames == skel->bss->seq && t.frames <= run->repeat && t.err == (err == -EFAULT ? t.err : err) &&
	       wait_for(t.act[XDP_PASS] + t.act[XDP_TX] + t.act[XDP_REDIRECT]);
}

static void sweep(int fd, int v, __u32 batch)
{
	/* Each page of a batch that a device sends is allocated: none comes back before its end. */
	bool sent = verdicts[v].verdict == XDP_TX || (verdicts[v].verdict == XDP_REDIRECT && verdicts[v].how != BY_CPUMAP &&
						      verdicts[v].how != BY_XSKMAP);
	bool nothing = verdicts[v].verdict == XDP_DROP || verdicts[v].verdict == XDP_ABORTED;
	unsigned int least = sent ? batch : 1;
	unsigned int n, by[3] = {}, wrong = 0;	/* by: ENOMEM, EFAULT, success */
	bool hit = true;

	if (verdicts[v].how == BY_XSKMAP)
		open_socket();
	for (n = 1; hit && n < 5000 && wrong < 5; n++) {
		struct run run = run_of(verdicts[v].frames ?: batch + 2, batch, V0);
		int err, next;

		start(verdicts[v].verdict, verdicts[v].how);
		clear_trace();
		fail_nth(fd, n);
		err = live(&run);
		hit = !left(fd);
		fail_nth(fd, 0);
		runs++;
		if (err == -ENOMEM)
			by[0]++;
		else if (err == -EFAULT)
			by[1]++;
		else
			by[2]++;
		if ((err && err != -ENOMEM && err != -EFAULT) || (err && !hit) || !sent_arrived(&run, err)) {
			wrong++;
			diag("n = %u: %d, %u ran, %llu run by the program, %llu arrived, %llu altered", n, err, run.ran,
			     skel->bss->seq, skel->bss->arrived[0] + skel->bss->arrived[1], skel->bss->altered);
		}
		run = run_of(2, 0, V0);
		start(verdicts[v].verdict, verdicts[v].how);
		next = live(&run);
		if (sock.fd >= 0)
			read_socket();
		if (next || skel->bss->seq != 2 || !wait_for(nothing ? 0 : 2)) {
			wrong++;
			diag("n = %u: the next run gives %d, and %llu arrived", n, next, arrived());
		}
	}
	if (sock.fd >= 0)
		close_socket();
	n -= 2;		/* the last one was untouched */
	sites += n;
	ok(!wrong && !hit && by[0] >= least && n > 3, "L05, H4: %s, batch %u: %u sites failed: %u ENOMEM, %u EFAULT, %u without effect",
	   verdicts[v].name, batch, n, by[0], by[1], by[2] - 1);
}

static void knob(const char *fault, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", fault, name);
	write_file(path, value);
}

int main(void)
{
	static const __u32 batches[] = { 1, 64, 256 };
	int fd = open("/proc/self/fail-nth", O_RDWR);
	long available, slab;
	unsigned int v, b;

	if (fd < 0) {
		if (!access("/sys/kernel/debug/kmemleak", F_OK))
			die("the debug kernel has no fail-nth");
		puts("1..0 # SKIP this kernel cannot inject faults, CONFIG=debug can");
		return 0;
	}
	prepare();
	/* Allocations that may wait, too; and no call trace for each of them */
	knob("failslab", "ignore-gfp-wait", "N");
	knob("failslab", "verbose", "0");
	knob("fail_page_alloc", "ignore-gfp-wait", "N");
	knob("fail_page_alloc", "min-order", "0");
	knob("fail_page_alloc", "verbose", "0");
	knob("fail_usercopy", "verbose", "0");

	settle();
	available = meminfo("MemAvailable:");
	slab = meminfo("Slab:");
	for (v = 0; v < ARRAY_SIZE(verdicts); v++)
		for (b = 0; b < ARRAY_SIZE(batches); b++)
			sweep(fd, v, batches[b]);
	settle();
	available -= meminfo("MemAvailable:");
	slab = meminfo("Slab:") - slab;
	/* A page left by each run would be 20 MB. kmemleak looks for less when the guest ends, but not for pages. */
	ok(available < 8 << 10 && slab < 8 << 10, "L19: available memory %ld kB less, slab %ld kB more", available, slab);
	available = now_ms();
	ok(!sh("ip link del v0") && now_ms() - available < PATIENCE_MS, "L20: the device can be deleted, in %llu ms", now_ms() - available);
	diag("%u sites failed in %u runs", sites, runs);
	rmdir(TRACE);
	return done();
}
