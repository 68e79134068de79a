/* SPDX-License-Identifier: GPL-2.0-only */
/* XDP programs at devices, without libbpf, whose function for it has another name in each generation. */
#ifndef ATTACH_H
#define ATTACH_H

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/netlink.h>

/* XDP_FLAGS_*, IFLA_XDP*, RTM_SETLINK of kernel headers, whose copies in tools/ do not go with the C library's */
enum { SKB_MODE = 1 << 1, DRV_MODE = 1 << 2 };
enum { NEST_XDP = 43 | NLA_F_NESTED, NEST_XDP_FD = 1, NEST_XDP_FLAGS = 3, SET_LINK = 19 };

/* fd -1 detaches. Return: 0 or -errno */
int attach_xdp(int ifindex, int fd, __u32 flags);

#endif
