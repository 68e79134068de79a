// SPDX-License-Identifier: GPL-2.0-only
/* Lessons that the kernel's selftest does not cover, and the accounting of all verdicts. */
#define _GNU_SOURCE
#include <signal.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "looker.h"

static __u32 many = 50000;

/* --- Tests */

static const struct {
	const char *name;
	int verdict, how, where;	/* where: 0 XDP at v1, 1 TC at v0, 2 the socket, -1 nowhere */
} verdicts[] = {
	{ "ABORTED", XDP_ABORTED, 0, -1 },
	{ "DROP", XDP_DROP, 0, -1 },
	{ "PASS", XDP_PASS, 0, 1 },
	{ "TX", XDP_TX, 0, 0 },
	{ "REDIRECT to ifindex", XDP_REDIRECT, BY_IFINDEX, 0 },
	{ "REDIRECT by DEVMAP", XDP_REDIRECT, BY_DEVMAP, 0 },
	{ "REDIRECT by DEVMAP_HASH", XDP_REDIRECT, BY_DEVMAP_HASH, 0 },
	{ "REDIRECT by CPUMAP", XDP_REDIRECT, BY_CPUMAP, 1 },
	{ "REDIRECT by XSKMAP", XDP_REDIRECT, BY_XSKMAP, 2 },
	{ "all five in turn", MIX, BY_DEVMAP, 0 },
};

static __u64 accounted;

/* The frames asked for are those passed, transmitted, redirected, dropped, aborted and failed; each is counted at its far end. */
static void account(int v, __u32 frames, __u32 batch)
{
	struct run run = run_of(frames, batch, V0);
	struct totals t = {};
	__u64 *sent = skel->bss->sent, expected;
	bool good;
	int i, err;

	start(verdicts[v].verdict, verdicts[v].how);
	clear_trace();
	if (verdicts[v].how == BY_XSKMAP)
		open_socket();
	err = live(&run);
	good = !err && !run.ran;
	good &= traced(&t) && t.frames == frames && !t.failed && !t.err && skel->bss->seq == frames;
	for (i = 0; i < 5; i++)
		good &= t.act[i] == sent[i];
	expected = sent[XDP_PASS] + sent[XDP_TX] + sent[XDP_REDIRECT];
	if (verdicts[v].how == BY_XSKMAP) {
		read_socket();
		close_socket();
	}
	good &= wait_for(expected);
	if (verdicts[v].verdict == MIX)
		good &= skel->bss->arrived[1] == sent[XDP_PASS];
	else if (verdicts[v].where == 1)
		good &= skel->bss->arrived[1] == frames;
	else
		good &= !skel->bss->arrived[1];
	accounted += frames;
	if (!ok(good, "accounting, L04: %u frames, %s, batch %u", frames, verdicts[v].name, batch))
		diag("err %d, retval %u, %u ns; traced %u frames: aborted %u dropped %u passed %u transmitted %u "
		     "redirected %u failed %u; ran %llu; arrived %llu at XDP, %llu at TC, no room for %llu, altered %llu", err, run.ran, run.ns,
		     t.frames, t.act[0], t.act[1], t.act[2], t.act[3], t.act[4], t.failed, skel->bss->seq,
		     skel->bss->arrived[0], skel->bss->arrived[1], ring_full() - full_before, skel->bss->altered);
}

static void accounting(void)
{
	static const __u32 batches[] = { 1, 64, 256 };
	unsigned int v, b;

	for (v = 0; v < ARRAY_SIZE(verdicts); v++)
		for (b = 0; b < ARRAY_SIZE(batches); b++)
			account(v, 1500, batches[b]);
}

/* Pages are used again and again, after frames that were passed, sent and dropped. */
static void recycled(void)
{
	diag("L09: pages that are used again");
	account(2, 100000, 64);
	account(9, 100000, 64);
}

