// SPDX-License-Identifier: GPL-2.0-only
#include "attach.h"

int attach_xdp(int ifindex, int fd, __u32 flags)
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
