// SPDX-License-Identifier: GPL-2.0-only
/* Ways in which programs ask for live frames, one row each. Every row sends from veth0 to veth1, and passes if the call
 * answers as it should, the program ran and the far end counted as many frames as the call says, and all were intact.
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach.h"
#include "clients.skel.h"

#define SIZE 64
#define META 0xa5
#define MAX_META 8

static const struct client {
	const char *name;
	__u32 repeat;
	__u32 batch_size;
	__u32 metalen;
	int no_ctx;
	size_t attr_size;	/* without libbpf, 0: with it */
	int signals;		/* as many, one every 0.2 s, then the client gives up */
} clients[] = {
	{ "no context at all", .repeat = 1000, .no_ctx = 1 },
	{ "an attribute of 80 bytes, without libbpf", .repeat = 1000, .batch_size = 32, .attr_size = 80 },
	{ "repeat 4294967295, ended by signals and restarted on EINTR", .repeat = 4294967295U, .signals = 5 },
	{ "metadata of 4 bytes", .repeat = 1000, .metalen = 4 },
	{ "metadata of 8 bytes", .repeat = 1000, .metalen = 8 },
	{ "batch size 0", .repeat = 1000, .batch_size = 0 },
	{ "batch size 1", .repeat = 1000, .batch_size = 1 },
	{ "batch size 256", .repeat = 1000, .batch_size = 256 },
};

static volatile sig_atomic_t alarms;
static void on_alarm(int signal) { alarms++; }

/* One call. Sets what it says of the frames that ran, returns the error. */
static int call(const struct client *c, int prog, __u32 *retval)
{
	__u8 data[MAX_META + SIZE];
	struct xdp_md ctx = {
		.data = c->metalen,
		.data_end = c->metalen + SIZE,
		.ingress_ifindex = if_nametoindex("veth0"),
	};
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts,
		.data_in = data,
		.data_size_in = c->metalen + SIZE,
		.repeat = c->repeat,
		.flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		.batch_size = c->batch_size,
		.retval = 4711,
	);
	int i, err = 0;

	memset(data, META, c->metalen);
	for (i = 0; i < SIZE; i++)
		data[c->metalen + i] = i;
	if (!c->no_ctx) {
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}

	if (c->attr_size) {
		union bpf_attr attr = { .test = {
			.prog_fd = prog,
			.retval = opts.retval,
			.data_in = (unsigned long)data,
			.data_size_in = opts.data_size_in,
			.ctx_in = (unsigned long)opts.ctx_in,
			.ctx_size_in = opts.ctx_size_in,
			.repeat = opts.repeat,
			.flags = opts.flags,
			.batch_size = opts.batch_size,
		} };

		if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, c->attr_size))
			err = errno;
		*retval = attr.test.retval;
		return err;
	}
	if (bpf_prog_test_run_opts(prog, &opts))
		err = errno;
	*retval = opts.retval;
	return err;
}

/* As many frames as the calls say, or -1 */
static long run(const struct client *c, int prog)
{
	struct itimerval every = { { 0, 200000 }, { 0, 200000 } }, never = { };
	long frames = 0;
	__u32 retval;
	int err;

	if (!c->signals) {
		err = call(c, prog, &retval);
		if (err || retval)
			printf("# %s, retval %u\n", strerror(err), retval);
		return err || retval ? -1 : (long)c->repeat;
	}

	alarms = 0;
	setitimer(ITIMER_REAL, &every, NULL);
	do {
		err = call(c, prog, &retval);
		printf("# %s after %u frames\n", strerror(err), retval);
		frames += retval;
	} while (err == EINTR && retval && alarms < c->signals);
	setitimer(ITIMER_REAL, &never, NULL);
	return err == EINTR && retval ? frames : -1;
}

/* Frames that the ring of veth1 had no room for: how many depends on when the receiver gets the CPU */
static unsigned long long ring_full(void)
{
	FILE *f = fopen("/sys/class/net/veth0/statistics/tx_dropped", "r");
	unsigned long long n;

	if (!f || fscanf(f, "%llu", &n) != 1) {
		printf("Bail out! no tx_dropped of veth0\n");
		exit(1);
	}
	fclose(f);
	return n;
}

int main(void)
{
	struct clients_bpf *skel = clients_bpf__open_and_load();
	const int rows = sizeof(clients) / sizeof(clients[0]);
	struct sigaction action = { .sa_handler = on_alarm };
	unsigned long long full;
	int i, tries, ok;
	long frames;

	printf("1..%d\n", rows);
	if (!skel || attach_xdp(if_nametoindex("veth1"), bpf_program__fd(skel->progs.receive), DRV_MODE)) {
		printf("Bail out! cannot load, or attach to veth1: %s\n", strerror(errno));
		return 1;
	}
	skel->bss->to_ifindex = if_nametoindex("veth0");
	sigaction(SIGALRM, &action, NULL);

	for (i = 0; i < rows; i++) {
		skel->bss->metalen = clients[i].metalen;
		skel->bss->sent = skel->bss->received = skel->bss->wrong = 0;
		full = ring_full();
		frames = run(&clients[i], bpf_program__fd(skel->progs.send));
		/* The last ones may still be on their way. */
		for (tries = 0; tries < 300 && skel->bss->received + ring_full() - full != skel->bss->sent; tries++)
			usleep(100000);
		full = ring_full() - full;
		ok = skel->bss->sent == frames && skel->bss->received && skel->bss->received + full == frames && !skel->bss->wrong;
		printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1, clients[i].name);
		if (!ok)
			printf("# frames: %ld said, %llu sent, %llu received, %llu not, as the ring was full, %llu wrong\n", frames,
			       skel->bss->sent, skel->bss->received, full, skel->bss->wrong);
	}
	return 0;
}