/* A pool that leaks, leaks a page at least: 280 MB, or 70 MB if only one verdict leaks; a seventh of that on the debug kernel. */
static void many_runs(void)
{
	long limit = 8 << 10, available = 0, slab = 0;
	__u32 i, n = debug ? 10000 : 70000;
	int err = 0;

	start(0, BY_IFINDEX);
	skel->bss->to_ifindex = 4711;		/* there is no such device */
	for (i = 0; i < n + 2000 && !err; i++) {
		struct run run = run_of(1, 0, V0);

		if (i == 2000) {	/* warm now */
			settle();
			available = meminfo("MemAvailable:");
			slab = meminfo("Slab:");
		}
		skel->bss->verdict = XDP_DROP + i % 4;		/* DROP, PASS, TX, a REDIRECT that fails */
		err = live(&run);
	}
	settle();
	available -= meminfo("MemAvailable:");
	slab = meminfo("Slab:") - slab;
	ok(!err && available < limit && slab < limit, "L07: %u runs of one frame, available memory %ld kB less, slab %ld kB more",
	   n, available, slab);
}

/* The program reads memory that somebody else wrote before. */
static void old_memory(void)
{
	size_t size = 256 << 20;
	int fd = open_tap(1000), n, err;
	struct run run;
	pid_t pid;
	char *mem;

	pid = fork();
	if (!pid) {
		mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(mem, 0xaa, size);
		_exit(0);
	}
	waitpid(pid, NULL, 0);

	start(0, 0);
	clear_trace();
	skel->bss->to_ifindex = if_nametoindex("tap0");
	run = run_of(900, 0, LO);
	run.prog = bpf_program__fd(skel->progs.rooms);
	err = live(&run);
	n = read_tap(fd, false);
	ok(!err && skel->bss->seq == 900 && n == 900 && !skel->bss->dirty && wait_for_pools(1),
	   "W13: head- and tailroom of 900 fresh pages read zero (%llu do not, %d frames)", skel->bss->dirty, n);
	close(fd);
}

/* Short runs end while the reader still has their pages, on the other CPU. */
static void returned_elsewhere(void)
{
	__u32 runs = debug ? 1000 : 3000, i, frames = 0;
	volatile __u32 *progress;
	cpu_set_t cpu;
	int fd, err = 0, overtaken = 0;
	pid_t pid;

	progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = open_tap(4000);
	start(XDP_REDIRECT, BY_IFINDEX);
	skel->bss->to_ifindex = if_nametoindex("tap0");
	clear_trace();
	pid = fork();
	if (!pid) {
		struct pollfd p = { fd, POLLIN };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CPU_ZERO(&cpu);
		CPU_SET(1, &cpu);
		sched_setaffinity(0, sizeof(cpu), &cpu);
		for (;;) {
			progress[0] += read_tap(fd, true);
			poll(&p, 1, 1000);
			usleep(1000);		/* so that runs end with frames in the ring */
		}
	}
	for (i = 0; i < runs && !err; i++) {
		struct run run = run_of(1 + i % 8, 1 + i % 3, LO);

		while (frames - progress[0] > 3000)
			usleep(1000);
		err = live(&run);
		frames += run.repeat;
		overtaken += progress[0] < frames;
	}
	for (i = 0; i < 300 && progress[0] < frames; i++)
		usleep(10000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* The reader's marks are in memory that is shared with the map. */
	ok(!err && progress[0] == frames && seen() == frames && !skel->bss->altered,
	   "L16, H3: %u short runs into a tap with a concurrent reader, %u of %u frames intact", runs, progress[0], frames);
	ok(overtaken > 50 && pools_gone() == runs && trace(" page_pool_release:", NULL, 0) == runs,
	   "L16: %d of %u runs ended before their frames were read, none of the pools had to wait for that", overtaken, runs);
	close(fd);
	accounted += frames;
}

static void parked(bool drain)
{
	const char *what = drain ? "the reader drains" : "the tap is closed";
	int fd = open_tap(1000), err, n = 300;
	struct run run = run_of(300, 0, LO);

	start(XDP_REDIRECT, BY_IFINDEX);
	skel->bss->to_ifindex = if_nametoindex("tap0");
	clear_trace();
	err = live(&run);
	ok(!err && skel->bss->seq == 300 && pools_gone() == 1, "L25: 300 frames parked in an unread tap, the run has ended, and its pool");
	if (drain)
		n = read_tap(fd, true);
	else
		close(fd);
	ok(n == 300 && (!drain || (seen() == 300 && !skel->bss->altered)), "L25: %s, %s", what, drain ? "frames intact" : "no complaint");
	if (drain)
		close(fd);
}

static void parked_drained(void)
{
	parked(true);
}

static void parked_closed(void)
{
	parked(false);
}

/* The peer's program has the room in front of the packet that the run's program had: it knows where the buffer starts. */
static void peers_headroom(void)
{
	int descriptor = 2 * sizeof(void *) + 16;	/* struct xdp_frame: nothing can be moved into it */
	struct run run = run_of(200, 0, V0);
	int err;

	start(XDP_TX, 0);
	skel->bss->grow = 256 - descriptor;
	skel->bss->not_grow = skel->bss->grow + 1;
	err = live(&run);
	ok(!err && wait_for(200), "L08: the peer's program finds %d bytes of headroom, and no more", skel->bss->grow);
	skel->bss->grow = 0;
}

/* The target that the run's last program looked up is not there for the next program on this CPU, that of v1, which redirects
 * without one: its frame would come again.
 */
static void stale_target(void)
{
	static const char *const helpers[] = { "bpf_redirect()", "bpf_redirect_map()" };
	int i, err;

	for (i = 0; i < 2; i++) {
		struct run run = run_of(10, 0, V0);

		start(XDP_TX, 0);
		skel->bss->look_up = 1 + i;
		skel->data->far_verdict = XDP_REDIRECT;
		err = live(&run);
		usleep(50000);
		ok(!err && wait_for(10), "L15, H2: %s without use, and v1's program has no target: %llu of 10 frames arrived", helpers[i],
		   arrived());
		skel->bss->look_up = 0;
		skel->data->far_verdict = XDP_DROP;
	}
}

/* ABORTED and invalid verdicts belong into the tracepoint, not into the log. */
static void silent(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), err, n = 0;
	struct run run = run_of(100, 0, V0);
	char line[1024] = "";
	ssize_t len;

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		die("/dev/kmsg");
	/* By mainline's rules an unknown verdict is warned of, once */
	if (getenv("RULES")) {
		start(17, 0);
		live(&run);
		while (read(fd, line, sizeof(line) - 1) > 0)
			;
	}
	start(XDP_ABORTED, 0);
	err = live(&run);
	start(17, 0);
	err = live(&run) ?: err;
	while ((len = read(fd, line, sizeof(line) - 1)) > 0) {
		line[len] = 0;
		n += !!strstr(line, "XDP");
	}
	ok(!err && !n, "W05: ABORTED and an unknown verdict print nothing (%d lines)", n);
	close(fd);
}

