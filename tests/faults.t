#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every allocation of a live run fails once (tests/faults.c). Needs a kernel that can inject faults: CONFIG=debug.
exec faults
