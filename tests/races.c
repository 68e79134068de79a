// SPDX-License-Identifier: GPL-2.0-only
/* Live runs on every CPU, while what they use is changed, moved or taken away: each race for a bounded time.
 * A run may end only in the ways listed, no change may wait for a run, and afterwards everything works.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "looker.h"

#define WORKERS 8
#define REMOVALS 3			/* of which the median counts */
#define TOO_LONG_MS 120000		/* for what would otherwise take for ever */

/* In shared memory */
static struct counters {
	volatile int stop;
	volatile unsigned long runs, frames, ended[3];	/* how: ENODEV, EINTR, anything else */
	volatile int odd;				/* an errno that nobody expected */
} *counters;

static pid_t workers[WORKERS];
static int cpus;
static unsigned long all_runs, all_changes;

static void on_signal(int sig)
{
}

/* What the workers do: short runs; runs without end, until the device goes; or no live runs at all, to compare with. */
enum kind { SHORT, ENDLESS, PLAIN };

static void work(int cpu, struct counters *my, enum kind kind)
{
	static const int verdicts[] = { XDP_PASS, XDP_TX, XDP_REDIRECT, MIX };
	struct sigaction action = { .sa_handler = on_signal };
	unsigned int i;
	cpu_set_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGALRM, &action, NULL);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (i = 0; !my->stop; i++) {
		struct run run = run_of(1 + i * 37 % 900, i % 3 * 128, i % 4 ? V0 : LO);
		int err;

		/* Both workers share the program; which of them decides does not matter. */
		skel->bss->verdict = verdicts[i / 8 % 4];
		skel->bss->how = i % 5;
		if (kind == ENDLESS && run.md.ingress_ifindex == V0)
			run.repeat = -1;
		if (kind == PLAIN)
			err = plain_run(&run);
		else
			err = live(&run);
		if (my->stop && err == -EINTR)	/* this is how an endless run is stopped */
			break;
		my->runs++;
		my->frames += err ? run.ran : run.repeat;
		if (err == -ENODEV) {
			my->ended[0]++;
			usleep(1000);
		} else if (err == -EINTR) {
			my->ended[1]++;
		} else if (err) {
			my->ended[2]++;
			my->odd = err;
		}
	}
	_exit(0);
}

static void attach_far_end(void)
{
	int ifindex = if_nametoindex("v1");

	if (ifindex)
		attach_xdp(ifindex, bpf_program__fd(skel->progs.look_xdp), DRV_MODE);
}

static void fill_maps(void)
{
	struct bpf_devmap_val dev = { .ifindex = V0 };
	struct bpf_cpumap_val cpu = { .qsize = 512 };
	__u32 key = 0;

	/* They may fail: there may be no device now. */
	bpf_map_update_elem(bpf_map__fd(skel->maps.devmap), &key, &dev, 0);
	bpf_map_update_elem(bpf_map__fd(skel->maps.devmap_hash), &key, &dev, 0);
	bpf_map_update_elem(bpf_map__fd(skel->maps.cpumap), &key, &cpu, 0);
}

/* --- What is done to them. Return: ms it took to take something away, or 0 */

static unsigned long long timed(const char *line)
{
	unsigned long long start = now_ms();

	alarm(TOO_LONG_MS / 1000);
	if (sh("%s", line))
		die("%s", line);
	alarm(0);
	return now_ms() - start;
}

static const char add[] = "ip link add v0 index 100 type veth peer name v1 index 101; ip link set v1 up; ip link set v0 up";

static unsigned long long device_removed(unsigned int i)
{
	unsigned long long ms = timed("ip link del v0");

	setup(add);
	attach_far_end();
	fill_maps();
	return ms;
}

static unsigned long long device_renamed(unsigned int i)
{
	return timed("ip link set v0 down; ip link set v0 name w0; ip link set w0 up\n"
		     "ip link set w0 down; ip link set w0 name v0; ip link set v0 up") / 2;
}

static unsigned long long device_moved(unsigned int i)
{
	char line[200];
	unsigned long long ms = timed("ip link set v0 netns races");

	snprintf(line, sizeof(line), "ip -n races link set v0 netns %d; ip link set v0 up", getpid());
	setup(line);
	fill_maps();
	return ms;
}

static unsigned long long namespace_deleted(unsigned int i)
{
	unsigned long long ms;

	setup("ip link del v0; ip netns add races-far\n"
	      "ip link add v0 index 100 type veth peer name v1 netns races-far\n"
	      "ip -n races-far link set v1 up; ip link set v0 up");
	fill_maps();
	usleep(50000);
	ms = now_ms();
	timed("ip netns del races-far");
	/* The command does not wait: v1 goes with its namespace, and v0 with v1. */
	while (if_nametoindex("v0"))
		if (usleep(1000) || now_ms() - ms > TOO_LONG_MS)
			die("v0 is still there %d s after the namespace of v1", TOO_LONG_MS / 1000);
	ms = now_ms() - ms;
	setup(add);
	attach_far_end();
	fill_maps();
	return ms;
}

