#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Live frames through a virtio-net device of QEMU (tests/virtio.c); virtio.host compares what left it.
exec virtio