/* Another task on the CPU of a run gets it between two batches, whatever the preemption model. */
static void preempted(void)
{
	volatile struct { unsigned int woken, ran; } *other = (void *)(shared + 1);
	struct run run = run_of(100000, 256, V0);
	cpu_set_t cpu;
	pid_t pid;
	int err;

	start(XDP_DROP, 0);
	err = live(&run);
	/* A second, by what a frame took */
	run.repeat = 1000000000 / (run.ns ?: 1);
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	other->woken = other->ran = 0;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;; other->woken++)
			usleep(1000);
	}
	usleep(20000);
	other->ran = other->woken;
	err = live(&run) ?: err;
	other->ran = other->woken - other->ran;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CPU_SET(1, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	ok(!err && other->ran > 20, "H9: a task on the run's CPU was woken %u times while %u frames were dropped", other->ran, run.repeat);
}

/* Grace periods end beside a long run, plain or live. */
static void grace_periods(void)
{
	unsigned long long begin, took;
	int plain, status;
	pid_t pid;

	for (plain = 0; plain < 2; plain++) {
		start(XDP_DROP, 0);
		pid = fork();
		if (!pid) {
			struct run run = run_of(-1, 0, V0);

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (plain)
				plain_run(&run);
			else
				live(&run);
			_exit(0);
		}
		usleep(300000);
		alarm(60);			/* a failure: the test ends without its plan */
		begin = now_ms();
		if (syscall(__NR_membarrier, 1 /* MEMBARRIER_CMD_GLOBAL */, 0, 0))
			die("membarrier");
		took = now_ms() - begin;
		alarm(0);
		status = waitpid(pid, NULL, WNOHANG);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ok(!status && took < 10000, "M1: a grace period ends in %llu ms beside a %s run without end", took, plain ? "plain" : "live");
	}
}