static unsigned long long xdp_attached(unsigned int i)
{
	int prog = bpf_program__fd(skel->progs.look_xdp);

	attach_xdp(V1, -1, DRV_MODE);
	attach_xdp(V0, prog, DRV_MODE);
	attach_xdp(V1, prog, DRV_MODE);
	attach_xdp(V0, -1, DRV_MODE);
	return 0;
}

static unsigned long long entries_deleted(unsigned int i)
{
	__u32 key = 0, n;

	open_socket();
	for (n = 0; n < 20; n++) {
		fill_maps();
		bpf_map_update_elem(bpf_map__fd(skel->maps.xskmap), &key, &sock.fd, 0);
		usleep(n * 50);
		read_socket();
		bpf_map_delete_elem(bpf_map__fd(skel->maps.devmap), &key);
		bpf_map_delete_elem(bpf_map__fd(skel->maps.devmap_hash), &key);
		bpf_map_delete_elem(bpf_map__fd(skel->maps.cpumap), &key);
		bpf_map_delete_elem(bpf_map__fd(skel->maps.xskmap), &key);
	}
	close_socket();
	fill_maps();
	return 0;
}

/* Program and maps go while their frames are still in queues. */
static unsigned long long maps_deleted(unsigned int i)
{
	struct lessons_bpf *own = lessons_bpf__open_and_load(), *mine = skel;
	struct run run;

	if (!own)
		die("lessons.bpf.o");
	skel = own;
	fill_maps();
	open_socket();			/* into the map of its own */
	own->bss->verdict = XDP_REDIRECT;
	own->bss->how = BY_DEVMAP + i % 4;
	run = run_of(300, 0, V0);
	if (live(&run))
		die("run into a map of its own");
	skel = mine;
	lessons_bpf__destroy(own);
	close_socket();
	return 0;
}

static unsigned long long signalled(unsigned int i)
{
	int n, w;

	for (n = 0; n < 50; n++) {
		for (w = 0; w < cpus; w++)
			kill(workers[w], SIGALRM);
		usleep(n * 40);
	}
	return 0;
}

static unsigned long long mtu_changed(unsigned int i)
{
	timed("ip link set v0 mtu 68; ip link set v0 mtu 1500; ip link set v1 mtu 70; ip link set v1 mtu 1500");
	return 0;
}

static unsigned long long sockets_opened(unsigned int i)
{
	open_socket();
	usleep(5000);
	read_socket();
	usleep(i % 4 * 1000);
	close_socket();
	return 0;
}

static unsigned long long cpu_unplugged(unsigned int i)
{
	write_file("/sys/devices/system/cpu/cpu1/online", "0");
	usleep(20000);
	write_file("/sys/devices/system/cpu/cpu1/online", "1");
	return 0;
}

static unsigned long long nothing(unsigned int i)
{
	usleep(100000);
	return 0;
}

static const struct race {
	const char *name;
	unsigned long long (*change)(unsigned int i);
	unsigned int least;		/* times */
	bool gone, signals;		/* runs end with -ENODEV, with -EINTR */
} races[] = {
	{ "nothing happens", nothing },
	{ "L14: entries of the four redirect maps come and go", entries_deleted },
	{ "L14: program and maps are freed right after a run", maps_deleted, .least = 4 },
	{ "W04: AF_XDP sockets are opened and closed", sockets_opened },
	{ "W06: signals", signalled, .signals = true },
	{ "XDP programs are attached and detached at both ends", xdp_attached },
	{ "MTU changes", mtu_changed },
	{ "the device is renamed", device_renamed },
	{ "W08: the device is moved to another namespace and back", device_moved, .least = REMOVALS, .gone = true },
	{ "W08: the device is removed", device_removed, .least = REMOVALS, .gone = true },
	{ "W08: the namespace of its peer is deleted", namespace_deleted, .least = REMOVALS, .gone = true },
	{ "a CPU is unplugged", cpu_unplugged },
};

static int by_time(const void *a, const void *b)
{
	unsigned long long x = *(unsigned long long *)a, y = *(unsigned long long *)b;

	return x < y ? -1 : x > y;
}

static void start_workers(enum kind kind)
{
	int i;

	memset(counters, 0, cpus * sizeof(*counters));
	fflush(stdout);
	for (i = 0; i < cpus; i++) {
		workers[i] = fork();
		if (!workers[i])
			work(i, &counters[i], kind);
	}
	usleep(100000);
}

