#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# builds with a small configuration
. "$(dirname "$0")/../../lib/base"
. "$LIB/check"
not_if_quick
CONFIGS_TREE=$wt exec "$TOP/scripts/configs" bpf-up ${FULL:+inet-smp}