/* Devices that neither IPv4 nor IPv6 will have */
static void small_mtu(void)
{
	static const __u8 types[][2] = { { 0x08, 0x00 }, { 0x86, 0xdd } };
	__u8 ip[FRAME_LEN] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	struct run run = run_of(10000, 0, 112);
	struct totals t = {};
	unsigned int i;
	int err;

	/* look_xdp passes what it does not know; veth's MTU cannot be that small */
	if (sh("ip link add d0 index 112 type dummy; ip link set d0 mtu 60 up"))
		die("mtu");
	run.prog = bpf_program__fd(skel->progs.look_xdp);
	run.data = ip;
	for (i = 0; i < 2; i++) {
		memcpy(ip + 12, types[i], 2);
		memcpy(ip + 14, i ? "\x60\0\0\0\0\x0a\x11\x40" : "\x45\0\0\x32\0\1\0\0\x40\x11\xee\x92\xc6\x12\0\1\xc6\x12\0\2", i ? 8 : 20);
		memcpy(ip, i ? "\x33\x33\0\0\0\1" : "\xff\xff\xff\xff\xff\xff", 6);
		clear_trace();
		err = live(&run);
		ok(!err && traced(&t) && t.act[XDP_PASS] == 10000, "L24: 10000 IPv%d frames PASSed on a device with an MTU of 60",
		   i ? 6 : 4);
	}
	sh("ip link del d0");
}

static void on_signal(int sig)
{
}

static void child_run(struct run run, int *out)
{
	struct sigaction action = { .sa_handler = on_signal };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGINT, &action, NULL);
	*out = live(&run);
	shared->ran = run.ran;
	_exit(0);
}

static void interrupted(void)
{
	int *err = (int *)(shared + 1);
	pid_t pid;

	start(XDP_TX, 0);
	clear_trace();
	*err = 1;
	pid = fork();
	if (!pid)
		child_run(run_of(-1, 0, V0), err);
	/* In mid-run; what it still sends before it sees the signal must be less than MAX_SEQ. */
	while (*(volatile __u64 *)&skel->bss->seq < 20000 && !waitpid(pid, NULL, WNOHANG))
		usleep(1000);
	kill(pid, SIGINT);
	waitpid(pid, NULL, 0);
	ok(*err == -EINTR && shared->ran >= 20000 && wait_for(shared->ran),
	   "W06: SIGINT in mid-run: %d, retval %u, %llu frames at the far end", *err, shared->ran, skel->bss->arrived[0]);
}

