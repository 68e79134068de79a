// SPDX-License-Identifier: GPL-2.0-only
/* part PATH: load a program that is part of another one, as libxdp's are, and pin it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "dispatcher.skel.h"
#include "part.skel.h"

int main(int argc, char **argv)
{
	struct dispatcher_bpf *dispatcher = dispatcher_bpf__open_and_load();
	struct part_bpf *part = part_bpf__open();

	return argc != 2 || !dispatcher || !part ||
	       bpf_program__set_attach_target(part->progs.part_of_dispatcher,
					      bpf_program__fd(dispatcher->progs.dispatcher), "part") ||
	       part_bpf__load(part) ||
	       bpf_obj_pin(bpf_program__fd(part->progs.part_of_dispatcher), argv[1]);
}