/* Return: workers that did not stop, and were killed */
static int stop_workers(enum kind kind)
{
	unsigned long long late = now_ms() + TOO_LONG_MS;
	int i, alive = cpus;

	for (i = 0; i < cpus; i++)
		counters[i].stop = 1;
	/* Short runs must end by themselves. */
	for (; alive && now_ms() < late; usleep(1000)) {
		for (i = 0; kind == ENDLESS && i < cpus; i++)
			if (workers[i])
				kill(workers[i], SIGALRM);
		for (i = 0; i < cpus; i++)
			if (workers[i] && waitpid(workers[i], NULL, WNOHANG) > 0) {
				workers[i] = 0;
				alive--;
			}
	}
	for (i = 0; i < cpus; i++)
		if (workers[i])
			kill(workers[i], SIGKILL);
	return alive;
}

/* A removal that waits for an endless run would wait for ever. */
static void too_long(int sig)
{
	int i;

	for (i = 0; i < cpus; i++)
		if (workers[i])
			kill(workers[i], SIGKILL);
}

/* Frames are on their way, once more. */
static void wait_for_frames(void)
{
	unsigned long long end = now_ms() + PATIENCE_MS;
	volatile __u64 *seq = &skel->bss->seq;
	__u64 from = *seq;

	while (*seq < from + 1000)
		if (usleep(1000) || now_ms() > end)
			die("no frames are sent");
}

/* Return: ms that a change takes, the median */
static unsigned long long change(const struct race *race, unsigned int ms, unsigned int *n, unsigned long long *worst)
{
	unsigned long long begin, took[1000];

	signal(SIGALRM, too_long);
	for (*n = 0, begin = now_ms(); *n < ARRAY_SIZE(took) && (now_ms() - begin < ms || *n < race->least); ++*n) {
		wait_for_frames();
		took[*n] = race->change(*n);
	}
	qsort(took, *n, sizeof(*took), by_time);
	*worst = took[*n - 1];
	return took[*n / 2];
}

static void race(const struct race *race, unsigned int ms)
{
	enum kind kind = race->gone ? ENDLESS : SHORT;
	unsigned long runs = 0, frames = 0, ended[3] = {};
	unsigned long long busy = 0, took, worst;
	unsigned int n, alive;
	struct run run;
	int odd = 0, err, i;
	bool good;

	/* A second, or more if the machine's CPUs, which are emulated and shared, are busy with other work. The failure to find is
	 * a removal that waits for a run. The bench measures how long a removal takes on a machine of known speed.
	 */
	if (race->gone) {
		start_workers(PLAIN);
		busy = change(race, 0, &n, &worst);
		stop_workers(PLAIN);
	}
	start_workers(kind);
	took = change(race, ms, &n, &worst);
	alive = stop_workers(kind);
	for (i = 0; i < cpus; i++) {
		runs += counters[i].runs;
		frames += counters[i].frames;
		ended[0] += counters[i].ended[0];
		ended[1] += counters[i].ended[1];
		ended[2] += counters[i].ended[2];
		odd = counters[i].odd ?: odd;
	}

	fill_maps();
	usleep(200000);
	start(XDP_TX, 0);
	run = run_of(200, 0, V0);
	err = live(&run);
	good = !err && wait_for(200);
	ok(good && !alive && runs && frames && !ended[2] && (race->gone ? ended[0] >= n : !ended[0]) && (race->signals ? ended[1] : !ended[1]),
	   "%s: %u times in %lu runs of %lu frames, %lu ended with ENODEV, %lu with EINTR", race->name, n, runs, frames,
	   ended[0], ended[1]);
	if (ended[2] || alive || !good)
		diag("%lu runs ended otherwise, the last one with %d; %u workers did not end; afterwards %d, %llu of 200 frames",
		     ended[2], odd, alive, err, skel->bss->arrived[0]);
	if (race->gone)
		ok(took <= 1000 + 6 * busy, "%s: done in %llu ms, the median of %u, at most %llu; %llu during plain runs", race->name, took,
		   n, worst, busy);
	all_runs += runs;
	all_changes += n;
}

int main(void)
{
	unsigned int i, ms = getenv("RACE_MS") ? atoi(getenv("RACE_MS")) : 2000;

	prepare();
	setup("ip netns add races");
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus > WORKERS)
		cpus = WORKERS;
	counters = mmap(NULL, cpus * sizeof(*counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	diag("%d CPUs; ip link del takes %llu ms without runs", cpus, device_removed(0));

	for (i = 0; i < ARRAY_SIZE(races); i++) {
		if (!wanted(races[i].name))
			continue;
		if (races[i].change == cpu_unplugged && access("/sys/devices/system/cpu/cpu1/online", W_OK)) {
			diag("no CPU can be unplugged here");
			continue;
		}
		race(&races[i], ms);
	}
	diag("%lu runs raced with %lu changes", all_runs, all_changes);
	timed("ip link del v0; ip netns del races");
	rmdir(TRACE);
	return done();
}