/* A descriptor is handed to somebody without rights over the namespace. */
static void no_rights(void)
{
	struct run run = run_of(3, 0, V0), own = run_of(3, 0, LO);
	int status, *said = (int *)(shared + 1);
	union bpf_attr plain = {};
	struct totals t = {};
	pid_t pid;

	/* Otherwise the system call itself is refused. */
	if (access("/proc/sys/kernel/unprivileged_bpf_disabled", F_OK) == 0)
		sh("echo 0 > /proc/sys/kernel/unprivileged_bpf_disabled");
	plain.test.prog_fd = run.prog;
	plain.test.data_in = (unsigned long)&packet;
	plain.test.data_size_in = sizeof(packet);
	start(XDP_TX, 0);
	clear_trace();
	memset(said, 1, 7 * sizeof(int));
	pid = fork();
	if (!pid) {
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(1);
		said[0] = sys_bpf(BPF_PROG_RUN, &plain, sizeof(plain));
		said[1] = live(&run);
		said[2] = unshare(CLONE_NEWUSER) ? -errno : 0;
		said[3] = live(&run);
		said[4] = unshare(CLONE_NEWNET) ? -errno : 0;
		said[5] = live(&run);
		said[6] = live(&own);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(!status && !said[0], "W10: nobody may do a plain run with an inherited descriptor (%d)", said[0]);
	ok(said[1] == -EPERM, "W10: nobody may not do a live run with it (%d)", said[1]);
	ok(!said[2] && said[3] == -EPERM, "W10: nor from an own user namespace (%d, %d)", said[2], said[3]);
	ok(!said[4] && said[5] == -ENODEV, "W10: from an own network namespace, the device is not there (%d, %d)", said[4], said[5]);
	ok(!said[6] && traced(&t) && t.failed == 3 && !skel->bss->arrived[0],
	   "W10: over there it may, and nothing arrives here (%d)", said[6]);
}

/* Two CPUs, one socket */
static void one_socket(void)
{
	struct lessons_bpf *other = lessons_bpf__open_and_load();
	__u32 n = 1500, key = 0;
	int status = -1, err;
	cpu_set_t cpu;
	struct run run;
	pid_t pid;

	start(XDP_REDIRECT, BY_XSKMAP);
	open_socket();
	if (!other)
		die("second object");
	other->bss->verdict = XDP_REDIRECT;
	other->bss->how = BY_XSKMAP;
	other->bss->seq = n;
	if (bpf_map_update_elem(bpf_map__fd(other->maps.xskmap), &key, &sock.fd, 0))
		die("xskmap");
	run = run_of(n, 8, V0);
	pid = fork();
	CPU_ZERO(&cpu);
	CPU_SET(!pid, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	if (!pid) {
		run.prog = bpf_program__fd(other->progs.send);
		_exit(live(&run) != 0);
	}
	err = live(&run);
	waitpid(pid, &status, 0);
	CPU_SET(0, &cpu);
	CPU_SET(1, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	read_socket();
	close_socket();
	lessons_bpf__destroy(other);
	ok(!err && !status && seen() == 2 * n && !skel->bss->altered, "W04: two runs at once into one socket, each of %u frames once", 2 * n);
	accounted += 2 * n;
}

/* The threads of a cpumap, one for each CPU, redirect into one socket. */
static void one_socket_by_cpumap(void)
{
	struct bpf_cpumap_val to = { .qsize = 2048, .bpf_prog.fd = bpf_program__fd(skel->progs.to_socket) }, plain = { .qsize = 2048 };
	int map = bpf_map__fd(skel->maps.cpumap), i, err = 0;
	__u32 n = 1500, rounds = 10, got = 0, keys[] = { 0, 1 };
	unsigned long long end;
	struct run run;

	if (bpf_map_update_elem(map, &keys[0], &to, 0) || bpf_map_update_elem(map, &keys[1], &to, 0))
		die("cpumap");
	start(XDP_REDIRECT, BY_CPUS);
	open_socket();
	for (i = 0; i < rounds && !err && got == i * n; i++) {
		run = run_of(n, 64, V0);
		err = live(&run);
		for (end = now_ms() + PATIENCE_MS; arrived() < (i + 1) * n && now_ms() < end; usleep(1000))
			read_socket();
		got = arrived();
	}
	close_socket();
	bpf_map_delete_elem(map, &keys[1]);
	bpf_map_update_elem(map, &keys[0], &plain, 0);
	ok(!err && got == rounds * n && seen() == got && !skel->bss->altered,
	   "W04: programs of a cpumap into one socket from two CPUs, %u of %u frames, each once", got, rounds * n);
	accounted += got;
}

/* Frames cross on the veth pair, from both ends, on both CPUs. */
static void cross_traffic(void)
{
	static const int kinds[] = { 2, 3, 4 };
	struct lessons_bpf *other = lessons_bpf__open_and_load();
	struct run run, back;
	unsigned long long end;
	unsigned int i;
	pid_t pid;
	bool good;
	int err;

	if (!other || attach_xdp(V0, bpf_program__fd(other->progs.look_xdp), DRV_MODE))
		die("XDP at v0");
	other->bss->verdict = XDP_TX;
	/* A frame that v1 sends back: lockdep must know that the ring's lock is taken in softirqs. */
	start(XDP_TX, 0);
	skel->data->far_verdict = XDP_TX;
	run = run_of(1, 0, V0);
	err = live(&run);
	if (err || !wait_for(1))
		die("a frame that comes back");
	usleep(20000);
	skel->data->far_verdict = XDP_DROP;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		start(verdicts[kinds[i]].verdict, verdicts[kinds[i]].how);
		clear_trace();
		memset(other->bss->arrived, 0, sizeof(other->bss->arrived));
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			back = run_of(-1, 0, V1);
			back.prog = bpf_program__fd(other->progs.send);
			_exit(live(&back) != -EINTR);
		}
		/* A run this short may be over before the other one has begun */
		for (end = now_ms() + PATIENCE_MS; !*(volatile __u64 *)other->bss->arrived && now_ms() < end;)
			usleep(1000);
		run = run_of(many, 0, V0);
		err = live(&run);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		good = wait_for(many);
		ok(!err && skel->bss->seq == many && good && other->bss->arrived[0] > 1000 && !other->bss->altered,
		   "L01: %u frames, %s, against %llu from the other end, %llu dropped by the full ring", many,
		   verdicts[kinds[i]].name, other->bss->arrived[0], ring_full() - full_before);
		accounted += many;
	}
	attach_xdp(V0, -1, DRV_MODE);
	lessons_bpf__destroy(other);
}

/* The cpumap's thread may still have frames when their device goes. */
static void cpumap_device_gone(void)
{
	int i, err = 0;

	for (i = 0; i < 5 && !err; i++) {
		struct run run = run_of(500, 0, 110);

		if (sh("ip link add v2 index 110 type veth peer v3; ip link set v2 up"))
			die("v2");
		start(XDP_REDIRECT, BY_CPUMAP);
		err = live(&run) ?: sh("ip link del v2");
	}
	ok(!err && i == 5, "H8: the device is deleted right after a run into a cpumap, 5 times");
}

static void on_cpu(int n)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(n, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		die("CPU %d", n);
}

static void on_all_cpus(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	CPU_SET(1, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* Nothing is received by a device that is down, and the run goes on. */
static void device_down(void)
{
	unsigned int v;

	for (v = 0; v < ARRAY_SIZE(verdicts); v++) {
		struct run run = run_of(300, 64, V0);
		struct totals t = {};
		bool good;
		int err;

		if (verdicts[v].verdict == MIX || verdicts[v].verdict == XDP_DROP)
			continue;
		start(verdicts[v].verdict, verdicts[v].how);
		clear_trace();
		if (verdicts[v].how == BY_XSKMAP)
			open_socket();
		if (sh("ip link set v0 down"))
			die("v0 down");
		err = live(&run);
		usleep(20000);
		if (verdicts[v].how == BY_XSKMAP) {
			read_socket();
			close_socket();
		}
		good = !err && traced(&t) && t.failed == 300 && !arrived();
		ok(good, "R3: %s, device down: %u of 300 failed, %llu arrived (%d)",
		   verdicts[v].name, t.failed, arrived(), err);
		if (sh("ip link set v0 up"))
			die("v0 up");
	}
}

/* The frames that a run sent to a socket are there when it ends, whatever another CPU does. */
static void published(void)
{
	int tries, err = 0, status = 0;
	__u32 got = 0, at;
	__u64 busy = 0;
	pid_t pid;

	for (tries = 0; tries < 5 && !busy; tries++) {
		struct run run = run_of(1, 1, V0), other = run_of(256, 256, V0);

		start(XDP_REDIRECT, BY_XSKMAP);
		open_socket();
		skel->bss->slow_ran = 0;
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			on_cpu(1);
			other.prog = bpf_program__fd(skel->progs.slow);
			_exit(live(&other) != 0);
		}
		on_cpu(0);
		while (!*(volatile __u64 *)&skel->bss->slow_ran && !waitpid(pid, &status, WNOHANG))
			;
		err = live(&run);
		got = __atomic_load_n(sock.rx.producer, __ATOMIC_ACQUIRE) != sock.rx.next;
		busy = *(volatile __u64 *)&skel->bss->slow_ran < 256;
		waitpid(pid, &status, 0);
		on_all_cpus();
		give_back(&sock.rx, peek(&sock.rx, SLOTS, &at));
		close_socket();
	}
	ok(!err && !status && busy && got, "R6: a frame is there at the end of its run, in the midst of another CPU's batch: %u (%d)",
	   got, err);
}

/* Packets as large as the page allows, and one byte larger (ARCH=arm64 CONFIG=64k: 64 KiB). */
static int sized(__u32 len, __u32 meta_len, __u32 flags, __u32 ctx_len, __u32 attr_len)
{
	static __u8 data[1 << 17], ctx[1 << 17], attrs[1 << 17];
	union bpf_attr *attr = (void *)attrs;
	struct xdp_md *md = (void *)ctx;

	memset(attrs, 0, sizeof(*attr));
	md->data = meta_len;
	md->data_end = len;
	attr->test.prog_fd = bpf_program__fd(skel->progs.send);
	attr->test.data_in = (unsigned long)data;
	attr->test.data_size_in = len;
	attr->test.ctx_in = (unsigned long)ctx;
	attr->test.ctx_size_in = ctx_len;
	attr->test.repeat = 3;
	attr->test.flags = flags;
	return sys_bpf(BPF_PROG_RUN, attr, attr_len);
}

static void page_sizes(void)
{
	__u32 page = sysconf(_SC_PAGESIZE), live = page - 256 - SKB_TAIL, plain = 4096 - 256 - SKB_TAIL;
	const struct {
		const char *what;
		__u32 len, meta_len, flags, ctx_len, attr_len;
		int err;
	} cases[] = {
		{ "live, the largest packet", live, 0, LIVE, 24, sizeof(union bpf_attr), 0 },
		{ "live, a byte more", live + 1, 0, LIVE, 24, sizeof(union bpf_attr), -EINVAL },
		{ "live, the largest packet, 32 of it metadata", live, 32, LIVE, 24, sizeof(union bpf_attr), 0 },
		{ "live, a byte more, with metadata", live + 1, 32, LIVE, 24, sizeof(union bpf_attr), -EINVAL },
		{ "live, a page", page, 0, LIVE, 24, sizeof(union bpf_attr), -EINVAL },
		{ "plain, the largest packet", plain, 0, 0, 24, sizeof(union bpf_attr), 0 },
		{ "plain, a byte more", plain + 1, 0, 0, 24, sizeof(union bpf_attr), -EMSGSIZE },
		{ "context of a page", 64, 0, LIVE, page, sizeof(union bpf_attr), 0 },
		{ "context of a page, a byte more", 64, 0, LIVE, page + 1, sizeof(union bpf_attr), -E2BIG },
		{ "attributes of a page", 64, 0, LIVE, 24, page, 0 },
		{ "attributes of a page, a byte more", 64, 0, LIVE, 24, page + 1, -E2BIG },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int err;

		start(XDP_DROP, 0);
		err = sized(cases[i].len, cases[i].meta_len, cases[i].flags, cases[i].ctx_len, cases[i].attr_len);
		ok(err == cases[i].err && skel->bss->seq == (err ? 0 : 3), "L18: pages of %u: %s, %d, %llu runs", page,
		   cases[i].what, err, skel->bss->seq);
	}
}

/* Calls that are refused, many times: they leak nothing and hold no device. */
static void refused(void)
{
#define A(member, value) false, offsetof(union bpf_attr, test.member), sizeof(((union bpf_attr *)0)->test.member), value
#define M(member, value) true, offsetof(struct xdp_md, member), 4, value
	static char room[4096];
	static const struct {
		const char *what;
		int err;
		bool md;
		unsigned int at, size;
		__u64 value;
		bool plain;
	} rows[] = {
		{ "unknown flag", -EINVAL, A(flags, LIVE | 1 << 2) },
		{ "batch_size without the flag", -EINVAL, A(flags, 0) },
		{ "batch_size", -E2BIG, A(batch_size, 257) },
		{ "cpu", -EINVAL, A(cpu, 1) },
		{ "data_out", -EINVAL, A(data_out, (unsigned long)room) },
		{ "ctx_out", -EINVAL, A(ctx_out, (unsigned long)room) },
		{ "no packet", -EINVAL, A(data_size_in, 0) },
		{ "data_in", -EFAULT, A(data_in, 4096) },
		{ "ctx_in", -EFAULT, A(ctx_in, 4096) },
		{ "bytes after the context", -E2BIG, A(ctx_size_in, sizeof(struct xdp_md) + 4) },
		{ "program", -EBADF, A(prog_fd, 1000000) },
		{ "metadata of 3 bytes", -EINVAL, M(data, 3) },
		{ "metadata of 36 bytes", -EINVAL, M(data, 36) },
		{ "data_meta", -EINVAL, M(data_meta, 4) },
		{ "data_end", -EINVAL, M(data_end, sizeof(packet) + 1) },
		{ "device", -ENODEV, M(ingress_ifindex, 4711) },
		{ "no device, but a queue", -EINVAL, M(ingress_ifindex, 0) },
		{ "queue", -EINVAL, M(rx_queue_index, 99) },
		{ "egress_ifindex", -EINVAL, M(egress_ifindex, V0) },
		/* Plain runs hold the device. This is the only input that is found to be bad so late. */
		{ "queue, plain", -EINVAL, M(rx_queue_index, 99), true },
		{ "data_out, plain", -EFAULT, A(data_out, 4096), true },
	};
	unsigned long long idle, took;
	unsigned int i, n, busy, wrong = 0;
	long available, slab;

	setup("ip link add idle0 numrxqueues 2 type dummy; ip link add busy0 numrxqueues 2 type dummy");
	busy = if_nametoindex("busy0");
	settle();
	available = meminfo("MemAvailable:");
	slab = meminfo("Slab:");
	start(XDP_DROP, 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (n = 0; n < 10000; n++) {
			struct { struct xdp_md md; __u32 tail; } ctx = {
				.md.data_end = sizeof(packet), .md.ingress_ifindex = busy, .md.rx_queue_index = 1, .tail = 1,
			};
			union bpf_attr attr = {
				.test.prog_fd = bpf_program__fd(skel->progs.send), .test.repeat = 1,
				.test.batch_size = rows[i].plain ? 0 : 64, .test.flags = rows[i].plain ? 0 : LIVE,
				.test.data_in = (unsigned long)&packet, .test.data_size_in = sizeof(packet),
				.test.ctx_in = (unsigned long)&ctx, .test.ctx_size_in = sizeof(ctx.md),
			};
			__u32 narrow = rows[i].value;

			memcpy((rows[i].md ? (char *)&ctx : (char *)&attr) + rows[i].at,
			       rows[i].size == 8 ? (void *)&rows[i].value : &narrow, rows[i].size);
			wrong += sys_bpf(BPF_PROG_RUN, &attr, sizeof(attr)) != rows[i].err;
		}
		if (wrong) {
			diag("refused otherwise, or not: %s", rows[i].what);
			break;
		}
	}
	settle();
	available -= meminfo("MemAvailable:");
	slab = meminfo("Slab:") - slab;
	/* 10,000 contexts are 320 kB, 10,000 packets 640 kB. */
	ok(!wrong && skel->bss->seq == 10000 && available < 8 << 10 && slab < 256,
	   "L19: %zu inputs are refused, each 10000 times; available memory %ld kB less, slab %ld kB more", ARRAY_SIZE(rows),
	   available, slab);

	/* A second, and more on a machine so slow that a device which was not used takes long, too. */
	idle = now_ms();
	setup("ip link del idle0");
	took = now_ms();
	idle = took - idle;
	setup("ip link del busy0");
	took = now_ms() - took;
	ok(took < 1000 + 3 * idle, "L20: the device they named is deleted in %llu ms, one that was not used in %llu ms",
	   took, idle);
}

/* ONLY=L15 in the environment runs what has that in its name. */
static const struct {
	const char *name;
	void (*test)(void);
} tests[] = {
	{ "accounting, L04, W14", accounting },
	{ "L09", recycled },
	{ "L07", many_runs },
	{ "W13", old_memory },
	{ "L16, H3", returned_elsewhere },
	{ "L25, drained", parked_drained },
	{ "L25, closed", parked_closed },
	{ "L08", peers_headroom },
	{ "L15, H2", stale_target },
	{ "W05", silent },
	{ "H9", preempted },
	{ "M1", grace_periods },
	{ "L24", small_mtu },
	{ "W06", interrupted },
	{ "W10", no_rights },
	{ "W04", one_socket },
	{ "W04, cpumap", one_socket_by_cpumap },
	{ "L01", cross_traffic },
	{ "H8", cpumap_device_gone },
	{ "R3", device_down },
	{ "R6", published },
	{ "L18", page_sizes },
	{ "L19, L20", refused },
};

int main(void)
{
	unsigned int i;

	if (getenv("FRAMES"))
		many = atoi(getenv("FRAMES"));
	prepare();
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (wanted(tests[i].name))
			tests[i].test();
	diag("%llu frames accounted for", (unsigned long long)accounted);
	if (sh("ip link del v0"))
		die("ip link del");
	rmdir(TRACE);
	return done();
}
