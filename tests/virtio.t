#!/bin/sh
# Live frames through a virtio-net device of QEMU (tests/virtio.c); what left it is compared by virtio.host.
exec virtio
