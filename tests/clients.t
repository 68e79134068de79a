#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Clients that call the kernel in other ways than bpftool does (clients.c).
#
#   veth0 ------------- veth1
#                       XDP: receive
trap 'ip link del veth0' EXIT
ip link add veth0 type veth peer name veth1
for dev in veth0 veth1; do ip link set $dev addrgenmode none up; done
"$PROGRAMS/clients"
