// SPDX-License-Identifier: GPL-2.0-only
/* Ways in which programs ask for live frames, one row each. Every row sends from veth0 to veth1. It passes if the call returns
 * what it should, the program ran and the far end counted as many frames as the call says, and all of them were intact.
 */
#include <net/if.h>
#include <signal.h>
#include <sys/time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "live.h"
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
	int signals;		/* this many, one every 0.2 s, then the client gives up */
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
		.flags = LIVE,
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
			diag("%s, retval %u", strerror(err), retval);
		return err || retval ? -1 : (long)c->repeat;
	}

	alarms = 0;
	setitimer(ITIMER_REAL, &every, NULL);
	do {
		err = call(c, prog, &retval);
		diag("%s after %u frames", strerror(err), retval);
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

	if (!f || fscanf(f, "%llu", &n) != 1)
		die("no tx_dropped of veth0");
	fclose(f);
	return n;
}

int main(void)
{
	struct clients_bpf *skel = clients_bpf__open_and_load();
	struct sigaction action = { .sa_handler = on_alarm };
	unsigned long long full;
	unsigned int i;
	long frames;
	int tries;

	if (!skel || attach_xdp(if_nametoindex("veth1"), bpf_program__fd(skel->progs.receive), DRV_MODE))
		die("cannot load, or attach to veth1");
	skel->bss->to_ifindex = if_nametoindex("veth0");
	sigaction(SIGALRM, &action, NULL);

	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		skel->bss->metalen = clients[i].metalen;
		skel->bss->sent = skel->bss->received = skel->bss->wrong = 0;
		full = ring_full();
		frames = run(&clients[i], bpf_program__fd(skel->progs.send));
		/* The last ones may still be on their way. */
		for (tries = 0; tries < 300 && skel->bss->received + ring_full() - full != skel->bss->sent; tries++)
			usleep(100000);
		full = ring_full() - full;
		if (!ok(skel->bss->sent == frames && skel->bss->received && skel->bss->received + full == frames &&
			!skel->bss->wrong, "%s", clients[i].name))
			diag("frames: %ld said, %llu sent, %llu received, %llu not, as the ring was full, %llu wrong", frames,
			     skel->bss->sent, skel->bss->received, full, skel->bss->wrong);
	}
	return done();
}
