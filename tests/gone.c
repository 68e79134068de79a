// SPDX-License-Identifier: GPL-2.0-only
/* Frames that are queued or in flight when the device they came from is removed, moved, set down, or deleted with the namespace
 * of its peer: during a run and right after it, by each redirect map, while busy tasks keep the receiver from its CPU.
 * No frame may outlive its device, and no frame may hold it.
 *
 *	CPU 0: the cpumap's thread, and busy tasks		CPU 1: the run, and who takes the device away
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "looker.h"

#define QUEUE 16384
#define BUSY 8
#define FRAMES 20000

static pid_t busy[BUSY];

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void start_busy(void)
{
	int i;

	fflush(stdout);
	for (i = 0; i < BUSY; i++) {
		busy[i] = fork();
		if (busy[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(0);
		for (;;)
			;
	}
}

static void stop_busy(void)
{
	int i;

	for (i = 0; i < BUSY; i++) {
		kill(busy[i], SIGKILL);
		waitpid(busy[i], NULL, 0);
	}
}

static void fill_maps(void)
{
	struct bpf_devmap_val dev = { .ifindex = V0 };
	struct bpf_cpumap_val cpu = { .qsize = QUEUE };
	__u32 key = 0;

	if (bpf_map_update_elem(bpf_map__fd(skel->maps.devmap), &key, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.devmap_hash), &key, &dev, 0) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.cpumap), &key, &cpu, 0))
		die("maps");
}

static void attach_far_end(void)
{
	if (attach_xdp(V1, bpf_program__fd(skel->progs.look_xdp), DRV_MODE))
		die("XDP at v1");
}

/* --- What happens to the device */

static void removed(void)
{
	setup("ip link del v0");
}

static void moved(void)
{
	setup("ip link set v0 netns gone; ip -n gone link set v0 up");
}

static void down(void)
{
	setup("ip link set v0 down");
}

static void namespace_deleted(void)
{
	unsigned long long end = now_ms() + PATIENCE_MS;

	setup("ip netns del gone-far");
	/* The command does not wait. */
	while (if_nametoindex("v0"))
		if (usleep(1000) || now_ms() > end)
			die("v0 is still there");
}

static const struct way {
	const char *name;
	void (*change)(void);
	const char *before, *after;
	bool stays;
} ways[] = {
	{ "removed", removed },
	{ "moved", moved, .after = "ip -n gone link del v0" },
	{ "set down", down, .after = "ip link del v0", .stays = true },
	{ "gone with its peer's namespace", namespace_deleted,
	  .before = "ip netns add gone-far; ip link set v1 netns gone-far; ip -n gone-far link set v1 up" },
};

static const struct {
	const char *name;
	int how;
} maps[] = {
	{ "CPUMAP", BY_CPUMAP }, { "DEVMAP", BY_DEVMAP }, { "DEVMAP_HASH", BY_DEVMAP_HASH }, { "XSKMAP", BY_XSKMAP },
};

static void add_device(void)
{
	setup("ip link add v0 index 100 type veth peer name v1 index 101; ip link set v1 up; ip link set v0 up");
	attach_far_end();
	fill_maps();
}

/* Return: ms that the change takes */
static unsigned long long timed(const struct way *way)
{
	unsigned long long begin = now_ms();

	way->change();
	return now_ms() - begin;
}

static void on_signal(int sig)
{
}

/* Return: ms; with frames on their way if there is a MAP */
static unsigned long long go(const struct way *way, int map, bool after, int *err, bool *ended)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct run run = run_of(FRAMES, 256, V0);
	unsigned long long took, end;
	volatile __u64 *seq = &skel->bss->seq;
	int status;
	pid_t pid = 0;

	add_device();
	if (way->before)
		setup(way->before);
	*err = 0;
	*ended = true;
	if (map < 0) {
		took = timed(way);
		goto out;
	}

	start(XDP_REDIRECT, maps[map].how);
	if (maps[map].how == BY_XSKMAP)
		open_socket();
	if (after) {
		*err = live(&run);
		took = timed(way);
	} else {
		fflush(stdout);
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sigaction(SIGALRM, &action, NULL);
			run.repeat = -1;
			_exit(-live(&run));
		}
		for (end = now_ms() + PATIENCE_MS; *seq < FRAMES; usleep(1000))
			if (now_ms() > end)
				die("no frames");
		took = timed(way);
		if (way->stays) {
			usleep(100000);
			*ended = !waitpid(pid, &status, WNOHANG);	/* it goes on */
			kill(pid, SIGALRM);
		}
		for (end = now_ms() + PATIENCE_MS; waitpid(pid, &status, WNOHANG) == 0; usleep(1000))
			if (now_ms() > end) {
				kill(pid, SIGKILL);
				*ended = false;
			}
		*err = WIFEXITED(status) ? -WEXITSTATUS(status) : -1;
		if (*err == (way->stays ? -EINTR : -ENODEV))
			*err = 0;
	}
	if (maps[map].how == BY_XSKMAP)
		close_socket();
out:
	if (way->after)
		setup(way->after);
	return took;
}

static void all(void)
{
	unsigned long long idle, took;
	unsigned int w, m, after;
	char name[200];
	bool ended;
	int err;

	setup("ip link del v0");
	for (w = 0; w < ARRAY_SIZE(ways); w++) {
		start_busy();
		idle = go(&ways[w], -1, false, &err, &ended);
		for (m = 0; m < ARRAY_SIZE(maps); m++)
			for (after = 0; after < 2; after++) {
				snprintf(name, sizeof(name), "R1, H8: %s, %s %s", maps[m].name, ways[w].name,
					 after ? "right after a run" : "in mid-run");
				if (!wanted(name))
					continue;
				took = go(&ways[w], m, after, &err, &ended);
				if (!ok(!err && ended && took <= 1000 + 6 * idle, "%s, in %llu ms, %llu without frames", name, took, idle))
					diag("err %d, ended %d", err, ended);
			}
		stop_busy();
	}
	add_device();
}

int main(void)
{
	struct run run;
	int err;

	prepare();
	setup("ip netns add gone");
	pin(1);
	all();
	start(XDP_TX, 0);
	run = run_of(200, 0, V0);
	err = live(&run);
	ok(!err && wait_for(200), "afterwards everything works");
	setup("ip link del v0; ip netns del gone");
	rmdir(TRACE);
	return done();
}
