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
static int attach_xdp(int ifindex, int fd, __u32 flags)
{
	struct {
		struct nlmsghdr head;
		struct { __u16 family, type; int index; __u32 flags, change; } link;
		struct nlattr xdp, fd_head;
		int fd;
		struct nlattr flags_head;
		__u32 flags;
	} ask = {
		.head = { sizeof(ask), SET_LINK, NLM_F_REQUEST | NLM_F_ACK },
		.link.index = ifindex,
		.xdp = { 2 * (NLA_HDRLEN + 4) + NLA_HDRLEN, NEST_XDP },
		.fd_head = { NLA_HDRLEN + 4, NEST_XDP_FD },
		.fd = fd,
		.flags_head = { NLA_HDRLEN + 4, NEST_XDP_FLAGS },
		.flags = flags,
	};
	char answer[8192];
	struct nlmsghdr *head = (void *)answer;
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), err = 0;
	ssize_t len;

	if (sock < 0 || send(sock, &ask, sizeof(ask), 0) < 0 || (len = recv(sock, answer, sizeof(answer), 0)) < 0)
		err = -errno;
	else if (len < (ssize_t)NLMSG_LENGTH(sizeof(int)) || head->nlmsg_type != NLMSG_ERROR)
		err = -EPROTO;
	else
		err = ((struct nlmsgerr *)NLMSG_DATA(head))->error;
	if (sock >= 0)
		close(sock);
	errno = -err;
	return err;
}

#endif
